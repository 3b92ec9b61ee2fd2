import type { UsageQuery, UsageRow } from '../../api/customer-usage.ts';
import type { OpenUsagePoint } from '../../domain/usagepoint/usagepoint-state.ts';
import { instant } from '../http/instants.ts';
import { QUALITIES, type UsageLane } from '../project/day-usage.ts';
import { localDayAt } from '../shared/days/local-days.ts';
import { type Bucket, bucketsOf } from './buckets.ts';
import { costOf, isThere, moneyOf, type Slots } from './costs.ts';
import type { Desk } from './desk.ts';
import { ABSENT, type Dates, type HomeDay } from './home-usage.ts';
import type { Span } from './premises.ts';
import type { DayPrices } from './prices.ts';

type Counts = { -readonly [Name in keyof UsageRow['quality']]: number };

/** A row that is being added up. */
interface Sum extends Bucket {
  importWh: number | null;
  exportWh: number | null;
  /** Scaled; null = some of it has no price. */
  cost: bigint | null;
  readonly quality: Counts;
  /** Seconds of which something came. */
  seen: number;
}

/** What rows are made of. */
export interface RowsOf {
  readonly point: OpenUsagePoint;
  readonly resolution: UsageQuery['resolution'];
  /** The customer's, by now. */
  readonly spans: readonly Span[];
  readonly days: readonly HomeDay[];
  readonly dates: Dates;
}

/** Days with the prices of their time. */
export type Priced = readonly { readonly day: HomeDay; readonly prices: DayPrices | undefined }[];

export async function pricedDays({ prices }: Desk, point: OpenUsagePoint, days: readonly HomeDay[]): Promise<Priced> {
  return await Promise.all(days.map(async (day) => ({ day, prices: await prices.on(point, day.day, day.minutes) })));
}

/**
 * Energy, money and quality of rows, in order. An interval counts where it lies in a span as a whole; what should have come by now and
 * did not is missing.
 * @param until the last row may go on to there, UTC ms
 */
export function rowsOf({ point, resolution, spans }: Omit<RowsOf, 'days' | 'dates'>, days: Priced, until: number): UsageRow[] {
  return spans.flatMap((span, i) => {
    const edge = i === spans.length - 1 ? until : span.until;
    const sums = resolution === 'interval' ? intervals(point, days, span) : bucketsOf(resolution, point.zone, span, edge).map(emptySum);
    for (const { day, prices } of days) addDay(sums, day, prices, span);
    return sums.map((sum) => rowOf(sum, minutesAt(point, sum.start)));
  });
}

/** Interval of the meter that hangs there then. @param at UTC s */
export function minutesAt({ installations }: OpenUsagePoint, at: number): number {
  const held = installations.findLast(({ from }) => from <= at * 1000) ?? installations[0];
  return held?.asset.intervalMinutes ?? 15;
}

/** A row for each interval that came, and for each that should have. */
function intervals(point: OpenUsagePoint, days: Priced, span: Span): Sum[] {
  const came = days.flatMap(({ day }) => slotsCame(day, span)).sort((a, b) => a.start - b.start);
  const found: Sum[] = [];
  const last = Math.floor(span.until / 1000);
  let at = Math.ceil(span.from / 1000);
  const fill = (until: number) => {
    while (at < until) {
      const step = minutesAt(point, at) * 60;
      // The grid of intervals begins with the local day.
      const end = at + step - ((at - localDayAt(at, point.zone).start) % step);
      if (end > until) break;
      found.push(emptySum({ start: at, end, over: end }));
      at = end;
    }
  };
  for (const slot of came) {
    fill(slot.start);
    found.push(emptySum(slot));
    at = slot.end;
  }
  fill(last);
  return found;
}

function slotsCame(day: HomeDay, span: Span): Bucket[] {
  const { first, last } = slotsIn(day, span.from / 1000, span.until / 1000);
  const found: Bucket[] = [];
  for (let slot = first; slot < last; slot++) {
    if (laneOf(day)?.quality[slot] === ABSENT) continue;
    const start = day.start + slot * day.minutes * 60;
    found.push({ start, end: start + day.minutes * 60, over: start + day.minutes * 60 });
  }
  return found;
}

/** Slots that lie between two instants as a whole, UTC s. */
function slotsIn({ start, minutes, slots }: HomeDay, from: number, until: number): Slots {
  const seconds = minutes * 60;
  const first = Math.max(0, Math.ceil((from - start) / seconds));
  return { first, last: Math.max(first, Math.min(slots, Math.floor((until - start) / seconds))) };
}

/** What quality is told by: what is taken, where that is measured. */
function laneOf({ import: taken, export: sent }: HomeDay): UsageLane | undefined {
  return taken ?? sent;
}

function emptySum(bucket: Bucket): Sum {
  const quality = { measured: 0, estimated: 0, edited: 0, missing: 0 };
  return { ...bucket, importWh: null, exportWh: null, cost: 0n, quality, seen: 0 };
}

/** @param sums rising */
function addDay(sums: readonly Sum[], day: HomeDay, prices: DayPrices | undefined, span: Span): void {
  const end = Math.min(day.start + day.slots * day.minutes * 60, span.until / 1000);
  for (let i = firstAfter(sums, day.start); i < sums.length && sums[i]!.start < end; i++) {
    const sum = sums[i]!;
    const slots = slotsIn(day, Math.max(sum.start, span.from / 1000), Math.min(sum.over, span.until / 1000));
    if (slots.last > slots.first) addSlots(sum, day, prices, slots);
  }
}

/** The first row that ends behind an instant. */
function firstAfter(sums: readonly Sum[], at: number): number {
  let [low, high] = [0, sums.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (sums[middle]!.over > at) high = middle;
    else low = middle + 1;
  }
  return low;
}

function addSlots(sum: Sum, day: HomeDay, prices: DayPrices | undefined, slots: Slots): void {
  sum.importWh = energyOf(day.import, slots, sum.importWh);
  sum.exportWh = energyOf(day.export, slots, sum.exportWh);
  countQualities(sum, day, slots);
  const cost = prices === undefined ? undefined : costOf(day, prices, slots);
  sum.cost = sum.cost === null || cost === undefined ? null : sum.cost + cost;
}

function countQualities(sum: Sum, day: HomeDay, { first, last }: Slots): void {
  const told = laneOf(day)?.quality;
  if (told === undefined) return;
  const counts = new Uint32Array(QUALITIES.length);
  for (let slot = first; slot < last; slot++) if (told[slot] !== ABSENT) counts[told[slot]!]!++;
  for (const [i, name] of QUALITIES.entries()) {
    sum.quality[name] += counts[i]!;
    sum.seen += counts[i]! * day.minutes * 60;
  }
}

function energyOf(lane: UsageLane | undefined, { first, last }: Slots, before: number | null): number | null {
  if (lane === undefined) return before;
  let sum = 0;
  let counts = 0;
  for (let slot = first; slot < last; slot++) {
    if (!isThere(lane.quality[slot])) continue;
    sum += lane.energyWh[slot]!;
    counts++;
  }
  return counts === 0 ? before : (before ?? 0) + sum;
}

function rowOf({ start, end, over, importWh, exportWh, cost, quality, seen }: Sum, minutes: number): UsageRow {
  const unseen = Math.max(0, Math.floor((over - start - seen) / (minutes * 60)));
  const isKnown = importWh !== null || exportWh !== null;
  return {
    start: instant(start * 1000),
    end: instant(end * 1000),
    ...{ importWh, exportWh },
    costMicro: isKnown && cost !== null ? moneyOf(cost) : null,
    quality: { ...quality, missing: quality.missing + unseen },
  };
}
