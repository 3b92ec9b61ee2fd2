import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { basename } from 'node:path';
import type { MeterDayCommand } from '../domain/meterday/command.ts';
import { emptyView, SOURCE, viewSlot } from '../domain/meterday/effective.ts';
import { meterDay } from '../domain/meterday/meterday.ts';
import type { OpenDay } from '../domain/meterday/state.ts';
import { confidenceOf } from '../domain/vee/confidence.ts';
import { JoulekeepError } from '../events/index.ts';
import { type ImportedBlock, importFile } from '../exchange/import.ts';
import { foldDay, openDays } from '../lambdas/shared/day-streams.ts';
import { localDayOfSlot } from '../lambdas/shared/local-days.ts';
import { runDecider } from '../lambdas/shared/streams.ts';
import type { Platform } from '../platform/ports/platform.ts';
import type { SubjectAccess } from '../platform/ports/subject-access.ts';
import { ImportPlaces } from './import-places.ts';

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
interface Wanted {
  readonly line: number;
  readonly stream: string;
  readonly channel: number;
  readonly end: number;
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
  if (problems.length > 0) return { problems };
  const streams = [...new Set(wanted.map(({ stream }) => stream))];
  if (streams.length === 0) return { slots: 0, days: 0, proposed: 0, unchanged: 0 };
  const names = await partsOf(platform, streams);
  for (const one of wanted) if (!names.has(one.stream)) problems.push({ line: one.line, what: `${one.stream}: the day is not closed` });
  if (problems.length > 0) return { problems: firstOfEach(problems) };
  const access = await openDays(
    platform,
    'editing',
    [...names.values()].flat().map((stream) => ({ stream })),
    { person: words.by },
  );
  const digest = createHash('sha256').update(bytes).digest('hex').slice(0, 16);
  const note = `${words.kind} of ${basename(file)}, SHA-256 ${digest}, by a ${words.role}`;
  const plan = await planned(platform, access, { wanted, names, words, note }, problems);
  if (problems.length > 0) return { problems: firstOfEach(problems) };
  for (const { stream, day, commands } of plan) {
    const subject = { of: 'usage', subject: day.frame.subject, month: day.frame.day.slice(0, 7) } as const;
    await runDecider(platform.events, stream, meterDay, commands, undefined, { subject, access });
  }
  const slots = plan.reduce((sum, { commands }) => sum + commands.reduce((of, one) => of + ('slots' in one ? one.slots.length : 0), 0), 0);
  const proposed = plan.filter(({ day }) => day.final).length;
  return { slots, days: plan.length, proposed, unchanged: wanted.length - slots };
}

async function placed(
  platform: Platform,
  blocks: readonly ImportedBlock[],
  { kind }: ImportWords,
  problems: FileProblem[],
): Promise<Wanted[]> {
  const places = new ImportPlaces(platform, kind === 'check-meter');
  const wanted: Wanted[] = [];
  for (const block of blocks) {
    const step = block.minutes * 60;
    const first = block.values.findIndex((value) => value !== null);
    if (first < 0) continue;
    const place = await places.of(block, block.start + first * step);
    if (typeof place === 'string') {
      problems.push({ line: block.line, what: place });
      continue;
    }
    const { meterId, channel, zone } = place;
    for (const [i, energyWh] of block.values.entries()) {
      const end = block.start + (i + 1) * step;
      if (energyWh === null) continue;
      wanted.push({ line: block.line, stream: `meterday/${meterId}/${localDayOfSlot(end, zone).day}`, channel, end, energyWh });
    }
  }
  return wanted;
}

/** Streams of the parts of each day, by the name of the first. */
async function partsOf({ events }: Platform, days: readonly string[]): Promise<Map<string, readonly string[]>> {
  const parts = new Map<string, readonly string[]>();
  for (const day of days) {
    const names = await Array.fromAsync(events.streams(day));
    if (names.length > 0) parts.set(day, names);
  }
  return parts;
}

interface Plan {
  readonly wanted: readonly Wanted[];
  readonly names: ReadonlyMap<string, readonly string[]>;
  readonly words: ImportWords;
  readonly note: string;
}

async function planned(platform: Platform, access: SubjectAccess, plan: Plan, problems: FileProblem[]): Promise<Planned[]> {
  const found: Planned[] = [];
  for (const [name, values] of Map.groupBy(plan.wanted, ({ stream }) => stream)) {
    let covered = 0;
    for (const stream of plan.names.get(name)!) {
      const day = await dayOf(platform, stream, access);
      const inside = values.filter(({ end }) => day !== undefined && end > day.frame.start && end <= day.frame.end);
      if (day === undefined || inside.length === 0) continue;
      covered += inside.length;
      const at = platform.clock.now();
      const commands = [...Map.groupBy(inside, ({ channel }) => channel)].flatMap(([, of]) =>
        commandOf(day, of, { ...plan, at }, problems),
      );
      if (commands.length > 0) found.push({ stream, day, commands, line: inside[0]!.line });
    }
    if (covered < values.length) problems.push({ line: values[0]!.line, what: `${name}: a slot lies in no part of the day` });
  }
  for (const one of found) tryOut(one, problems);
  return found;
}

const view = emptyView();

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
  const slots: number[] = [];
  const counts: number[] = [];
  for (const { end, energyWh } of [...values].sort((a, b) => a.end - b.end)) {
    const slot = (end - day.frame.start) / (day.frame.minutes * 60) - 1;
    const value = energyWh / channel.perCount;
    if (!Number.isInteger(value))
      problems.push({ line, what: `${energyWh} ${channel.asset.unit} are no whole counts of ${channel.perCount}` });
    viewSlot(channel, slot, true, view);
    const firm = view.source === SOURCE.measured || view.source === SOURCE.E11;
    const stands = view.counts === value && (words.kind === 'edits' ? firm : view.source === SOURCE.E1);
    const above = words.kind === 'check-meter' && firm;
    if (stands || above) continue;
    slots.push(slot);
    counts.push(value);
  }
  if (slots.length === 0) return [];
  const of = { channel: number, slots, counts, reason: words.reason, note, by: words.by, at };
  if (words.kind === 'edits') return [{ type: 'AgreeReading', ...of }];
  return [{ type: 'EstimateSlots', ...of, sources: slots.map(() => SOURCE.E1), confidence: slots.map(() => confidenceOf('E1', false, 0)) }];
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
