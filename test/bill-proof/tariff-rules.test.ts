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
  const priced = (charge: object) => {
    const text = JSON.stringify({ id: 'bands', name: 'Bands', currency: 'GBP', from: '2026-01-01', charges: [charge] });
    return [{ tariff: loadTariff(text, 'bands.json').tariff, version: 1, from: '2026-01-01', series: new Map() }];
  };
  const words = (from: string, until: string, charge: object = demand('period')) => {
    const period = { accountId: 'acc-home-1', usagePoint: 'home-1', from, until };
    return chargedByPeriod(statement({ period }), priced(charge)).map(({ about }) => about);
  };

  it('R9.2-2: is named for every period but a calendar month: one that begins within a month, and one that ends before it', () => {
    expect(words('2026-10-01', '2026-11-01')).toEqual([]);
    expect(words('2026-10-15', '2026-11-15')).toEqual(['demand/d, for a period of 31 days,']);
    expect(words('2026-10-01', '2026-10-31')).toEqual(['demand/d, for a period of 30 days,']);
  });

  it('R9.2-2: is not named where the price is for a day', () => {
    expect(words('2026-10-15', '2026-10-20', demand('day'))).toEqual([]);
    expect(words('2026-10-15', '2026-10-20', energy({ kind: 'flat', perKWh: '0.3' }))).toEqual([]);
  });

  const energy = (pricing: object) => ({ kind: 'energy', code: 'energy', pricing });

  it('R9.2-2: steps of a price and free reactive energy begin anew with each period, and are named as well', () => {
    const tiers = energy({
      kind: 'tiers',
      perDays: 1,
      tiers: [
        { band: 'low', upToKWh: '10', perKWh: '0.1' },
        { band: 'high', perKWh: '5' },
      ],
    });
    const reactive = { kind: 'reactive', code: 'q', perKvarh: '0.2', freePerMille: 500 };
    for (const [charge, line] of [
      [tiers, 'energy'],
      [reactive, 'reactive/q'],
    ] as const) {
      expect(words('2026-10-01', '2026-11-01', charge)).toEqual([]);
      expect(words('2026-10-24', '2026-10-25', charge)).toEqual([`${line}, for a period of 1 day,`]);
    }
  });
});
