import { describe, expect, it } from 'vitest';
import { priceFault } from '../../domain/price/price-band.ts';

const START = Date.UTC(2026, 10, 5) / 1000;
/** Two half-hours that may cost from 0 to 10, and, told later, the second of them from 20 to 30. */
const OLDER = { start: START, minutes: 30, prices: [5, 5], low: [0, 0], high: [10, 10] };
const NEWER = { start: START + 1_800, minutes: 30, prices: [25], low: [20], high: [30] };

describe('prices that are to be signed', () => {
  const second = (price: number, days = [OLDER, NEWER]) => priceFault(days, { start: START + 1_800, minutes: 30, prices: [price] });

  it('T8.3-1: are held against the band that was told last', () => {
    expect([second(5), second(25)]).toEqual(['outside-band', undefined]);
    expect([second(5, [OLDER]), second(25, [OLDER])]).toEqual([undefined, 'outside-band']);
  });

  it('T8.3-1: are in the step of the day-ahead prices, and in no other', () => {
    const step = (minutes: number) => priceFault([OLDER], { start: START, minutes, prices: [5] });
    expect([step(30), step(15), step(60)]).toEqual([undefined, 'no-day-ahead', 'no-day-ahead']);
  });

  it('T8.3-1: are refused one interval before the day-ahead prices and one behind', () => {
    const at = (start: number) => priceFault([OLDER], { start, minutes: 30, prices: [5] });
    expect([at(START - 1_800), at(START), at(START + 1_800), at(START + 3_600)]).toEqual([
      'no-day-ahead',
      undefined,
      undefined,
      'no-day-ahead',
    ]);
  });
});
