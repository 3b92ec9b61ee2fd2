import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { splitEvenly } from '../../domain/vee/methods/e9-split.ts';
import { scaleToTotal } from '../../domain/vee/methods/es-scaling.ts';
import { equalQuantiles, quantile, spreadOf } from '../../domain/vee/methods/quantiles.ts';

const weights = fc.array(fc.oneof(fc.constant(0), fc.double({ min: 0, max: 1e6, noNaN: true }), fc.integer({ min: 0, max: 9 })), {
  minLength: 1,
  maxLength: 100,
});
const totals = fc.oneof(fc.integer({ min: 0, max: 100 }), fc.integer({ min: 0, max: 2 ** 47 }));
const sum = (values: Iterable<number>) => [...values].reduce((all, value) => all + value, 0);

describe('ES: register scaling', () => {
  it('comes to the total exactly, in whole counts, none negative, each within one of its share', () => {
    fc.assert(
      fc.property(weights, totals, (list, total) => {
        const counts = scaleToTotal(Float64Array.from(list), total, Number.POSITIVE_INFINITY)!;
        expect(sum(counts)).toBe(total);
        const all = sum(list);
        for (const [i, count] of counts.entries()) {
          expect(Number.isInteger(count) && count >= 0).toBe(true);
          const share = all > 0 ? (total * list[i]!) / all : total / list.length;
          expect(Math.abs(count - share)).toBeLessThanOrEqual(1 + total * 1e-12);
        }
      }),
      { numRuns: 2000 },
    );
  });

  it.each([
    ['in proportion', [1, 2, 1], 8, [2, 4, 2]],
    ['the largest loss first', [1, 1, 2], 3, [1, 1, 1]],
    ['equal losses from the first slot on', [1, 1, 1], 5, [2, 2, 1]],
    ['the larger loss before the earlier slot', [1, 2, 1, 2], 5, [1, 2, 1, 1]],
    ['all weights zero: flat', [0, 0, 0], 7, [3, 2, 2]],
    ['a weight of zero takes none', [0, 5, 0], 7, [0, 7, 0]],
    ['nothing to share', [3, 4], 0, [0, 0]],
    ['one slot', [0.001], 41, [41]],
  ])('%s', (_, list, total, expected) => {
    expect([...scaleToTotal(Float64Array.from(list), total, 1000)!]).toEqual(expected);
  });

  it('is refused as soon as a slot would exceed the fuse', () => {
    expect(scaleToTotal(Float64Array.of(1, 3), 40, 30)).toEqual(Float64Array.of(10, 30));
    expect(scaleToTotal(Float64Array.of(1, 3), 41, 30)).toBeUndefined();
  });
});

describe('E9: split', () => {
  it('keeps the sum and gives the remainder to the first slots', () => {
    expect(splitEvenly(14, 4)).toEqual([4, 4, 3, 3]);
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 1e9 }), fc.integer({ min: 1, max: 100 }), (whole, parts) => {
        const split = splitEvenly(whole, parts);
        expect([sum(split), split.length]).toEqual([whole, parts]);
        expect(split.every((part, i) => i === 0 || (split[i - 1]! - part >= 0 && split[0]! - part <= 1))).toBe(true);
      }),
    );
  });
});

describe('equal quantiles', () => {
  it('lie on straight lines between the weighted values', () => {
    const spread = spreadOf([30, 10, 20], [1, 1, 2]);
    expect([0, 0.125, 0.5, 0.6875, 0.875, 1].map((level) => quantile(spread, level))).toEqual([10, 10, 20, 25, 30, 30]);
  });

  it('leave out what has next to no weight', () => {
    expect(quantile(spreadOf([5, 1000], [1, 1e-9]), 1)).toBe(5);
  });

  it('come to the total where the values allow it, all at one level', () => {
    const spreads = [spreadOf([0, 100], [1, 1]), spreadOf([50, 150], [1, 1])];
    const [first, second] = equalQuantiles(spreads, 120);
    expect(first! + second!).toBeCloseTo(120, 5);
    expect(second! - first!).toBeCloseTo(50, 5);
    expect([...equalQuantiles(spreads, 1000)].map(Math.round)).toEqual([100, 150]);
    expect([...equalQuantiles(spreads, 0)].map(Math.round)).toEqual([0, 50]);
  });
});
