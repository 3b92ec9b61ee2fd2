import type { Platform } from '../../platform/ports/platform.ts';
import { METER_DAY_MONTHS } from '../../topology/retention.ts';
import { dayOfStream } from '../shared/days/day-streams.ts';
import { pointOf } from '../shared/days/points.ts';
import { sinceRestore } from '../shared/restore-fence.ts';

const CURSOR = 'retention/archived-to';
const METERS_AT_ONCE = 512;

/** A usage point's month, and the streams of its days. */
export interface DueMonth {
  /** Usage point, or the meter where it hung nowhere. */
  readonly of: string;
  /** `yyyy-mm`. */
  readonly month: string;
  readonly streams: readonly string[];
}

/** The last month of which every day has been over for 13 months. @param now UTC ms */
export function lastDueMonth(now: number): string {
  const at = new Date(now);
  return new Date(Date.UTC(at.getUTCFullYear(), at.getUTCMonth() - METER_DAY_MONTHS - 1, 1)).toISOString().slice(0, 7);
}

/**
 * Months to be archived: looked for once a month, all over again, so that what was sealed again or corrected since is found too. The
 * cursor saves the look on the days between; lost, it costs one.
 */
export async function dueMonths(platform: Platform): Promise<readonly DueMonth[]> {
  const due = lastDueMonth(platform.clock.now());
  const looked = (await platform.directory.get(await sinceRestore(platform.directory, CURSOR)))?.toString() ?? '';
  if (looked >= due) return [];
  const hot: string[] = [];
  for await (const stream of platform.events.streams('meterday/')) if (dayOfStream(stream).day.slice(0, 7) <= due) hot.push(stream);
  const points = await pointsOf(platform, hot);
  const months = Map.groupBy(hot, (stream) => `${dayOfStream(stream).day.slice(0, 7)} ${points.get(dayOfStream(stream).meterId)}`);
  const found: DueMonth[] = [];
  for (const name of [...months.keys()].sort()) {
    const streams = months.get(name)!;
    if (await hasGrown(platform, streams)) found.push({ of: name.slice(8), month: name.slice(0, 7), streams });
  }
  return found;
}

/** Every month up to the last due one is archived. */
export async function noteArchived(platform: Platform): Promise<void> {
  await platform.directory.put([
    { key: await sinceRestore(platform.directory, CURSOR), value: Buffer.from(lastDueMonth(platform.clock.now())) },
  ]);
}

/** Whether some day of them is not archived as it stands. */
async function hasGrown({ events }: Platform, streams: readonly string[]): Promise<boolean> {
  for (const stream of streams) if (await events.isHot(stream)) return true;
  return false;
}

/** Where each meter hangs; a meter stands for itself where it hung nowhere. */
async function pointsOf(platform: Platform, streams: readonly string[]): Promise<ReadonlyMap<string, string>> {
  const meters = [...new Set(streams.map((stream) => dayOfStream(stream).meterId))];
  const points = new Map<string, string>();
  for (let i = 0; i < meters.length; i += METERS_AT_ONCE) {
    const some = meters.slice(i, i + METERS_AT_ONCE);
    const found = await pointOf(platform, some);
    for (const [at, meterId] of some.entries()) points.set(meterId, found[at]!.at(-1)?.usagePoint ?? meterId);
  }
  return points;
}
