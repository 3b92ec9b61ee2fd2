import { describe, expect, it } from 'vitest';
import { type FeederArea, feederState, isBeyond, lossesOf, unusualFirst } from '../../web/console/model/feeders.ts';

const LIMITS = { above: 20, below: 100 };
const DOUBT = {
  ...{ causes: ['less-than-the-feeder' as const], since: '2026-01-15T10:00:00Z', until: '2026-01-15T12:00:00Z', intervals: 8 },
  ...{ goesOn: true, mayBeOlder: false },
};

const day = (headWh: number, homesWh: number, compared = 96) => ({ day: '2026-01-15', headWh, homesWh, compared, leftOut: 0, doubted: 0 });
const area = (name: string, more: Partial<FeederArea> = {}): FeederArea => ({
  ...{ area: name, feeders: [name], withoutHead: [], intervalMinutes: 15, days: [day(1_040, 1_000)], doubt: null },
  ...more,
});

describe('losses of a feeder', () => {
  it('are what goes in at the head and arrives at no home, as a share of the head', () => {
    expect(lossesOf([day(1_000, 950), day(1_000, 970)])).toEqual({ headWh: 2_000, homesWh: 1_920, lostWh: 80, share: 0.04 });
    expect(lossesOf([day(-100, -104)])).toMatchObject({ lostWh: 4, share: 0.04 });
  });

  it('are not known where nothing could be compared, and no share of nothing', () => {
    expect(lossesOf([day(0, 0, 0)])).toBeUndefined();
    expect(lossesOf([day(0, 5)])).toEqual({ headWh: 0, homesWh: 5, lostWh: -5, share: undefined });
  });

  it.each([
    [0.1, false],
    [0.101, true],
    [-0.02, false],
    [-0.021, true],
  ])('a share of %d is beyond what may be: %s', (share, beyond) => {
    expect(isBeyond(share, LIMITS)).toBe(beyond);
  });
});

describe('how a feeder stands', () => {
  it('says first what is doubted now, then what was, then why nothing is known', () => {
    expect(feederState(area('a', { doubt: DOUBT, withoutHead: ['a'] }))).toBe('doubted');
    expect(feederState(area('a', { doubt: { ...DOUBT, goesOn: false } }))).toBe('over');
    expect(feederState(area('a', { withoutHead: ['a'] }))).toBe('headless');
    expect(feederState(area('a', { days: [day(0, 0, 0)] }))).toBe('silent');
    expect(feederState(area('a'))).toBe('fine');
  });

  it('brings what is unusual to the top', () => {
    const areas = [area('b'), area('a'), area('d', { doubt: { ...DOUBT, goesOn: false } }), area('e', { doubt: DOUBT })];
    expect(unusualFirst(areas).map(({ area: name }) => name)).toEqual(['e', 'd', 'a', 'b']);
  });
});
