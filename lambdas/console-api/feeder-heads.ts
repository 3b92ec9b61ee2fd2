import type { Platform } from '../../platform/ports/platform.ts';
import { AREA_SUMS, type AreaSum, feederSlots } from '../project/area-sums.ts';

interface Asked {
  readonly leaves: readonly string[];
  readonly intervalMinutes: number;
  /** UTC s. */
  readonly from: number;
  readonly until: number;
}

/** What the heads of an area's feeders measured together. */
interface Heads {
  /** Feeders of which no head told anything. */
  readonly without: readonly string[];
  /** Net, Wh; undefined where a value of any of them is missing. @param end UTC s */
  at(end: number): number | undefined;
}

/** A head and its net energy by interval. */
interface Interval {
  netWh: number;
  slots: number;
}

/** Reads the sums of heads alone: no home is in them. */
export async function headsOf({ models }: Pick<Platform, 'models'>, { leaves, intervalMinutes, from, until }: Asked): Promise<Heads> {
  const table = models.table(AREA_SUMS);
  const feeders = await Promise.all(
    leaves.map(async (leaf) => intervalsOf(await feederSlots(table, leaf, from, until), intervalMinutes * 60)),
  );
  // A head may report more often than its area is told: an interval that has fewer of its values than others is not whole.
  const whole = feeders.map((intervals) => Math.max(0, ...[...intervals.values()].map(({ slots }) => slots)));
  return {
    without: leaves.filter((_, i) => whole[i] === 0),
    at: (end) => {
      let sumWh = 0;
      for (const [i, intervals] of feeders.entries()) {
        const { netWh = 0, slots = 0 } = intervals.get(end) ?? {};
        if (slots === 0 || slots < whole[i]!) return undefined;
        sumWh += netWh;
      }
      return sumWh;
    },
  };
}

/** By end, UTC s. @param step of an interval, s */
function intervalsOf(slots: ReadonlyMap<number, AreaSum>, step: number): ReadonlyMap<number, Interval> {
  const intervals = new Map<number, Interval>();
  for (const [slotEnd, { importWh, exportWh, measured }] of slots) {
    const end = Math.ceil(slotEnd / step) * step;
    const interval = intervals.get(end) ?? { netWh: 0, slots: 0 };
    intervals.set(end, interval);
    interval.netWh += importWh - exportWh;
    interval.slots += measured;
  }
  return intervals;
}
