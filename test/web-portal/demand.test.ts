import { describe, expect, test } from 'vitest';
import { comparisonOf, everyMonth, highestOf, type Peak } from '../../web/portal/views/demand/comparison.ts';

const peak = (month: string, peakW: number): Peak => ({ month, peakW, at: `${month}-10T18:00:00.000Z`, estimated: false });
const SIMILAR = { meanWh: 300_000, homes: '120' };

describe('months of the demand chart', () => {
  test('a month without readings stands there as a gap', () => {
    const months = everyMonth([peak('2026-11', 3_000), peak('2026-08', 4_000), peak('2026-10', 2_000)]);
    expect(months.map(({ month, peak }) => [month, peak?.peakW ?? null])).toEqual([
      ['2026-08', 4_000],
      ['2026-09', null],
      ['2026-10', 2_000],
      ['2026-11', 3_000],
    ]);
  });

  test('at most thirteen, the newest', () => {
    const months = everyMonth([peak('2020-01', 9_000), peak('2026-01', 1_000)]);
    expect(months).toHaveLength(13);
    expect(months[0]).toEqual({ month: '2025-01', peak: null });
    expect(everyMonth([])).toEqual([]);
  });

  test('of equal peaks the latest is the highest', () => {
    expect(highestOf([peak('2026-09', 4_000), peak('2026-10', 4_000), peak('2026-11', 3_000)])?.month).toBe('2026-10');
    expect(highestOf([])).toBeUndefined();
  });
});

describe('beside similar homes', () => {
  test('less, more, or about the same', () => {
    expect(comparisonOf({ ownWh: 150_000, similar: SIMILAR })).toEqual({ beside: -0.5, is: 'less' });
    expect(comparisonOf({ ownWh: 305_000, similar: SIMILAR })).toMatchObject({ is: 'same' });
    expect(comparisonOf({ ownWh: 400_000, similar: SIMILAR })).toMatchObject({ is: 'more' });
  });

  test('nothing is said where either side is unknown', () => {
    expect(comparisonOf({ ownWh: null, similar: SIMILAR })).toBeUndefined();
    expect(comparisonOf({ ownWh: 1, similar: null })).toBeUndefined();
    expect(comparisonOf({ ownWh: 1, similar: { ...SIMILAR, meanWh: 0 } })).toBeUndefined();
  });
});
