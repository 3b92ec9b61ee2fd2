import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { basename } from 'node:path';
import type { MeterDayCommand } from '../../domain/meterday/command.ts';
import { emptyView, SOURCE, viewSlot } from '../../domain/meterday/effective.ts';
import { meterDay } from '../../domain/meterday/meterday.ts';
import type { ChannelState, OpenDay } from '../../domain/meterday/state.ts';
import { confidenceOf } from '../../domain/vee/confidence.ts';
import { splitEvenly } from '../../domain/vee/methods/e9-split.ts';
import { JoulekeepError } from '../../events/index.ts';
import { type ImportedBlock, importFile } from '../../exchange/import.ts';
import { foldDay, openDays } from '../../lambdas/shared/days/day-streams.ts';
import { runDecider } from '../../lambdas/shared/streams.ts';
import type { Platform } from '../../platform/ports/platform.ts';
import type { SubjectAccess } from '../../platform/ports/subject-access.ts';
import { type ImportPlace, ImportPlaces } from './import-places.ts';

/** `edits`: values that customer and utility agreed upon (E11). `check-meter`: of a second meter on the same supply (E1). */
export type ImportKind = 'edits' | 'check-meter';

export interface ImportWords {
  readonly kind: ImportKind;
  readonly by: string;
  readonly role: string;
  /** Code of the reason. */
  readonly reason: string;
}

export interface FileProblem {
  readonly line: number;
  /** 1 when absent: the line as a whole. */
  readonly column?: number;
  readonly what: string;
}

export type Applied =
  | { readonly problems: readonly FileProblem[] }
  | {
      /** Slots of the file that change something. */
      readonly slots: number;
      readonly days: number;
      /** Days that are final: what was proposed waits for a second person. */
      readonly proposed: number;
      /** Slots that stay: measured ones, and those that say the same already. */
      readonly unchanged: number;
    };

/** A value of the file with its place in the register of truth. */
interface Wanted extends ImportPlace {
  readonly line: number;
  readonly energyWh: number;
}

interface Planned {
  readonly stream: string;
  readonly day: OpenDay;
  readonly commands: readonly MeterDayCommand[];
  readonly line: number;
}

/**
 * Values of a foreign file into edits of meter days: the whole file is held against usage points, days, slots and rules before
 * anything is appended. Run again it adds what is missing, which after a whole run is nothing.
 */
export async function applyImport(platform: Platform, file: string, words: ImportWords): Promise<Applied> {
  const bytes = await readFile(file);
  const read = await importFile([bytes]);
  if (!read.ok)
    return {
      problems: read.problems.map(({ line, column, reason, remedy }) => ({ line, column, what: `${reason}. ${capital(remedy)}.` })),
    };
  if (read.reads.length > 0)
    return { problems: read.reads.map(({ line }) => ({ line, what: 'a read over a period says nothing of single slots' })) };
  const problems: FileProblem[] = [];
  const wanted = await placed(platform, read.blocks, words, problems);
  if (problems.length > 0) return { problems: firstOfEach(problems) };
  const streams = [...new Set(wanted.map(({ stream }) => stream))];
  if (streams.length === 0) return { slots: 0, days: 0, proposed: 0, unchanged: 0 };
  const closed = new Set<string>();
  for (const stream of streams) if ((await platform.events.rowsOf(stream)).length > 0) closed.add(stream);
  for (const one of wanted) if (!closed.has(one.stream)) problems.push({ line: one.line, what: `${one.stream}: ${NOT_CLOSED}` });
  if (problems.length > 0) return { problems: firstOfEach(problems) };
  const access = await openDays(
    platform,
    'editing',
    streams.map((stream) => ({ stream })),
    { person: words.by },
  );
  const digest = createHash('sha256').update(bytes).digest('hex').slice(0, 16);
  const note = `${words.kind} of ${basename(file)}, SHA-256 ${digest}, by a ${words.role}`;
  const plan = await planned(platform, access, { wanted, words, note }, problems);
  if (problems.length > 0) return { problems: firstOfEach(problems) };
  for (const { stream, day, commands } of plan) {
    const subject = { of: 'usage', subject: day.frame.subject, month: day.frame.day.slice(0, 7) } as const;
    await runDecider(platform.events, stream, meterDay, commands, undefined, { subject, access });
  }
  const slots = plan.reduce((sum, { commands }) => sum + commands.reduce((of, one) => of + ('slots' in one ? one.slots.length : 0), 0), 0);
  const proposed = plan.filter(({ day }) => day.final).length;
  const given = wanted.reduce((sum, { ends }) => sum + ends.length, 0);
  return { slots, days: plan.length, proposed, unchanged: given - slots };
}

async function placed(
  platform: Platform,
  blocks: readonly ImportedBlock[],
  { kind }: ImportWords,
  problems: FileProblem[],
): Promise<Wanted[]> {
  const isCheck = kind === 'check-meter';
  const places = new ImportPlaces(platform, { anyMeter: isCheck, coarser: isCheck });
  const wanted: Wanted[] = [];
  for (const block of blocks) {
    for (const [i, energyWh] of block.values.entries()) {
      if (energyWh === null) continue;
      const place = await places.of(block, block.start + (i + 1) * block.minutes * 60);
      if (typeof place === 'string') problems.push({ line: block.line, what: place });
      else wanted.push({ line: block.line, energyWh, ...place });
    }
  }
  return wanted;
}

interface Plan {
  readonly wanted: readonly Wanted[];
  readonly words: ImportWords;
  readonly note: string;
}

const NOT_CLOSED = 'the day is not closed';

async function planned(platform: Platform, access: SubjectAccess, plan: Plan, problems: FileProblem[]): Promise<Planned[]> {
  const found: Planned[] = [];
  for (const [stream, values] of Map.groupBy(plan.wanted, (one) => one.stream)) {
    const [{ line, start, end }] = values as [Wanted];
    const day = await dayOf(platform, stream, access);
    if (day === undefined || day.frame.start !== start || day.frame.end !== end) {
      const why = day === undefined ? NOT_CLOSED : 'it is divided otherwise than the usage point says, until it is sealed again';
      problems.push({ line, what: `${stream}: ${why}` });
      continue;
    }
    const at = platform.clock.now();
    const commands = [...Map.groupBy(values, ({ channel }) => channel)].flatMap(([, of]) => commandOf(day, of, { ...plan, at }, problems));
    if (commands.length > 0) found.push({ stream, day, commands, line });
  }
  for (const one of found) tryOut(one, problems);
  return found;
}

function commandOf(
  day: OpenDay,
  values: readonly Wanted[],
  { words, note, at }: Plan & { at: number },
  problems: FileProblem[],
): MeterDayCommand[] {
  const [{ channel: number, line }] = values as [Wanted];
  const channel = day.channels[number];
  if (channel === undefined) {
    problems.push({ line, what: `${day.frame.meterId} ${day.frame.day}: no channel ${number}` });
    return [];
  }
  const taken: TakenSlot[] = [];
  for (const one of [...values].sort((a, b) => a.ends[0]! - b.ends[0]!)) {
    const value = one.energyWh / channel.perCount;
    if (!Number.isInteger(value))
      problems.push({ line, what: `${one.energyWh} ${channel.asset.unit} are no whole counts of ${channel.perCount}` });
    else taken.push(...takenSlots(day, channel, one, value, words.kind));
  }
  if (taken.length === 0) return [];
  const [slots, counts] = [taken.map(({ slot }) => slot), taken.map((one) => one.counts)];
  const of = { channel: number, slots, counts, reason: words.reason, note, by: words.by, at };
  if (words.kind === 'edits') return [{ type: 'AgreeReading', ...of }];
  const confidence = taken.map(({ method }) => confidenceOf(method, false, 0));
  return [{ type: 'EstimateSlots', ...of, sources: taken.map(({ method }) => SOURCE[method]), confidence }];
}

interface TakenSlot {
  readonly slot: number;
  readonly counts: number;
  readonly method: 'E1' | 'E9';
}

const view = emptyView();

/** Slots that an interval of the file changes. A coarser reading is shared only where all of its slots lack a measurement (E9). */
function takenSlots({ frame }: OpenDay, channel: ChannelState, { ends }: Wanted, counts: number, kind: ImportKind): TakenSlot[] {
  const shares = splitEvenly(counts, ends.length);
  const method = ends.length === 1 ? 'E1' : 'E9';
  const slots = ends.map((end, i) => {
    const slot = (end - frame.start) / (frame.minutes * 60) - 1;
    viewSlot(channel, slot, true, view);
    const firm = view.source === SOURCE.measured || view.source === SOURCE.E11;
    const stands = view.counts === shares[i] && (kind === 'edits' ? firm : view.source === SOURCE[method]);
    return { slot, counts: shares[i]!, method, firm, stands } as const;
  });
  if (kind === 'check-meter' && slots.some(({ firm }) => firm)) return [];
  return slots.filter(({ stands }) => !stands);
}

/** What the day's rules say to it, before anything is recorded. */
function tryOut({ commands, day, line, stream }: Planned, problems: FileProblem[]): void {
  try {
    for (const command of commands) meterDay.decide(command, day);
  } catch (error) {
    if (!(error instanceof JoulekeepError)) throw error;
    problems.push({ line, what: `${stream}: ${error.message}` });
  }
}

async function dayOf(platform: Platform, stream: string, access: SubjectAccess): Promise<OpenDay | undefined> {
  const state = await foldDay(platform, stream, access);
  return state.status === 'open' ? state : undefined;
}

function firstOfEach(problems: readonly FileProblem[]): FileProblem[] {
  return [...Map.groupBy(problems, ({ line, what }) => `${line} ${what}`).values()].map(([first]) => first!);
}

export function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
