import { describe, expect, it } from 'vitest';
import { publicationOf } from '../../bin/proof/published-tariff.ts';
import { checkTariffOrder } from '../../bin/proof/tariff-order.ts';
import { backdatedTariffs, chargedByPeriod } from '../../bin/proof/tariff-times.ts';
import type { BillStatement, DomainEvent } from '../../events/index.ts';
import { loadTariff } from '../../lambdas/billing/tariff-file.ts';
import { openedAt, statement } from './said.ts';

type Named = BillStatement['tariffs'];
const named = (...list: readonly [tariff: string, version: number, from: string][]): Named =>
  list.map(([tariff, version, from]) => ({ tariff, version, from }));

describe('the tariffs that a bill names', () => {
  it('R9.2-2, C10.1-7: two from one date on are refused, as dates that fall are', () => {
    const tariffs = named(['bands', 1, '2026-10-25'], ['bands', 2, '2026-10-25']);
    expect(() => checkTariffOrder(statement({ tariffs }))).toThrow(/behind one from 2026-10-25 on/);
  });

  it.each<[string, Named]>([
    ['a later version', named(['bands', 1, '2026-01-01'], ['bands', 2, '2026-10-25'])],
    ['another tariff, by chance of the same version', named(['bands', 1, '2026-01-01'], ['dear', 1, '2026-10-25'])],
  ])('R9.2-2: followed by %s are one after the other, not one in two pieces', (_what, tariffs) => {
    expect(() => checkTariffOrder(statement({ tariffs }))).not.toThrow();
  });
});

describe('when the prices of a bill were published', () => {
  const BILLED = Date.UTC(2026, 10, 1);
  const published = (tariff: string, version: number, at: number) => {
    const data = { tariff, version, from: '2026-01-01', document: '', at };
    return openedAt(`tariff/${tariff}`, version - 1, [{ type: 'TariffPublished', data }], at);
  };
  const words = (tariffs: Named, ...commits: readonly ReturnType<typeof published>[]) =>
    backdatedTariffs(statement({ tariffs }), BILLED, commits).map(({ about }) => about);

  it('R9.2-2, C10.1-7: is held against the day from which they are charged, not that on which the period begins', () => {
    const tariffs = named(['bands', 1, '2026-10-26']);
    expect(words(tariffs, published('bands', 1, Date.UTC(2026, 9, 26, 12)))).toEqual([]);
    expect(words(tariffs, published('bands', 1, Date.UTC(2026, 9, 27, 12)))).toEqual(['tariff bands version 1']);
  });

  it('R9.2-2: is told of each version and each tariff by its own commit', () => {
    const [early, late] = [Date.UTC(2026, 0, 1), Date.UTC(2026, 9, 28)];
    const tariffs = named(['bands', 1, '2026-01-01'], ['bands', 2, '2026-10-25'], ['dear', 1, '2026-10-26']);
    const commits = [published('bands', 1, early), published('bands', 2, late), published('dear', 1, late)];
    expect(words(tariffs, ...commits)).toEqual(['tariff bands version 2', 'tariff dear version 1']);
  });

  it('R9.2-2: the tariff’s own commit says it, once and by the tariff’s name', () => {
    const honest = published('bands', 3, 5);
    const [event] = honest.events as [Extract<DomainEvent, { type: 'TariffPublished' }>];
    const misnamed = { ...honest, events: [{ ...event, data: { ...event.data, tariff: 'other' } }] };
    const misplaced = openedAt('tariff/other', 2, [event]);
    const twice = { ...honest, events: [event, { ...event, data: { ...event.data, document: 'dear' } }] };
    expect(publicationOf([misnamed, misplaced, twice, honest], 'bands', 3)).toEqual({ commit: honest, published: event.data });
    for (const one of [misnamed, misplaced, twice, published('bands', 2, 5)]) expect(publicationOf([one], 'bands', 3)).toBeUndefined();
  });
});

describe('what is charged by the period', () => {
  const demand = (per: 'period' | 'day') => ({ kind: 'demand', code: 'd', minutes: 30, of: 'kW', price: '10', per });
  const energy = (pricing: object) => ({ kind: 'energy', code: 'energy', pricing });
  const FLAT = energy({ kind: 'flat', perKWh: '0.3' });
  const STEPS = [
    { band: 'low', upToKWh: '10', perKWh: '0.1' },
    { band: 'high', perKWh: '5' },
  ];
  const charging = (...charges: readonly object[]) => ({ charges });
  const words = (from: string, until: string, terms: object = charging(demand('period'))) => {
    const text = JSON.stringify({ id: 'bands', name: 'Bands', currency: 'GBP', from: '2026-01-01', ...terms });
    const priced = [{ tariff: loadTariff(text, 'bands.json').tariff, version: 1, from: '2026-01-01', series: new Map() }];
    const period = { accountId: 'acc-home-1', usagePoint: 'home-1', from, until };
    return chargedByPeriod(statement({ period }), priced).map(({ about }) => about);
  };

  it('R9.2-2: is named for every period but a calendar month: one that begins within a month, and one that ends before it', () => {
    expect(words('2026-10-01', '2026-11-01')).toEqual([]);
    expect(words('2026-10-15', '2026-11-15')).toEqual(['demand/d, for a period of 31 days,']);
    expect(words('2026-10-01', '2026-10-31')).toEqual(['demand/d, for a period of 30 days,']);
  });

  it.each([
    ['demand at a price for a day', charging(demand('day'))],
    ['one price', charging(FLAT)],
    [
      'what is set off within the interval',
      { ...charging(FLAT), export: { netting: 'per-interval', pricing: { kind: 'flat', perKWh: '0.1' } } },
    ],
  ])('R9.2-2: %s is not', (_what, terms) => {
    expect(words('2026-10-15', '2026-10-20', terms)).toEqual([]);
  });

  it.each([
    ['steps of a price', 'energy', charging(energy({ kind: 'tiers', perDays: 1, tiers: STEPS }))],
    ['what is free of reactive energy', 'reactive/q', charging({ kind: 'reactive', code: 'q', perKvarh: '0.2', freePerMille: 500 })],
    ['what is set off over the period', 'export', { ...charging(FLAT), export: { netting: 'per-period', surplus: 'lapses' } }],
    ['a minimum', 'minimum', { ...charging(FLAT), minimum: { perDay: '1' } }],
  ])('R9.2-2: %s begins anew with each period, and is named as well', (_what, line, terms) => {
    expect(words('2026-10-01', '2026-11-01', terms)).toEqual([]);
    expect(words('2026-10-24', '2026-10-25', terms)).toEqual([`${line}, for a period of 1 day,`]);
  });
});
