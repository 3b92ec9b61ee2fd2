import type { SegmentCheckpointed } from '../../events/index.ts';
import type { Platform } from '../../platform/ports/platform.ts';
import { TELEMETRY_DAYS } from '../../topology/retention.ts';
import { readCursor } from '../close-day/cursor.ts';
import { neededFrom } from '../close-day/schedule.ts';
import { utcDate } from '../shared/days/utc-date.ts';
import { UNDER_WAY } from '../shared/devices/moves.ts';
import { checkpointObject } from '../shared/retained/checkpoints.ts';
import { keptFrom } from '../shared/retained/kept-commits.ts';
import { checkCheckpoint } from './checkpoint-check.ts';
import { destroyDeadRows } from './segment-rows.ts';

const DAY_MS = 86_400_000;
/** A checkpoint is recorded a moment after the state that it holds. */
const SOON_MS = 3_600_000;

/** Why a segment keeps more than it should; undefined when it doesn't. */
export type Kept = 'days-open' | 'no-checkpoint' | 'move-under-way' | 'checkpoint-unsigned' | 'checkpoint-differs' | 'body-lost';

export interface SegmentTrimmed {
  readonly segment: string;
  /** Events deleted, or to be deleted in a dry run. */
  readonly events: number;
  /** Rows of the key table destroyed. */
  readonly rows: readonly string[];
  readonly kept?: Kept;
}

/**
 * Deletes the telemetry of a segment that is past its time: up to the newest checkpoint that is old enough, of which every commit
 * is in closed meter days, and which the commits themselves, read and folded once more, agree with. Its body stands in for them
 * from then on. Every step can be repeated.
 * @source X.1332 10.1 (stored data intact)
 */
export async function trimSegment(platform: Platform, segment: string, dryRun = false): Promise<SegmentTrimmed> {
  if (!dryRun) await deleteSuperseded(platform, segment);
  const from = await keptFrom(platform.events, `segment/${segment}`);
  const found = await behindWhich(platform, segment, from);
  if (typeof found !== 'object') return await done(platform, segment, 0, dryRun, found);
  const { head, bodies, fault, left } = await checkCheckpoint(platform, segment, found);
  if (fault !== undefined) return await done(platform, segment, 0, dryRun, fault);
  if (await isMoving(platform, left)) return await done(platform, segment, 0, dryRun, 'move-under-way');
  const events = head.version + 1 - from;
  if (dryRun) return { segment, events, rows: [] };
  for (const body of bodies) await platform.objects.delete(checkpointObject(body));
  await noteSuperseded(platform, segment);
  await platform.events.trim(head, Buffer.from(found.bodyHash));
  await deleteSuperseded(platform, segment);
  return await done(platform, segment, events, dryRun);
}

async function done(platform: Platform, segment: string, events: number, dryRun: boolean, kept?: Kept): Promise<SegmentTrimmed> {
  const rows = dryRun ? [] : await destroyDeadRows(platform, segment);
  return { segment, events, rows, ...(kept === undefined ? {} : { kept }) };
}

/** The newest checkpoint behind which everything may go; undefined when nothing is due. */
async function behindWhich(platform: Platform, segment: string, from: number): Promise<SegmentCheckpointed | Kept | undefined> {
  const cutoff = platform.clock.now() - TELEMETRY_DAYS * DAY_MS;
  const cursor = await readCursor(platform, segment);
  const needed = neededFrom(cursor);
  let newest: SegmentCheckpointed | undefined;
  let due = false;
  let early = false;
  for await (const { recordedAt, events } of platform.events.read(`segment/${segment}`, from)) {
    if (recordedAt > cutoff + SOON_MS) break;
    due ||= recordedAt < cutoff - 2 * DAY_MS;
    for (const event of events) {
      if (event.type !== 'SegmentCheckpointed' || event.data.at > cutoff || event.data.covers < from) continue;
      if (event.data.covers < needed) newest = event.data;
      else early = true;
    }
  }
  const oldestOpen = [...cursor.open.keys()].sort()[0];
  const open = oldestOpen !== undefined && oldestOpen <= utcDate(cutoff);
  if (open || (newest === undefined && early)) return 'days-open';
  return newest ?? (due ? 'no-checkpoint' : undefined);
}

/** A meter that has left and not arrived has its windows in the commit that says so, and nowhere else. */
async function isMoving({ directory }: Platform, left: readonly string[]): Promise<boolean> {
  const moves = await directory.getMany(left.map((meterId) => UNDER_WAY + meterId));
  return moves.some((to) => to !== undefined && to.length > 0);
}

const SUPERSEDED = 'retention/superseded/';

/** The body on which the stream stands now goes when the stream stands on another: noted before, so that a crash in between loses nothing and leaves nothing. */
async function noteSuperseded({ events, directory }: Platform, segment: string): Promise<void> {
  const anchor = await events.anchor(`segment/${segment}`);
  if (anchor !== undefined) await directory.put([{ key: SUPERSEDED + segment, value: anchor.body }]);
}

async function deleteSuperseded({ events, directory, objects }: Platform, segment: string): Promise<void> {
  const body = await directory.get(SUPERSEDED + segment);
  if (body === undefined || body.length === 0) return;
  if (!(await events.anchor(`segment/${segment}`))?.body.equals(body)) await objects.delete(checkpointObject(body));
  await directory.put([{ key: SUPERSEDED + segment, value: Buffer.alloc(0) }]);
}
