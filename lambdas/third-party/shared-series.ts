import type { ConsentDataClass, DataResolution } from '../../events/index.ts';
import type { SharedQuality, SharedRow, SharedSeries } from '../../exchange/usage/shared-usage.ts';
import { type Bucket, bucketsOf, isDayTold, type Span } from './buckets.ts';
import type { ClosedSlot } from './closed-slots.ts';
import { type Pseudonyms, periodOf } from './pseudonyms.ts';

/** A part of what was asked for, at one usage point. UTC ms. */
export interface SeriesRequest {
  readonly usagePoint: string;
  readonly zone: string;
  readonly resolution: DataResolution;
  readonly dataClasses: readonly ConsentDataClass[];
  readonly window: Span;
  /** Rows that begin in it. */
  readonly part: Span;
  /** When the usage point was the customer's. */
  readonly spans: readonly Span[];
  readonly now: number;
}

interface OpenRow extends Bucket {
  energyWh: number | null;
  readonly quality: { -readonly [Name in keyof SharedQuality]: SharedQuality[Name] };
  /** Seconds of which anything is known. */
  seen: number;
}

interface OpenSeries extends Pick<SharedSeries, 'direction' | 'unit'> {
  minutes: number;
  readonly period: string;
  readonly rows: Map<number, OpenRow>;
}

/** Adds slots up to rows, as a purpose may see them. Slots outside of the tenancy, the window or what can be told by now don't count. */
export class SeriesBuilder {
  readonly #request: SeriesRequest;
  /** Rising; undefined where each interval is a row. */
  readonly #buckets: readonly Bucket[] | undefined;
  readonly #series = new Map<string, OpenSeries>();

  constructor(request: SeriesRequest) {
    const { zone, resolution, window, part, now } = request;
    this.#request = request;
    this.#buckets = resolution === 'interval' ? undefined : bucketsOf(zone, resolution, window, part, now);
  }

  /** What has to be read for it, UTC ms; undefined = nothing. */
  get extent(): Span | undefined {
    if (this.#buckets === undefined) return this.#request.part;
    const [first, last] = [this.#buckets[0], this.#buckets.at(-1)];
    return first && last && { from: first.start * 1000, until: last.end * 1000 };
  }

  add(slot: ClosedSlot): void {
    const { dataClasses, spans } = this.#request;
    const dataClass = slot.direction === 'import' ? 'usage' : 'generation';
    // Reactive and apparent energy serve no purpose that a customer can consent to.
    if (slot.unit !== 'Wh' || !dataClasses.includes(dataClass)) return;
    if (!spans.some(({ from, until }) => slot.start * 1000 >= from && slot.end * 1000 <= until)) return;
    const bucket = this.#bucketOf(slot);
    if (bucket === undefined) return;
    const row = this.#rowOf(slot, bucket);
    row.quality[slot.quality]++;
    row.seen += slot.end - slot.start;
    if (slot.energyWh !== null) row.energyWh = (row.energyWh ?? 0) + slot.energyWh;
  }

  async series(pseudonyms: Pseudonyms): Promise<SharedSeries[]> {
    const { usagePoint, zone, resolution } = this.#request;
    const found: SharedSeries[] = [];
    for (const { direction, unit, minutes, period, rows } of this.#series.values()) {
      const sorted = [...rows.values()].sort((a, b) => a.start - b.start).map((row) => this.#closed(row, minutes));
      const id = await pseudonyms.of('usage-point', usagePoint, period);
      found.push({ usagePoint: id, direction, unit, zone, resolution, intervalMinutes: minutes, rows: sorted });
    }
    return found;
  }

  #bucketOf({ start, end, day }: ClosedSlot): Bucket | undefined {
    const { window, part, zone, now } = this.#request;
    if (this.#buckets !== undefined) return bucketAt(this.#buckets, start, end);
    const begins = start * 1000 >= part.from && start * 1000 < part.until;
    const lies = start * 1000 >= window.from && end * 1000 <= window.until;
    return begins && lies && isDayTold(day, zone, now) ? { start, end } : undefined;
  }

  #rowOf({ direction, unit, minutes, day }: ClosedSlot, bucket: Bucket): OpenRow {
    const { resolution } = this.#request;
    // No bucket lies in two years.
    const period = periodOf(day);
    const key = `${period}/${direction}/${unit}/${resolution === 'interval' ? minutes : ''}`;
    const series = this.#series.get(key) ?? { direction, unit, minutes, period, rows: new Map<number, OpenRow>() };
    this.#series.set(key, series);
    series.minutes = Math.min(series.minutes, minutes);
    const known = series.rows.get(bucket.start);
    if (known !== undefined) return known;
    const row = { ...bucket, energyWh: null, quality: { measured: 0, estimated: 0, edited: 0, missing: 0 }, seen: 0 };
    series.rows.set(bucket.start, row);
    return row;
  }

  /** Of a day that was never recorded nothing came: its intervals are missing as well. */
  #closed({ start, end, energyWh, quality, seen }: OpenRow, minutes: number): SharedRow {
    const held = this.#request.spans.map((span) => Math.min(end, span.until / 1000) - Math.max(start, span.from / 1000));
    const expected = held.reduce((sum, seconds) => sum + Math.max(0, seconds), 0);
    const unseen = Math.max(0, Math.round((expected - seen) / (minutes * 60)));
    return { start, end, energyWh, quality: { ...quality, missing: quality.missing + unseen } };
  }
}

/** The bucket in which an interval lies as a whole. @param buckets rising */
function bucketAt(buckets: readonly Bucket[], start: number, end: number): Bucket | undefined {
  let [low, high] = [0, buckets.length - 1];
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    if (buckets[middle]!.start <= start) low = middle;
    else high = middle - 1;
  }
  const bucket = buckets[low];
  return bucket !== undefined && bucket.start <= start && end <= bucket.end ? bucket : undefined;
}
