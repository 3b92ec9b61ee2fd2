import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { farSide, persistentIntervals } from '../../domain/demand/forecast/contradiction.ts';
import { INTERVALS } from '../../domain/demand/forecast/series.ts';

const BAND = { lowWh: 850, highWh: 1_150 };

describe('what contradicts a forecast', () => {
  it('no value inside its band is far from it, wherever the band lies', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: -1e9, max: 1e9 }),
        fc.integer({ min: 0, max: 1e9 }),
        fc.double({ min: 0, max: 1, noNaN: true }),
        (lowWh, width, at) => {
          expect(farSide(Math.round(lowWh + at * width), { lowWh, highWh: lowWh + width })).toBeUndefined();
        },
      ),
    );
  });

  it('a value is far by 1.75 times half the band on each side', () => {
    expect([1_262, 1_263, 738, 737].map((valueWh) => farSide(valueWh, BAND))).toEqual([undefined, 'above', undefined, 'below']);
  });

  it('a band as narrow as nothing contradicts nobody within a Wh', () => {
    expect([1_000, 1_001, 1_002].map((valueWh) => farSide(valueWh, { lowWh: 1_000, highWh: 1_000 }))).toEqual([
      undefined,
      undefined,
      'above',
    ]);
  });

  it('two hours make it persistent, and never a single interval', () => {
    expect(INTERVALS.map(persistentIntervals)).toEqual([24, 8, 4, 2]);
  });
});
