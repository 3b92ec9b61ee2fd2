import { JoulekeepError } from '../../events/index.ts';
import type { Platform } from '../../platform/ports/platform.ts';
import { dueMonths, noteArchived } from './archive-months.ts';
import { type SegmentTrimmed, trimSegment } from './trim-segment.ts';

const SEGMENT = 'segment/';

export interface Retained {
  readonly segments: readonly SegmentTrimmed[];
  /** Months of usage points that were archived, or would be. */
  readonly months: number;
  /** Streams of meter days in them. */
  readonly days: number;
  /** Archives deleted that newer ones had replaced. */
  readonly swept: number;
  /** Segments and months that a fault kept from it; the next run tries again. */
  readonly failed: number;
}

/** How far a run is. */
export interface RetentionProgress {
  readonly what: 'segments' | 'months';
  readonly done: number;
  readonly total: number;
}

export interface RetentionOptions {
  /** Looks, and changes nothing. */
  readonly dryRun?: boolean;
  readonly onProgress?: (progress: RetentionProgress) => void;
}

/**
 * What retention demands today: telemetry older than 28 days is deleted behind its checkpoint, months of meter days older than 13
 * months are archived. Runs as the principal `archive`. Broken off anywhere and run again it comes to the same.
 */
export async function runRetention(
  platform: Platform,
  { dryRun = false, onProgress = () => {} }: RetentionOptions = {},
): Promise<Retained> {
  let failed = 0;
  const attempt = async <T>(stream: string, work: () => Promise<T>): Promise<T | undefined> => {
    try {
      return await work();
    } catch (error) {
      failed++;
      platform.log.error('not retained as it should be', { stream, code: error instanceof JoulekeepError ? error.code : 'fault' });
      return undefined;
    }
  };
  const segments: SegmentTrimmed[] = [];
  const streams = await Array.fromAsync(platform.events.streams(SEGMENT));
  for (const [i, stream] of streams.entries()) {
    const trimmed = await attempt(stream, () => trimSegment(platform, stream.slice(SEGMENT.length), dryRun));
    if (trimmed !== undefined) segments.push(trimmed);
    onProgress({ what: 'segments', done: i + 1, total: streams.length });
  }
  const before = failed;
  const months = await dueMonths(platform);
  for (const [i, month] of months.entries()) {
    if (!dryRun) await attempt(month.streams[0]!, () => platform.events.archive(month.streams));
    onProgress({ what: 'months', done: i + 1, total: months.length });
  }
  if (!dryRun && failed === before) await noteArchived(platform);
  const swept = dryRun ? 0 : await platform.events.sweep();
  const days = months.reduce((sum, month) => sum + month.streams.length, 0);
  return { segments, months: months.length, days, swept, failed };
}
