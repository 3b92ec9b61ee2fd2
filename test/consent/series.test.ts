import { describe, expect, it } from 'vitest';
import { bucketsOf } from '../../lambdas/third-party/buckets.ts';
import type { ClosedSlot } from '../../lambdas/third-party/closed-slots.ts';
import { Pseudonyms } from '../../lambdas/third-party/pseudonyms.ts';
import { SeriesBuilder, type SeriesRequest } from '../../lambdas/third-party/shared-series.ts';
import { defencesUnderTest } from '../support/defences.ts';
import { MemoryWorld } from '../support/memory-platform.ts';
import { at, NOW, WINDOW, ZONE } from './consent-world.ts';

const HOUR = 3_600_000;
const request = (more: Partial<SeriesRequest> = {}): SeriesRequest => ({
  ...{
    usagePoint: 'home-1',
    zone: ZONE,
    resolution: 'hour',
    dataClasses: ['usage'],
    window: WINDOW,
    part: WINDOW,
    spans: [WINDOW],
    now: NOW,
  },
  ...more,
});

function slots(from: number, count: number, minutes: number, more: Partial<ClosedSlot> = {}): ClosedSlot[] {
  return Array.from({ length: count }, (_, i) => {
    const start = from / 1000 + i * minutes * 60;
    const lane = { direction: 'import', unit: 'Wh', minutes, day: '2026-10-24', energyWh: 10, quality: 'measured' } as const;
    return { ...lane, start, end: start + minutes * 60, ...more };
  });
}

async function built(asked: SeriesRequest, given: readonly ClosedSlot[]) {
  const builder = new SeriesBuilder(asked);
  for (const slot of given) builder.add(slot);
  return await builder.series(new Pseudonyms(new MemoryWorld().as('third-party-api').kms, 'brightly', defencesUnderTest()));
}

describe('rows of a usage point', () => {
  it('add up over an exchange of a meter of 15 for one of 5 and one of 30 minutes', async () => {
    const given = [...slots(WINDOW.from, 2, 15), ...slots(WINDOW.from + HOUR / 2, 6, 5), ...slots(WINDOW.from + HOUR, 2, 30)];
    const [only, ...others] = await built(request(), given);
    expect(others).toEqual([]);
    expect(only!.rows.map(({ energyWh, quality }) => [energyWh, quality.measured])).toEqual([
      [80, 8],
      [20, 2],
    ]);
  });

  it('as they were measured are a series per length of interval', async () => {
    const given = [...slots(WINDOW.from, 4, 15), ...slots(WINDOW.from + HOUR, 2, 30)];
    const all = await built(request({ resolution: 'interval' }), given);
    expect(all.map(({ intervalMinutes, rows }) => [intervalMinutes, rows.length])).toEqual([
      [15, 4],
      [30, 2],
    ]);
  });

  it('as they were measured lie in the window and the part, and are told with their day', async () => {
    const given = slots(WINDOW.from, 4, 15);
    const count = async (more: Partial<SeriesRequest>) =>
      (await built(request({ resolution: 'interval', ...more }), given)).reduce((sum, { rows }) => sum + rows.length, 0);
    expect(await count({})).toBe(4);
    expect(await count({ window: { from: WINDOW.from, until: WINDOW.from + HOUR - 1 } })).toBe(3);
    expect(await count({ part: { from: WINDOW.from + 1, until: WINDOW.until } })).toBe(3);
    expect(await count({ now: at('2026-10-25') + 8 * HOUR - 1 })).toBe(0);
    expect(await count({ now: at('2026-10-25') + 8 * HOUR })).toBe(4);
  });

  it('are of the data classes that were asked for, and of no other unit than Wh', async () => {
    const given = [
      ...slots(WINDOW.from, 4, 15),
      ...slots(WINDOW.from, 4, 15, { direction: 'export', energyWh: 3 }),
      ...slots(WINDOW.from, 4, 15, { unit: 'varh' }),
      ...slots(WINDOW.from, 4, 15, { unit: 'VAh' }),
    ];
    const sums = async (...dataClasses: ('usage' | 'generation' | 'bills')[]) =>
      (await built(request({ dataClasses }), given)).map(({ direction, unit, rows }) => [direction, unit, rows[0]!.energyWh]);
    expect(await sums('usage')).toEqual([['import', 'Wh', 40]]);
    expect(await sums('generation')).toEqual([['export', 'Wh', 12]]);
    expect(await sums('usage', 'generation')).toHaveLength(2);
    expect(await sums('bills')).toEqual([]);
  });

  it('count what is estimated, edited and missing, also what was never recorded', async () => {
    const given = [
      ...slots(WINDOW.from, 1, 15, { quality: 'estimated' }),
      ...slots(WINDOW.from + HOUR / 4, 1, 15, { quality: 'edited' }),
      ...slots(WINDOW.from + HOUR / 2, 1, 15, { quality: 'missing', energyWh: null }),
      ...slots(WINDOW.from + HOUR, 4, 15, { quality: 'missing', energyWh: null }),
    ];
    const [series] = await built(request(), given);
    expect(series!.rows.map(({ energyWh, quality }) => [energyWh, quality])).toEqual([
      [20, { measured: 0, estimated: 1, edited: 1, missing: 2 }],
      [null, { measured: 0, estimated: 0, edited: 0, missing: 4 }],
    ]);
  });

  it('end with the tenancy, within an hour too', async () => {
    const spans = [{ from: WINDOW.from, until: WINDOW.from + HOUR / 2 }];
    const [series] = await built(request({ spans }), slots(WINDOW.from, 8, 15));
    expect(series!.rows).toMatchObject([{ energyWh: 20, quality: { measured: 2, missing: 0 } }]);
  });

  it('have a pseudonym for each calendar year of the zone', async () => {
    const eve = { from: at('2026-12-31'), until: at('2027-01-02') };
    const asked = request({ resolution: 'day', window: eve, part: eve, spans: [eve], now: at('2027-02-01') });
    const given = [...slots(eve.from, 96, 15), ...slots(at('2027-01-01'), 96, 15, { day: '2027-01-01' })];
    const all = await built(asked, given);
    expect(all.map(({ rows }) => rows.length)).toEqual([1, 1]);
    expect(new Set(all.map(({ usagePoint }) => usagePoint)).size).toBe(2);
  });
});

describe('buckets', () => {
  it('of a part begin in it, so that parts share none and leave none out, wherever they are cut', () => {
    const window = { from: at('2026-10-20'), until: at('2026-11-05') };
    for (const resolution of ['hour', 'day'] as const) {
      const whole = bucketsOf(ZONE, resolution, window, window, NOW);
      expect(whole).toHaveLength(resolution === 'day' ? 16 : 16 * 24 + 1);
      for (const cut of [at('2026-10-25') + 90 * 60_000, at('2026-10-26') + 1, at('2026-10-28')]) {
        const [first, second] = [
          { from: window.from, until: cut },
          { from: cut, until: window.until },
        ] as const;
        expect([...bucketsOf(ZONE, resolution, window, first, NOW), ...bucketsOf(ZONE, resolution, window, second, NOW)]).toEqual(whole);
      }
    }
  });

  it('of a day are told at 07:00 of the next, by the clock of the zone', () => {
    const told = (now: number) => bucketsOf(ZONE, 'day', WINDOW, WINDOW, now).length;
    expect(told(at('2026-10-25') + 8 * HOUR - 1)).toBe(0);
    expect(told(at('2026-10-25') + 8 * HOUR)).toBe(1);
  });

  it('of a day that begins at a changed clock, or that has half an hour less, are whole', () => {
    const zone = 'Australia/Lord_Howe';
    const window = { from: Date.UTC(2026, 9, 3), until: Date.UTC(2026, 9, 6) };
    const hours = bucketsOf(zone, 'hour', window, window, NOW);
    for (const [i, { start, end }] of hours.entries()) {
      expect(end).toBeGreaterThan(start);
      if (i > 0) expect(start).toBe(hours[i - 1]!.end);
    }
    expect(hours.filter(({ start, end }) => end - start === 1_800)).toHaveLength(1);
  });
});
