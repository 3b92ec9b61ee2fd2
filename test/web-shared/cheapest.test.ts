import { describe, expect, it } from 'vitest';
import { cheapestStretch, levelOf, nextChange, type PriceSlot } from '../../web/shared/signed-price/shown.ts';

const HALF_HOUR = 1_800;

/** Half-hours from zero, in cents. */
function slots(...cents: readonly number[]): PriceSlot[] {
  return cents.map((cent, i) => ({ from: i * HALF_HOUR, until: (i + 1) * HALF_HOUR, priceMicroPerKWh: cent * 10_000, level: 'normal' }));
}

describe('the cheapest stretch', () => {
  it('is the one of the lowest mean; of equal ones the first', () => {
    expect(cheapestStretch(slots(30, 10, 30, 5, 12, 20), 1, 0)).toMatchObject({
      from: 3 * HALF_HOUR,
      until: 5 * HALF_HOUR,
      priceMicroPerKWh: 85_000,
    });
    expect(cheapestStretch(slots(10, 10, 10, 10), 1, 0)).toMatchObject({ from: 0 });
    expect(cheapestStretch(slots(-5, -10, 20, 20), 1, 0)).toMatchObject({ from: 0, priceMicroPerKWh: -75_000 });
  });

  it('begins no earlier than now', () => {
    expect(cheapestStretch(slots(1, 1, 90, 20, 25), 1, 60)).toMatchObject({ from: 3 * HALF_HOUR });
  });

  it('spans no gap, and is not known where prices do not reach', () => {
    const [a, b, c, d] = slots(10, 1, 1, 10) as [PriceSlot, PriceSlot, PriceSlot, PriceSlot];
    expect(cheapestStretch([a, b, { ...c, from: c.from + 60, until: c.until + 60 }, d], 1, 0)).toMatchObject({ from: 0 });
    expect(cheapestStretch(slots(10, 10, 10), 2, 0)).toBeUndefined();
    expect(cheapestStretch([], 1, 0)).toBeUndefined();
  });
});

describe('a price in a word', () => {
  it('is low or high a fifth from the mean of its day, else normal', () => {
    const day = [...Array<number>(16).fill(250_000), ...Array<number>(8).fill(150_000)];
    expect([levelOf(150_000, day), levelOf(250_000, day)]).toEqual(['low', 'normal']);
    expect(levelOf(400_000, [...day, 400_000])).toBe('high');
    expect(levelOf(200_000, Array<number>(24).fill(200_000))).toBe('normal');
  });

  it('works where prices are below zero', () => {
    expect([levelOf(-100_000, [-100_000, 0, 100_000]), levelOf(100_000, [-100_000, 0, 100_000])]).toEqual(['low', 'high']);
    expect(levelOf(0, [0, 0])).toBe('normal');
  });

  it('changes with the next interval of another price', () => {
    expect(nextChange(slots(10, 10, 20))).toMatchObject({ from: 2 * HALF_HOUR });
    expect(nextChange(slots(10, 10))).toBeUndefined();
  });
});
