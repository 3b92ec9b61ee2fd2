import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { NO_VALUE } from '../../events/index.ts';
import { addColumn, leafTotals } from '../../lambdas/project/page-totals.ts';
import { energyOf } from '../../lambdas/project/slot-readings.ts';

const LEAVES = 3;
const value = fc.oneof({ weight: 5, arbitrary: fc.integer({ min: 0, max: 65_534 }) }, fc.constant(NO_VALUE));
/** Rows of pages of hours, half-hours, quarter-hours and five minutes. */
const page = fc.constantFrom(3, 6, 12, 36).chain((slots) => {
  const row = fc.record({
    leaf: fc.integer({ min: 0, max: LEAVES - 1 }),
    counts: fc.array(value, { minLength: slots, maxLength: slots }),
  });
  return fc.record({ slots: fc.constant(slots), rows: fc.array(row, { minLength: 1, maxLength: 40 }) });
});

describe('totals of leaves from pages', () => {
  it('are those of the readings one by one, whatever is missing, however leaves lie, and where a count is no whole Wh', () => {
    fc.assert(
      fc.property(page, fc.constantFrom(1, 10, 0.1, 2.5), ({ slots, rows }, scale) => {
        const kind = { channel: 0, minutes: 180 / slots, direction: 'import', unit: 'Wh', scale, multiplier: 1 } as const;
        const column = { kind, counts: Uint16Array.from(rows.flatMap(({ counts }) => counts)), rows: rows.length, held: [] };
        const totals = leafTotals(LEAVES, slots);
        const leafOf = Uint16Array.from(rows, ({ leaf }) => leaf);
        addColumn(totals, column, leafOf);
        addColumn(totals, column, leafOf);
        for (let leaf = 0; leaf < LEAVES; leaf++) {
          for (let slot = 0; slot < slots; slot++) {
            const values = rows.filter((one) => one.leaf === leaf && one.counts[slot] !== NO_VALUE).map(({ counts }) => counts[slot]!);
            expect(totals.energyWh[leaf * slots + slot]).toBe(2 * values.reduce((sum, value) => sum + energyOf(value, kind), 0));
            expect(totals.measured[leaf * slots + slot]).toBe(2 * values.length);
          }
        }
      }),
    );
  });
});
