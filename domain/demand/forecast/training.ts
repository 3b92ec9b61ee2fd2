import type { Calendar } from './calendar.ts';
import { type ColumnSink, FEATURE_GROUPS, type FeatureGroup } from './feature-groups.ts';
import { type FeatureSet, type FeatureSource, featuresOf } from './features.ts';
import { RidgeSums } from './linear.ts';
import { type DemandSeries, energyAt, slotsOfDay } from './series.ts';

/** The columns of one slot, the constant last, and the base that they correct; in units of the scale. */
export interface Row {
  readonly columns: Float64Array;
  readonly groups: readonly FeatureGroup[];
  readonly base: number;
  /** What the columns and the target are divided by: 1, or the base where slots teach each other, whose demand differs. */
  readonly unit: number;
}

/** What was learned for one slot of the day. */
export interface SlotModel {
  /** By column; none where the slot was never seen: its forecast is the base. */
  readonly coefficients: Float32Array;
  /** By group of FEATURE_GROUPS: what it comes to on the average day of the training, in units of the scale. */
  readonly usual: Float32Array;
}

/** How strongly coefficients are held at 0, per row learned from, and how many minutes around a slot teach it, ever less with distance. Chosen on years held out. */
const LEARNING: Readonly<Record<FeatureSet, { readonly lambda: number; readonly reachMinutes: number }>> = {
  plain: { lambda: 1.5, reachMinutes: 90 },
  seasonal: { lambda: 0.001, reachMinutes: 0 },
};
/** Of the scale: a day may not count without bound because its demand was near nothing. */
const LEAST_BASE = 0.05;
/** Of the base, for the same reason. */
const LEAST_OUTCOME = 0.2;

/** Rows of all slots of a day; undefined where nothing is known to make one of. */
export function rowsOf(source: FeatureSource, day: number): readonly (Row | undefined)[] {
  const features = featuresOf(source, day);
  return Array.from({ length: slotsOfDay(source.series.intervalMinutes) }, (_, slot) => {
    const columns: number[] = [];
    const groups: FeatureGroup[] = [];
    const sink: ColumnSink = {
      add(group, value) {
        columns.push(value);
        groups.push(group);
      },
    };
    const base = features(slot, sink);
    const relative = source.set === 'plain';
    // Relative to the base, the constant is a share of it; this is one in absolute terms.
    if (relative) sink.add('usual-week', 1);
    const unit = relative ? Math.max(base, LEAST_BASE) : 1;
    sink.add('model-mean', unit);
    if (!Number.isFinite(base) || !columns.every(Number.isFinite)) return undefined;
    return { columns: Float64Array.from(columns, (value) => value / unit), groups, base, unit };
  });
}

/**
 * Sums of squares of every slot, to which days are added in order: what a model is solved from. The target is relative to the base, and
 * each slot counts by the inverse of its base and of its outcome, because errors are judged as shares of demand.
 */
export class Training {
  readonly source: FeatureSource;
  readonly #sums: (RidgeSums | undefined)[] = [];
  /** By slot: the bases of the days added, and their units. */
  readonly #bases: { base: number; unit: number }[] = [];
  #groups: readonly FeatureGroup[] = [];

  constructor(series: DemandSeries, calendar: Calendar, set: FeatureSet, scaleWh: number, knownSlots: number) {
    this.source = { series, calendar, set, scaleWh, knownSlots };
  }

  /** Adds a day whose demand is known; slots that are missing are left out. */
  add(day: number, rows: readonly (Row | undefined)[] = rowsOf(this.source, day)): void {
    const { series, scaleWh } = this.source;
    for (const [slot, row] of rows.entries()) {
      const actual = energyAt(series, day, slot) / scaleWh;
      if (row === undefined || Number.isNaN(actual)) continue;
      this.#sums[slot] ??= new RidgeSums(row.columns.length);
      const least = Math.max(row.base, LEAST_BASE);
      const weight = row.unit ** 2 / (least * Math.max(actual, LEAST_OUTCOME * least));
      this.#sums[slot].add(row.columns, (actual - row.base) / row.unit, weight);
      this.#bases[slot] ??= { base: 0, unit: 0 };
      this.#bases[slot].base += row.base;
      this.#bases[slot].unit += row.unit;
      this.#groups = row.groups;
    }
  }

  solve(): readonly SlotModel[] {
    return Array.from({ length: slotsOfDay(this.source.series.intervalMinutes) }, (_, slot) => this.#solveSlot(slot));
  }

  #solveSlot(slot: number): SlotModel {
    const { lambda, reachMinutes } = LEARNING[this.source.set];
    const sums = this.#around(slot, reachMinutes);
    const usual = new Float32Array(FEATURE_GROUPS.length);
    if (sums === undefined) return { coefficients: new Float32Array(0), usual };
    const coefficients = sums.solve(lambda * sums.count);
    const means = sums.means();
    const { base, unit } = this.#bases[slot]!;
    const days = this.#sums[slot]!.count;
    for (const [i, group] of this.#groups.entries()) usual[FEATURE_GROUPS.indexOf(group)]! += (coefficients[i]! * means[i]! * unit) / days;
    usual[FEATURE_GROUPS.indexOf('usual-week')]! += base / days;
    return { coefficients, usual };
  }

  #around(slot: number, reachMinutes: number): RidgeSums | undefined {
    const own = this.#sums[slot];
    const { intervalMinutes } = this.source.series;
    const reach = Math.ceil(reachMinutes / intervalMinutes) - 1;
    if (own === undefined || reach < 1) return own;
    const all = new RidgeSums(own.size);
    for (let other = slot - reach; other <= slot + reach; other++) {
      const sums = this.#sums[other];
      if (sums !== undefined) all.merge(sums.view(), 1 - (Math.abs(other - slot) * intervalMinutes) / reachMinutes);
    }
    return all;
  }
}
