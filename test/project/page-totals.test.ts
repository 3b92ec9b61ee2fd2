import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { NO_VALUE } from '../../events/index.ts';
import { addColumn, leafTotals } from '../../lambdas/project/page-totals.ts';
import { energyOf } from '../../lambdas/project/slot-readings.ts';

const SLOTS = 4;
const LEAVES = 3;
const row = fc.record({
  leaf: fc.integer({ min: 0, max: LEAVES - 1 }),
  counts: fc.array(fc.oneof({ weight: 5, arbitrary: fc.integer({ min: 0, max: 65_534 }) }, fc.constant(NO_VALUE)), {
    minLength: SLOTS,
    maxLength: SLOTS,
  }),
});

describe('totals of leaves from pages', () => {
  it('are those of the readings one by one, whatever is missing, however leaves lie, and where a count is no whole Wh', () => {
    fc.assert(
      fc.property(fc.array(row, { minLength: 1, maxLength: 40 }), fc.constantFrom(1, 10, 0.1, 2.5), (rows, scale) => {
        const kind = { channel: 0, minutes: 15, direction: 'import', unit: 'Wh', scale, multiplier: 1 } as const;
        const column = { kind, counts: Uint16Array.from(rows.flatMap(({ counts }) => counts)), rows: rows.length, held: [] };
        const totals = leafTotals(LEAVES, SLOTS);
        const leafOf = Uint16Array.from(rows, ({ leaf }) => leaf);
        addColumn(totals, column, leafOf);
        addColumn(totals, column, leafOf);
        for (let leaf = 0; leaf < LEAVES; leaf++) {
          for (let slot = 0; slot < SLOTS; slot++) {
            const values = rows.filter((one) => one.leaf === leaf && one.counts[slot] !== NO_VALUE).map(({ counts }) => counts[slot]!);
            expect(totals.energyWh[leaf * SLOTS + slot]).toBe(2 * values.reduce((sum, value) => sum + energyOf(value, kind), 0));
            expect(totals.measured[leaf * SLOTS + slot]).toBe(2 * values.length);
          }
        }
      }),
    );
  });
});
