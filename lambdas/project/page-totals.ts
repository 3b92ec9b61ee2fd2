import { NO_VALUE } from '../../events/index.ts';
import { energyOf } from './slot-readings.ts';
import type { PageColumn } from './usage-page.ts';

/** Sums of one page's time by leaf: Wh and homes, a place for each slot of each leaf. */
export interface LeafTotals {
  readonly slots: number;
  readonly energyWh: Float64Array;
  readonly measured: Uint32Array;
}

export function leafTotals(leaves: number, slots: number): LeafTotals {
  return { slots, energyWh: new Float64Array(leaves * slots), measured: new Uint32Array(leaves * slots) };
}

type TotalledColumn = Pick<PageColumn, 'kind' | 'counts' | 'rows'>;

/**
 * Adds a column of a page: no reading becomes an object. Rows of one leaf that follow each other are added up as counts
 * and scaled once, which is exact where a count is a whole number of Wh, and else rounds as `energyOf` does, a reading at a time.
 * @param leafOf leaf of each row; rows behind its end are nobody's
 */
export function addColumn(totals: LeafTotals, column: TotalledColumn, leafOf: Uint16Array): void {
  const rows = Math.min(column.rows, leafOf.length);
  if (!Number.isInteger(column.kind.scale * column.kind.multiplier)) {
    addReadings(totals, column, leafOf);
    return;
  }
  let from = 0;
  while (from < rows) {
    const leaf = leafOf[from]!;
    let until = from + 1;
    while (until < rows && leafOf[until] === leaf) until++;
    addRows(totals, column, leaf, from, until);
    from = until;
  }
}

/** Slot by slot: what is added up stays in registers, a whole number that 32 bits hold: 512 meters of at most 65,534. */
function addRows({ slots, energyWh, measured }: LeafTotals, column: TotalledColumn, leaf: number, from: number, until: number): void {
  const values = column.counts;
  const perCount = column.kind.scale * column.kind.multiplier;
  const end = until * slots;
  for (let slot = 0; slot < slots; slot++) {
    let counts = 0;
    let missing = 0;
    for (let place = from * slots + slot; place < end; place += slots) {
      const value = values[place]!;
      if (value === NO_VALUE) missing++;
      else counts += value;
    }
    energyWh[leaf * slots + slot]! += counts * perCount;
    measured[leaf * slots + slot]! += until - from - missing;
  }
}

function addReadings({ slots, energyWh, measured }: LeafTotals, { kind, counts: values, rows }: TotalledColumn, leafOf: Uint16Array): void {
  for (let row = 0; row < Math.min(rows, leafOf.length); row++) {
    for (let slot = 0; slot < slots; slot++) {
      const value = values[row * slots + slot]!;
      if (value === NO_VALUE) continue;
      energyWh[leafOf[row]! * slots + slot]! += energyOf(value, kind);
      measured[leafOf[row]! * slots + slot]!++;
    }
  }
}
