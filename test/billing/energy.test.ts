import { describe, expect, it } from 'vitest';
import { ratePeriod } from '../../domain/billing/rating.ts';
import type { Pricing } from '../../domain/tariff/tariff.ts';
import { loadSeries } from '../../lambdas/billing/series-file.ts';
import { amounts, dayOf, daysAlike, energyCharge, flat, inputOf, midnight, quantities, statementOf, tariffOf } from './given-period.ts';

const DAY = { from: '2013-06-03', until: '2013-06-04' };

describe('energy', () => {
  it('is priced by weekday, season and holiday, the first rule that applies', () => {
    const pricing: Pricing = {
      kind: 'time-of-use',
      bands: [
        { band: 'holiday', priceMicroPerKWh: 1_000n },
        { band: 'weekend', priceMicroPerKWh: 2_000n },
        { band: 'winter', priceMicroPerKWh: 3_000n },
        { band: 'rest', priceMicroPerKWh: 4_000n },
      ],
      rules: [
        { band: 'holiday', when: { holidays: 'only' } },
        { band: 'weekend', when: { weekdays: [6, 7] } },
        { band: 'winter', when: { season: 'winter', from: 960, until: 1200 } },
        { band: 'rest', when: {} },
      ],
    };
    const calendar = { seasons: [{ name: 'winter', from: '10-30', until: '02-28' }], holidays: ['2013-10-28'] };
    // Monday 28 October is a holiday, 29 is not winter yet, 30 October to 1 November are, 2 and 3 November a weekend.
    const days = daysAlike('2013-10-28', '2013-11-04', [{ slot: () => 10 }]);
    const statement = statementOf({
      from: '2013-10-28',
      until: '2013-11-04',
      days,
      tariff: tariffOf([energyCharge(pricing)], { calendar }),
    });
    expect(quantities(statement)).toEqual({
      'energy/holiday': '480',
      'energy/weekend': '960',
      'energy/winter': String(3 * 8 * 10),
      'energy/rest': String((48 + 3 * 40) * 10),
    });
  });

  it('follows the band that was told for each half-hour of the local day, also in the repeated hour', () => {
    const rows = Array.from({ length: 48 }, (_, i) => `2013-10-27T${clock(i)},${i === 2 ? 'Low' : 'Normal'}`);
    const series = loadSeries(`start_local,band\n${rows.join('\n')}\n`, 'bands.csv');
    const pricing: Pricing = {
      kind: 'band-series',
      series: 'bands',
      bands: [
        { band: 'Normal', priceMicroPerKWh: 117_600n },
        { band: 'Low', priceMicroPerKWh: 39_900n },
      ],
    };
    const days = [dayOf('2013-10-27', [{ slot: () => 100 }])];
    const facts = { from: '2013-10-27', until: '2013-10-28', days, tariff: tariffOf([energyCharge(pricing)]) };
    // 50 half-hours; 01:00 comes twice and is Low both times.
    expect(quantities(statementOf({ ...facts, series: { bands: series } }))).toEqual({ 'energy/Normal': '4800', 'energy/Low': '200' });
    expect(() => statementOf(facts)).toThrow(expect.objectContaining({ code: 'ERR_SERIES_MISSING' }));
    const late = { ...facts, from: '2013-10-28', until: '2013-10-29', days: [dayOf('2013-10-28', [{ slot: () => 1 }])] };
    expect(() => statementOf({ ...late, series: { bands: series } })).toThrow(expect.objectContaining({ code: 'ERR_PRICE_MISSING' }));
  });

  it('follows a price per hour, below zero too, within its floor and cap', () => {
    // 3 June 2013, local midnight is 23:00 UTC: hour i of the local day has the price of hour i of the series.
    const prices = Array.from({ length: 24 }, (_, i) => (i === 3 ? '-700' : i === 12 ? '9000' : '40'));
    const lines = prices.map(
      (price, i) => `${new Date((midnight('2013-06-03', 'Europe/London') + i * 3600) * 1000).toISOString().slice(0, 16)}Z,${price}`,
    );
    const series = loadSeries(`start_utc,price_per_mwh\n${lines.join('\n')}\n`, 'market.csv');
    const pricing: Pricing = {
      kind: 'price-series',
      series: 'market',
      addMicroPerKWh: 10_000n,
      floorMicroPerKWh: -500_000n,
      capMicroPerKWh: 4_000_000n,
    };
    const days = [dayOf('2013-06-03', [{ slot: () => 500 }])];
    const [line] = statementOf({ ...DAY, days, tariff: tariffOf([energyCharge(pricing)]), series: { market: series } }).lines;
    // 1 kWh an hour: 22 at 0.04 + 0.01, one at -0.7 + 0.01 but no less than -0.5, one at 9.01 but no more than 4.
    expect(line).toEqual({
      code: 'energy/energy',
      quantity: '24000',
      unit: 'Wh',
      amountMicro: String(22 * 50_000 - 500_000 + 4_000_000),
      remainder: '0/1',
    });
  });

  it('of tariff registers is never summed with the total register', () => {
    const channels = [
      { obis: '1-0:1.8.0', slot: () => 100 },
      { obis: '1-0:1.8.1', slot: (minute: number) => (minute < 420 ? 100 : 0) },
      { obis: '1-0:1.8.2', slot: (minute: number) => (minute < 420 ? 0 : 100) },
    ];
    const pricing: Pricing = {
      kind: 'registers',
      registers: [
        { obis: '1-0:1.8.1', band: 'low', priceMicroPerKWh: 100_000n },
        { obis: '1-0:1.8.2', band: 'high', priceMicroPerKWh: 200_000n },
      ],
    };
    const statement = statementOf({ ...DAY, days: [dayOf('2013-06-03', channels)], tariff: tariffOf([energyCharge(pricing)]) });
    expect(amounts(statement)).toEqual({ 'energy/low': '140000', 'energy/high': '680000' });
    expect(statement.importWh).toBe('4800');
    const without = statementOf({ ...DAY, days: [dayOf('2013-06-03', channels.slice(1))], tariff: tariffOf([flat(100_000n)]) });
    expect(quantities(without)).toEqual({ 'energy/energy': '4800' });
    const lacking = ratePeriod(
      inputOf({ ...DAY, days: [dayOf('2013-06-03', channels.slice(0, 2))], tariff: tariffOf([energyCharge(pricing)]) }),
    );
    expect(lacking.assessment.missing).toBe(48);
  });

  it('fills blocks whose thresholds scale with the days', () => {
    const pricing: Pricing = {
      kind: 'tiers',
      perDays: 30,
      tiers: [
        { band: 'first', upToWh: 100_000n, priceMicroPerKWh: 100_000n },
        { band: 'second', upToWh: 250_000n, priceMicroPerKWh: 200_000n },
        { band: 'third', priceMicroPerKWh: 300_000n },
      ],
    };
    // 31 days of 9.6 kWh = 297 600 Wh; thresholds 103 333 (103 333.33) and 258 333 (258 333.33).
    const days = daysAlike('2013-07-01', '2013-08-01', [{ slot: () => 200 }]);
    const statement = statementOf({ from: '2013-07-01', until: '2013-08-01', days, tariff: tariffOf([energyCharge(pricing)]) });
    expect(quantities(statement)).toEqual({ 'energy/first': '103333', 'energy/second': '155000', 'energy/third': '39267' });
    expect(amounts(statement)).toEqual({ 'energy/first': '10333300', 'energy/second': '31000000', 'energy/third': '11780100' });
  });

  it('takes counts times the multiplier, and refuses one that is no whole number', () => {
    const statement = statementOf({ ...DAY, days: [dayOf('2013-06-03', [{ perCount: 40, slot: () => 3 }])] });
    expect(quantities(statement)).toEqual({ 'energy/energy': String(48 * 120) });
    const broken = () => statementOf({ ...DAY, days: [dayOf('2013-06-03', [{ perCount: 0.5, slot: () => 3 }])] });
    expect(broken).toThrow(expect.objectContaining({ code: 'ERR_COUNT_UNIT' }));
  });

  it('stays exact at any price', () => {
    const price = 10n ** 18n + 1n;
    const statement = statementOf({
      ...DAY,
      days: [dayOf('2013-06-03', [{ slot: (_, i) => (i === 0 ? 1 : 0) }])],
      tariff: tariffOf([flat(price)]),
    });
    expect(statement.lines[0]).toMatchObject({ amountMicro: '1000000000000000', remainder: '1/1000' });
  });
});

function clock(halfHour: number): string {
  return `${String(Math.floor(halfHour / 2)).padStart(2, '0')}:${halfHour % 2 === 0 ? '00' : '30'}`;
}
