import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ChannelDay } from '../../domain/vee/channel-day.ts';
import { outlierCheck } from '../../domain/vee/rules/v11-outlier.ts';
import { NO_COUNTS } from '../../events/index.ts';
import { __, dayOf, findings, judged } from './given.ts';

/** V11 as it is defined: sort the window, take the middle, sort the distances, take the middle. */
function outliers(values: readonly number[], whPerCount: number): number[] {
  return values.flatMap((x, i) => {
    const window = values.slice(Math.max(0, i - 12), i + 13).filter((value) => value !== NO_COUNTS);
    const middle = median(window);
    const deviation = median(window.map((value) => Math.abs(value - middle)));
    return x !== NO_COUNTS && Math.abs(x - middle) > 6 * 1.4826 * Math.max(deviation, 10 / whPerCount) ? [i] : [];
  });
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return (sorted[(sorted.length - 1) >> 1]! + sorted[sorted.length >> 1]!) / 2;
}

function found(day: ChannelDay): number[] {
  return Object.keys(findings(judged(day, outlierCheck))).map(Number);
}

const reading = fc.oneof(
  { weight: 6, arbitrary: fc.integer({ min: 50, max: 250 }) },
  { weight: 2, arbitrary: fc.integer({ min: 0, max: 2000 }) },
  { weight: 2, arbitrary: fc.constantFrom(0, 100, 189, 190, 200) },
  { weight: 1, arbitrary: fc.constant(NO_COUNTS) },
  { weight: 0.2 * 5, arbitrary: fc.integer({ min: 0, max: 0xffff_fffe }) },
);
const slots = fc.constantFrom(1, 2, 12, 13, 24, 25, 26, 48, 92, 94, 96, 98, 100, 276, 300);
const days = slots.chain((n) => fc.array(reading, { minLength: n, maxLength: n }));

describe('V11: robust outlier', () => {
  it('is its naive definition, whatever the day', () => {
    fc.assert(
      fc.property(days, fc.constantFrom(1, 10, 0.5), (values, whPerCount) => {
        expect(found(dayOf(values, { whPerCount }))).toEqual(outliers(values, whPerCount));
      }),
      { numRuns: 800 },
    );
  });

  it('finds some and passes some of what the property draws', () => {
    const drawn = fc.sample(days, { numRuns: 200, seed: 1 }).filter((values) => values.length >= 48);
    const counts = drawn.map((values) => outliers(values, 1).length);
    expect(counts.some((found) => found > 0)).toBe(true);
    expect(drawn.some((values, i) => counts[i]! < values.length / 10)).toBe(true);
  });

  it('is a warning: the value in a quiet day that lies beyond six deviations of at least 10 Wh', () => {
    const values = Array.from({ length: 40 }, (_, i) => (i === 20 ? 189 : 100));
    expect(found(dayOf(values))).toEqual([20]);
    expect(found(dayOf(values.map((value) => (value === 189 ? 188 : value))))).toEqual([]);
    expect(findings(judged(dayOf(values), outlierCheck))).toEqual({ 20: 'W V11' });
  });

  it('looks twelve slots to each side and no further', () => {
    const values = Array.from({ length: 60 }, (_, i) => (i < 30 ? 100 : 1000));
    expect(found(dayOf(values))).toEqual(outliers(values, 1));
    expect(found(dayOf([...Array(13).fill(100), 1000, ...Array(12).fill(__)]))).toEqual([13]);
  });
});
