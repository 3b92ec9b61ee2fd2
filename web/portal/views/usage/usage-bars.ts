import type { UsageRow } from '../../../../api/customer-usage.ts';
import type { Bar, BarMark } from '../../../shared/ui/bars-geometry.ts';
import type { Bucket } from './period.ts';

export const UNITS = ['energy', 'money'] as const;
export type Unit = (typeof UNITS)[number];

/** Readings that are not there after so long are missing. */
const ARRIVES_WITHIN_MS = 24 * 3_600_000;

/** What a bar is called. */
export type BucketNames = (bucket: Bucket, index: number, all: readonly Bucket[]) => { readonly label: string; readonly title: string };

export interface BarsInput {
  readonly buckets: readonly Bucket[];
  readonly rows: readonly UsageRow[];
  readonly unit: Unit;
  readonly names: BucketNames;
  /** UTC ms: what begins later is still to come. */
  readonly now: number;
  /** The period before, where it is compared with. */
  readonly before?: readonly (number | null)[];
}

/**
 * One bar for each bucket: Wh or micro-units of the currency. What is missing has none, and is never zero; behind the newest reading it is
 * not missing yet.
 */
export function usageBars({ buckets, rows, unit, names, now, before }: BarsInput): readonly Bar[] {
  const values = worths(buckets, rows, unit);
  const newest = values.findLastIndex((value) => value !== null);
  return buckets.map((bucket, i) => {
    const row = rowIn(rows, bucket);
    const value = values[i] ?? null;
    const isToCome = bucket.start >= now || (i > newest && bucket.end > now - ARRIVES_WITHIN_MS);
    const mark = isToCome ? 'future' : markOf(row, value);
    return { key: String(bucket.start), ...names(bucket, i, buckets), value, mark, ...(before && { before: before[i] ?? null }) };
  });
}

/** Of each bucket of another period what it is worth. */
export function worths(buckets: readonly Bucket[], rows: readonly UsageRow[], unit: Unit): readonly (number | null)[] {
  return buckets.map((bucket) => {
    const row = rowIn(rows, bucket);
    return row === undefined ? null : worthOf(row, unit);
  });
}

/** Sum of what is known; null where nothing is. */
export function sumOf(values: readonly (number | null)[]): number | null {
  const known = values.filter((value) => value !== null);
  return known.length === 0 ? null : known.reduce((sum, value) => sum + value, 0);
}

/**
 * How much more, as a share, where both periods have a value; buckets that are not over do not count. Null where there is nothing to
 * compare.
 */
export function changeOf(bars: readonly Bar[], buckets: readonly Bucket[], now: number): number | null {
  const pairs = bars.flatMap(({ value, before }, i) =>
    value === null || before === null || before === undefined || buckets[i]!.end > now ? [] : [[value, before] as const],
  );
  const [sum, sumBefore] = pairs.reduce(([a, b], [value, before]) => [a + value, b + before] as const, [0, 0] as const);
  return pairs.length === 0 || sumBefore <= 0 ? null : sum / sumBefore - 1;
}

function rowIn(rows: readonly UsageRow[], { start, end }: Bucket): UsageRow | undefined {
  return rows.find((row) => {
    const at = Date.parse(row.start);
    return at >= start && at < end;
  });
}

function worthOf({ importWh, costMicro }: UsageRow, unit: Unit): number | null {
  if (unit === 'energy') return importWh;
  return costMicro === null ? null : Number(costMicro);
}

function markOf(row: UsageRow | undefined, value: number | null): BarMark {
  if (row === undefined || value === null) return 'missing';
  const { missing, edited, estimated } = row.quality;
  if (missing > 0) return 'partial';
  if (edited > 0) return 'edited';
  return estimated > 0 ? 'estimated' : 'measured';
}
