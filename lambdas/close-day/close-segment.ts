import type { Platform } from '../../platform/ports/platform.ts';
import type { LocalDay } from '../shared/days/local-days.ts';
import { plusDays } from '../shared/days/local-days.ts';
import { keptFrom, keptSegment } from '../shared/retained/kept-commits.ts';
import type { Closer, MeterDayJob } from './closer.ts';
import { Collecting } from './collecting.ts';
import { type Cursor, readCursor, writeCursor } from './cursor.ts';
import type { DayBucket } from './day-bucket.ts';
import type { RosterMember } from './roster.ts';
import { dueDays, FINAL_AFTER, MidnightMarks, readFrom } from './schedule.ts';
import { type Tally, zeroTally } from './tally.ts';

/** Meters that are closed with one flush to stable storage. */
const GROUP = 512;
/** Days of seals that are remembered, so that a seal's predecessor is known also when it comes late. */
const SEAL_DAYS = 8;
const DAY_SECONDS = 86_400;

/** How far a run is; for logs and whoever waits. */
export interface Progress {
  readonly segment: string;
  /** Day of the first zone that is closed. */
  readonly day: string;
  readonly done: number;
  readonly total: number;
}

/**
 * Closes every day of a segment whose 07:00 has come, oldest first. Each pass reads the commits from the day's midnight on once,
 * and takes what came late for older days along. A crash anywhere costs a pass: the same pass again finds what is recorded and adds
 * the rest.
 */
export async function closeSegment(
  platform: Platform,
  segment: string,
  closer: Closer,
  onProgress: (progress: Progress) => void = () => {},
): Promise<Tally> {
  const cursor = await readCursor(platform, segment);
  if (cursor.readTo < 0) await readRoster(platform, segment, cursor);
  const tally = zeroTally();
  for (;;) {
    const due = dueDays(cursor, platform.clock.now());
    if (due.size === 0) return tally;
    await closePass({ platform, segment, cursor, due, closer, onProgress, tally });
    await writeCursor(platform, segment, cursor);
  }
}

/** Nothing is known of the segment yet: who is in it says its stream, and before that the checkpoint where the stream begins. */
async function readRoster(platform: Platform, segment: string, { roster }: Cursor): Promise<void> {
  const { stream, from, joined } = await keptSegment(platform, segment);
  for (const event of joined) roster.apply(event);
  for await (const commit of platform.events.read(stream, from)) for (const event of commit.events) roster.apply(event);
}

interface Pass {
  readonly platform: Platform;
  readonly segment: string;
  readonly cursor: Cursor;
  readonly due: ReadonlyMap<string, LocalDay>;
  readonly closer: Closer;
  readonly onProgress: (progress: Progress) => void;
  readonly tally: Tally;
}

async function closePass(pass: Pass): Promise<void> {
  const { platform, segment, cursor, due, closer, onProgress, tally } = pass;
  const { collecting, readTo } = await readPass(pass);
  const jobs = jobsOf(cursor, due, collecting);
  const through = { segment, version: readTo };
  const { day } = due.values().next().value!;
  for (let from = 0; from < jobs.length; from += GROUP) {
    const group = jobs.slice(from, from + GROUP);
    await closer.close(group, { through, seals: cursor.seals, tally });
    for (const job of group) note(cursor, job);
    onProgress({ segment, day, done: Math.min(from + GROUP, jobs.length), total: jobs.length });
  }
  for (const [zone, { day }] of due) cursor.closed.set(zone, day);
  cursor.readTo = readTo;
  const oldest = Math.min(...[...due.values()].map(({ start }) => start));
  forgetOld(cursor, oldest);
  platform.log.info('segment closed', { stream: `segment/${segment}`, count: jobs.length });
}

async function readPass({ platform, segment, cursor, due }: Pass): Promise<{ collecting: Collecting; readTo: number }> {
  const { roster, closed, readTo } = cursor;
  const collecting = new Collecting(roster, { due, closed, readTo });
  const marks = new MidnightMarks(cursor, due, platform.clock.now());
  let last = readTo;
  const stream = `segment/${segment}`;
  const from = Math.max(Math.min(readFrom(cursor, due), readTo + 1), await keptFrom(platform.events, stream));
  for await (const commit of platform.events.read(stream, from)) {
    collecting.add(commit);
    marks.pass(commit);
    last = Math.max(last, commit.head.version);
  }
  marks.finish(last, Math.min(...[...due.values()].map(({ start }) => start)));
  return { collecting, readTo: last };
}

/** Every meter's due day, late days, and days that are final from now on whatever is missing. */
function jobsOf({ roster, open }: Cursor, due: ReadonlyMap<string, LocalDay>, collecting: Collecting): MeterDayJob[] {
  const jobs: MeterDayJob[] = [];
  const seen = new Set<string>();
  const add = (number: number, member: RosterMember, day: string, bucket: DayBucket | undefined, falls = false) => {
    const key = `${number}/${day}`;
    if (!seen.has(key)) jobs.push({ number, member, day, bucket, due: falls, final: false });
    seen.add(key);
  };
  for (const [number, member] of roster.members.entries()) {
    const day = member && due.get(member.asset.zone);
    if (member === undefined || day === undefined) continue;
    const here = member.since < day.end * 1000 && (member.until ?? Number.POSITIVE_INFINITY) > day.start * 1000;
    if (here || collecting.due[number] !== undefined) add(number, member, day.day, collecting.bucketOf(number, member, day), true);
  }
  for (const { member, bucket } of collecting.late.values()) add(member, roster.members[member]!, bucket.day, bucket);
  for (const [day, numbers] of open) {
    for (const number of numbers) {
      const member = roster.members[number];
      const zoneDay = member && due.get(member.asset.zone);
      if (zoneDay !== undefined && day <= plusDays(zoneDay.day, -FINAL_AFTER)) add(number, member!, day, undefined);
    }
  }
  return jobs;
}

function note({ open }: Cursor, { number, day, final }: MeterDayJob): void {
  const numbers = open.get(day) ?? new Set();
  if (final) numbers.delete(number);
  else numbers.add(number);
  if (numbers.size > 0) open.set(day, numbers);
  else open.delete(day);
}

function forgetOld({ seals }: Cursor, oldest: number): void {
  for (const place of seals.keys()) if (Number(place.slice(place.indexOf('/') + 1)) < oldest - SEAL_DAYS * DAY_SECONDS) seals.delete(place);
}
