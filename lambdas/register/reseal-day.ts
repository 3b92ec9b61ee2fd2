import { createHash } from 'node:crypto';
import { cutHistory } from '../../domain/meterday/reseal.ts';
import { type DayFrame, JoulekeepError, type MeterDayEvent } from '../../events/index.ts';
import type { StreamHead, SubjectKey } from '../../platform/ports/event-store.ts';
import type { Platform } from '../../platform/ports/platform.ts';
import type { SubjectAccess } from '../../platform/ports/subject-access.ts';
import { VersionConflict } from '../../platform/ports/version-conflict.ts';
import { meterDayStream } from '../shared/days/local-days.ts';
import { noteReclose } from '../shared/days/reclose-agenda.ts';

/** One pass over the days of a subject and month. */
export interface Resealing {
  readonly platform: Platform;
  readonly access: SubjectAccess;
  /** Rows that will be destroyed: nothing that counts may be left under them. */
  readonly oldRows: ReadonlySet<string>;
  /** Days are divided anew where they should be, whatever row they lie under. */
  readonly divides?: true;
  /** Names this pass in DayResealed, so that a pass that broke off goes on instead of beginning again. */
  readonly reason: string;
}

/** How a stream stood before this pass, whatever the pass has done to it since. */
interface Source {
  readonly stream: string;
  readonly head: StreamHead;
  /** Its events since it was last sealed again. */
  readonly history: readonly MeterDayEvent[];
  readonly frame: DayFrame | undefined;
  /** This pass has sealed it again. */
  readonly done: boolean;
  /** What counts of it lies under an old row. */
  readonly stale: boolean;
}

const ATTEMPTS = 12;

/**
 * Seals one day of one meter again. What it says about order: streams that are under no old row come first, so that as long as
 * anything is left to do, some stream under an old row says so. Where days are divided, later parts come first for the same reason.
 * @param names streams of the day there are
 * @param framesOf parts of the day as they should be; undefined leaves them as they are, under new rows
 * @returns streams sealed again
 */
export async function resealDay(
  pass: Resealing,
  names: readonly string[],
  framesOf: ((frame: DayFrame) => readonly DayFrame[]) | undefined,
): Promise<number> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await tryDay(pass, names, framesOf);
    } catch (error) {
      if (!(error instanceof VersionConflict) || attempt === ATTEMPTS) throw error;
    }
  }
}

async function tryDay(pass: Resealing, names: readonly string[], framesOf: ((frame: DayFrame) => readonly DayFrame[]) | undefined) {
  const sources = await Promise.all(names.map((name) => readSource(pass, name)));
  const known = sources.find(({ frame }) => frame !== undefined)?.frame;
  if (known === undefined || !(pass.divides || sources.some(({ stale }) => stale))) return 0;
  const wanted = [...(framesOf?.(known) ?? sources.flatMap(({ frame }) => frame ?? []))];
  // A first part that is cut last still holds what the parts behind it are made of.
  if (pass.divides) wanted.reverse();
  const byStream = new Map(wanted.map((frame) => [streamOf(frame), frame]));
  const order = [...wanted.map(streamOf), ...names.filter((name) => !byStream.has(name))];
  const isStale = (name: string) => sources.some(({ stream, stale }) => stream === name && stale);
  let sealed = 0;
  for (const name of [...order.filter((one) => !isStale(one)), ...order.filter(isStale)]) {
    const source = sources.find(({ stream }) => stream === name);
    if (await sealStream(pass, name, source, byStream.get(name), sources)) sealed++;
  }
  return sealed;
}

async function sealStream(
  pass: Resealing,
  stream: string,
  source: Source | undefined,
  frame: DayFrame | undefined,
  sources: readonly Source[],
): Promise<boolean> {
  if (source?.done && source.stale)
    throw new JoulekeepError('ERR_RESEAL_UNDER_OLD_KEY', `${stream}: was sealed again under a key that goes`);
  if (source?.done || (source !== undefined && !source.stale && frame !== undefined && sameFrame(source.frame, frame))) return false;
  const history = frame === undefined ? [] : sources.flatMap((one) => (overlaps(one.frame, frame) ? cutHistory(one.history, frame) : []));
  const target = frame ?? source?.frame;
  if (target === undefined || (source === undefined && history.length === 0)) return false;
  const data = { frame: target, history, reason: pass.reason, at: pass.platform.clock.now() };
  if (history.length > 0 && !history.some(isOutcome)) await noteReclose(pass.platform, target.meterId, target.day, data.at);
  await append(
    pass,
    source?.head,
    stream,
    { type: 'DayResealed', data },
    { of: 'usage', subject: target.subject, month: target.day.slice(0, 7) },
  );
  return true;
}

function isOutcome({ type }: MeterDayEvent): boolean {
  return type === 'DayProvisional' || type === 'DayFinalized' || type === 'DayRestated';
}

async function append(
  { platform: { events }, reason }: Resealing,
  known: StreamHead | undefined,
  stream: string,
  event: MeterDayEvent,
  subject: SubjectKey,
): Promise<void> {
  const current = await events.head(stream, subject);
  const head = known ?? current;
  const commitId = createHash('sha256').update(`${stream}\0${head.version}\0${reason}`).digest();
  await events.append(head, { commitId, events: [event], subject }).durable;
}

async function readSource({ platform, access, oldRows, reason }: Resealing, stream: string): Promise<Source> {
  let history: MeterDayEvent[] = [];
  let head: StreamHead | undefined;
  let done = false;
  let stale = false;
  for await (const commit of platform.events.read(stream, 0, access)) {
    head = commit.head;
    for (const event of commit.events as readonly MeterDayEvent[]) {
      if (event.type === 'DayResealed') {
        done ||= event.data.reason === reason;
        stale = false;
        if (!done) history = [];
      }
      if (!done) history.push(event);
    }
    if (oldRows.has(commit.sealedBy ?? '') && !commit.erased) stale = true;
  }
  if (head === undefined) throw new JoulekeepError('ERR_STREAM_EMPTY', `${stream}: has no commits`, { retryable: true });
  return { stream, head, history, frame: frameOf(history), done, stale };
}

/** What a history covers; nothing where all of it moved away. */
function frameOf(history: readonly MeterDayEvent[]): DayFrame | undefined {
  const [first] = history;
  if (first?.type === 'DayResealed') return first.data.history.length > 0 ? first.data.frame : undefined;
  return first?.type === 'ReadingsCollected' ? first.data.frame : undefined;
}

function streamOf({ meterId, day, part }: DayFrame): string {
  return meterDayStream(meterId, day, part);
}

function overlaps(one: DayFrame | undefined, other: DayFrame): boolean {
  return one !== undefined && one.start < other.end && other.start < one.end;
}

function sameFrame(one: DayFrame | undefined, other: DayFrame): boolean {
  return one?.subject === other.subject && one.start === other.start && one.end === other.end && one.usagePoint === other.usagePoint;
}
