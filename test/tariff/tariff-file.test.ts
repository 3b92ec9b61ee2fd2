import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { loadTariff, seriesNames, TariffInvalid } from '../../lambdas/billing/tariff-file.ts';

const SHIPPED = fileURLToPath(new URL('../../tariffs/', import.meta.url));
const FLAT = { kind: 'flat', perKWh: '0.1' };

/** A sound file, changed by a test. */
function file(change: object): string {
  return JSON.stringify({ id: 'x', name: 'X', currency: 'GBP', from: '2013-01-01', charges: [energy(FLAT)], ...change });
}

function energy(pricing: object, more: object = {}): object {
  return { kind: 'energy', code: 'energy', pricing, ...more };
}

function timeOfUse(rules: object[], more: object = {}): string {
  const bands = [...new Set(rules.map((rule) => (rule as { band: string }).band))].map((band) => ({ band, perKWh: '0.1' }));
  return file({ charges: [energy({ kind: 'time-of-use', bands, rules })], ...more });
}

function tiers(...ends: (string | undefined)[]): string {
  const list = ends.map((upToKWh, i) => ({ band: `t${i}`, perKWh: '0.1', ...(upToKWh === undefined ? {} : { upToKWh }) }));
  return file({ charges: [energy({ kind: 'tiers', perDays: 30, tiers: list })] });
}

function faultsOf(text: string): string[] {
  try {
    loadTariff(text, 'x.json');
  } catch (error) {
    if (error instanceof TariffInvalid) return error.message.split('\n');
    throw error;
  }
  return [];
}

describe('a tariff file', () => {
  it.each(readdirSync(SHIPPED))('%s of those that ship is sound', (name) => {
    const { tariff } = loadTariff(readFileSync(SHIPPED + name, 'utf8'), name);
    expect(`${tariff.id}.json`).toBe(name);
  });

  it('gives the London prices to the last digit, from data alone', () => {
    const shipped = (name: string) => loadTariff(readFileSync(SHIPPED + name, 'utf8'), name).tariff;
    expect(shipped('london-flat.json').charges).toEqual([
      { kind: 'energy', code: 'flat', pricing: { kind: 'flat', priceMicroPerKWh: 142_280n } },
    ]);
    expect(shipped('london-dynamic.json').charges[0]).toMatchObject({
      pricing: {
        bands: [
          { band: 'Normal', priceMicroPerKWh: 117_600n },
          { band: 'Low', priceMicroPerKWh: 39_900n },
          { band: 'High', priceMicroPerKWh: 672_000n },
        ],
      },
    });
    expect(seriesNames(shipped('london-dynamic.json'))).toEqual(['london-bands']);
    expect(seriesNames(shipped('hourly-market.json'))).toEqual(['day-ahead']);
    expect(seriesNames(shipped('day-night.json'))).toEqual([]);
  });

  it('reads every field', () => {
    const text = file({
      charges: [
        energy({ kind: 'registers', registers: [{ obis: '1-0:1.8.1', band: 'low', perKWh: '-0.000001' }] }, { tax: 'g' }),
        { kind: 'standing', code: 's', perDay: '1', tax: 'g' },
        {
          kind: 'demand',
          code: 'd',
          minutes: 15,
          of: 'kVA',
          price: '2.5',
          per: 'day',
          when: { from: '16:30', until: '24:00', weekdays: ['mon', 'sun'] },
        },
        { kind: 'reactive', code: 'r', perKvarh: '0.02', freePerMille: 484 },
      ],
      export: {
        netting: 'buy-all-sell-all',
        pricing: { kind: 'price-series', series: 'm', addPerKWh: '-1', floorPerKWh: '-2', capPerKWh: '3' },
        tax: 'g',
      },
      minimum: { perDay: '0.25', tax: 'g' },
      taxes: [{ group: 'g', code: 'vat', percent: '7.7' }],
      calendar: { seasons: [{ name: 'w', from: '11-01', until: '02-29' }], holidays: ['2013-12-25'] },
      negativeTotal: 'carry',
    });
    expect(loadTariff(text, 'x.json').tariff).toEqual({
      id: 'x',
      name: 'X',
      currency: 'GBP',
      charges: [
        {
          kind: 'energy',
          code: 'energy',
          pricing: { kind: 'registers', registers: [{ obis: '1-0:1.8.1', band: 'low', priceMicroPerKWh: -1n }] },
          taxGroup: 'g',
        },
        { kind: 'standing', code: 's', priceMicroPerDay: 1_000_000n, taxGroup: 'g' },
        {
          kind: 'demand',
          code: 'd',
          demandMinutes: 15,
          of: 'VAh',
          priceMicroPerKW: 2_500_000n,
          per: 'day',
          when: { from: 990, until: 1440, weekdays: [1, 7] },
        },
        { kind: 'reactive', code: 'r', priceMicroPerKvarh: 20_000n, freePerMille: 484 },
      ],
      export: {
        netting: 'buy-all-sell-all',
        pricing: {
          kind: 'price-series',
          series: 'm',
          addMicroPerKWh: -1_000_000n,
          floorMicroPerKWh: -2_000_000n,
          capMicroPerKWh: 3_000_000n,
        },
        taxGroup: 'g',
      },
      minimum: { priceMicroPerDay: 250_000n, taxGroup: 'g' },
      taxes: [{ group: 'g', code: 'vat', ratePerMillion: 77_000 }],
      calendar: { seasons: [{ name: 'w', from: '11-01', until: '02-29' }], holidays: ['2013-12-25'] },
      negativeTotal: 'carry',
    });
  });

  it.each<[what: string, text: string, fault: string]>([
    ['is no JSON', '{"id": ', 'x.json: the file: no JSON'],
    ['is too long', file({ name: 'x'.repeat(50_000) }), 'characters, 48000 allowed'],
    ['lacks a field', file({ currency: undefined }), 'x.json: currency: absent'],
    ['has an unknown field', file({ perKWh: '1' }), 'x.json: perKWh: unknown; remove it, or check its spelling'],
    [
      'has an unknown kind of charge',
      file({ charges: [{ kind: 'gas' }] }),
      'charges[0].kind: "gas" is not what is expected; the kinds are energy,',
    ],
    [
      'has an unknown unit',
      file({ charges: [{ kind: 'demand', code: 'd', minutes: 30, of: 'MW', price: '1', per: 'day' }] }),
      'charges[0].of: "MW"',
    ],
    [
      'has a price as a number',
      file({ charges: [energy({ kind: 'flat', perKWh: 0.1 })] }),
      'charges[0].pricing.perKWh: 0.1 is not what is expected; a price is a text',
    ],
    ['has a price with seven decimals', file({ charges: [energy({ kind: 'flat', perKWh: '0.1234567' })] }), 'at most 6 decimals'],
    ['has a price in exponents', file({ charges: [energy({ kind: 'flat', perKWh: '1e18' })] }), 'charges[0].pricing.perKWh: "1e18"'],
    [
      'has a price of 10^18',
      file({ charges: [energy({ kind: 'flat', perKWh: `1${'0'.repeat(18)}` })] }),
      'charges[0].pricing.perKWh: beyond 1 000 000 units',
    ],
    ['has a date that is none', file({ from: '2013-02-29' }), 'from: 2013-02-29 is no date'],
    [
      'has a holiday that is none',
      file({ calendar: { holidays: ['2013-12-25', '2013-04-31'] } }),
      'calendar.holidays[1]: 2013-04-31 is no date',
    ],
    ['names no tax', file({ charges: [energy(FLAT, { tax: 'vat' })] }), 'charges[0].tax: no tax for group vat'],
    ['charges the same twice', file({ charges: [energy(FLAT), energy(FLAT)] }), 'charges[1].code: charge energy/energy a second time'],
    ['has overlapping tiers', tiers('100', '100', undefined), 'charges[0].pricing.tiers[1].upToKWh: overlaps the tier before it'],
    ['has falling tiers', tiers('100', '50', undefined), 'charges[0].pricing.tiers[1].upToKWh: overlaps the tier before it'],
    ['has a negative threshold', tiers('-5', undefined), 'charges[0].pricing.tiers[0].upToKWh: is not above 0'],
    ['has tiers that end', tiers('100', '200'), 'charges[0].pricing.tiers[1].upToKWh: the last tier has an upper end'],
    ['has an open tier in between', tiers(undefined, undefined), 'charges[0].pricing.tiers[0].upToKWh: no upper end'],
    [
      'leaves time without a band',
      timeOfUse([{ band: 'a', when: { from: '07:00', until: '23:00' } }]),
      'charges[0].pricing.rules: no rule holds at 00:00 on Monday',
    ],
    [
      'leaves a weekday without a band',
      timeOfUse([
        { band: 'a', when: { weekdays: ['mon', 'tue', 'wed', 'thu', 'fri'] } },
        { band: 'b', when: { weekdays: ['sun'] } },
      ]),
      'no rule holds at 00:00 on Saturday; add a rule for it, or a last rule without "when"',
    ],
    [
      'leaves a holiday evening in winter without a band',
      timeOfUse(
        [
          { band: 'a', when: { holidays: 'never' } },
          { band: 'a', when: { until: '18:00' } },
          { band: 'b', when: { season: 'summer' } },
        ],
        { calendar: { seasons: [{ name: 'summer', from: '04-01', until: '09-30' }] } },
      ),
      'no rule holds at 18:00 on a holiday',
    ],
    [
      'has a rule that never applies',
      timeOfUse([{ band: 'a' }, { band: 'b', when: { from: '01:00', until: '02:00' } }]),
      'rules[1]: never applies',
    ],
    [
      'has a season nobody defined',
      timeOfUse([{ band: 'a', when: { season: 'rain' } }, { band: 'b' }]),
      'rules[0].when.season: no season rain',
    ],
    [
      'has a span of no time',
      timeOfUse([{ band: 'a', when: { from: '07:00', until: '07:00' } }, { band: 'b' }]),
      'rules[0].when: begins and ends at the same time',
    ],
    [
      'has a demand interval that divides no hour',
      file({ charges: [{ kind: 'demand', code: 'd', minutes: 25, of: 'kW', price: '1', per: 'day' }] }),
      'charges[0].minutes: 25 does not divide an hour',
    ],
    [
      'sums a total register with its own',
      file({
        charges: [
          energy({
            kind: 'registers',
            registers: [
              { obis: '1-0:1.8.0', band: 'a', perKWh: '1' },
              { obis: '1-0:1.8.1', band: 'b', perKWh: '1' },
            ],
          }),
        ],
      }),
      'registers[0].obis: 1-0:1.8.0 is a total register',
    ],
    [
      'has a floor above the cap',
      file({ charges: [energy({ kind: 'price-series', series: 's', floorPerKWh: '2', capPerKWh: '1' })] }),
      'floorPerKWh: above capPerKWh',
    ],
    [
      'has the same band in two charges',
      file({
        charges: [
          energy(FLAT, { code: 'a' }),
          energy({ kind: 'band-series', series: 's', bands: [{ band: 'a', perKWh: '1' }] }, { code: 'b' }),
        ],
      }),
      'charges[1].pricing: band a a second time',
    ],
    [
      'nets against a price per interval',
      file({ charges: [energy({ kind: 'price-series', series: 's' })], export: { netting: 'per-period', surplus: 'lapses' } }),
      'export.netting: per-period can not set off against price-series',
    ],
    ['nets without saying what the surplus does', file({ export: { netting: 'per-period' } }), 'export.surplus: absent'],
    ['pays for export without a price', file({ export: { netting: 'per-interval' } }), 'export.pricing: absent'],
    [
      'pays a surplus at two prices',
      file({ export: { netting: 'per-period', surplus: 'paid', pricing: { kind: 'price-series', series: 's' } } }),
      'export.pricing: a paid surplus has one price',
    ],
  ])('that %s is refused, with file, place, reason and remedy', (_what, text, fault) => {
    const faults = faultsOf(text);
    expect(faults.some((line) => line.startsWith('x.json: ') && line.includes(fault) && line.includes('; '))).toBe(true);
  });

  it('tells everything that is wrong at once', () => {
    expect(faultsOf(file({ id: 'a b', currency: 'pounds', charges: [energy({ kind: 'flat', perKWh: 1 })] }))).toHaveLength(3);
  });
});
