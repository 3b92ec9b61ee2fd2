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

/** Slots that are added up side by side. */
const ABREAST = 4;

function addRows(totals: LeafTotals, column: TotalledColumn, leaf: number, from: number, until: number): void {
  const { slots, measured } = totals;
  for (let slot = 0; slot < slots; slot++) measured[leaf * slots + slot]! += until - from;
  let slot = 0;
  for (; slot + ABREAST <= slots; slot += ABREAST) addFourSlots(totals, column, leaf, slot, from, until);
  for (; slot < slots; slot++) addSlot(totals, column, leaf, slot, from, until);
}

/**
 * What is added up stays in registers, whole numbers that 32 bits hold: 512 meters of at most 65,534. Four slots at a time, since walking
 * the rows takes longer than adding.
 */
function addFourSlots(
  { slots, energyWh, measured }: LeafTotals,
  { counts: values, kind }: TotalledColumn,
  leaf: number,
  slot: number,
  from: number,
  until: number,
): void {
  const to = leaf * slots + slot;
  const end = until * slots;
  let a = 0;
  let b = 0;
  let c = 0;
  let d = 0;
  for (let place = from * slots + slot; place < end; place += slots) {
    const first = values[place]!;
    const second = values[place + 1]!;
    const third = values[place + 2]!;
    const fourth = values[place + 3]!;
    if (first === NO_VALUE) measured[to]!--;
    else a = (a + first) | 0;
    if (second === NO_VALUE) measured[to + 1]!--;
    else b = (b + second) | 0;
    if (third === NO_VALUE) measured[to + 2]!--;
    else c = (c + third) | 0;
    if (fourth === NO_VALUE) measured[to + 3]!--;
    else d = (d + fourth) | 0;
  }
  const perCount = kind.scale * kind.multiplier;
  energyWh[to]! += a * perCount;
  energyWh[to + 1]! += b * perCount;
  energyWh[to + 2]! += c * perCount;
  energyWh[to + 3]! += d * perCount;
}

function addSlot(
  { slots, energyWh, measured }: LeafTotals,
  { counts: values, kind }: TotalledColumn,
  leaf: number,
  slot: number,
  from: number,
  until: number,
): void {
  const to = leaf * slots + slot;
  const end = until * slots;
  let counts = 0;
  for (let place = from * slots + slot; place < end; place += slots) {
    const value = values[place]!;
    if (value === NO_VALUE) measured[to]!--;
    else counts += value;
  }
  energyWh[to]! += counts * (kind.scale * kind.multiplier);
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
