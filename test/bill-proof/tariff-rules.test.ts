import { describe, expect, it } from 'vitest';
import { checkTariffOrder } from '../../bin/proof/tariff-order.ts';
import { backdatedTariffs, demandPeriods } from '../../bin/proof/tariff-times.ts';
import type { BillStatement } from '../../events/index.ts';
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
});

describe('demand at a price for a period', () => {
  const priced = (per: 'period' | 'day') => {
    const demand = { kind: 'demand', code: 'd', minutes: 30, of: 'kW', price: '10', per };
    const text = JSON.stringify({ id: 'bands', name: 'Bands', currency: 'GBP', from: '2026-01-01', charges: [demand] });
    return [{ tariff: loadTariff(text, 'bands.json').tariff, version: 1, from: '2026-01-01', series: new Map() }];
  };
  const words = (from: string, until: string, per: 'period' | 'day' = 'period') => {
    const period = { accountId: 'acc-home-1', usagePoint: 'home-1', from, until };
    return demandPeriods(statement({ period }), priced(per)).map(({ about }) => about);
  };

  it('R9.2-2: is named for every period but a calendar month: one that begins within a month, and one that ends before it', () => {
    expect(words('2026-10-01', '2026-11-01')).toEqual([]);
    expect(words('2026-10-15', '2026-11-15')).toEqual(['demand/d, for a period of 31 days,']);
    expect(words('2026-10-01', '2026-10-31')).toEqual(['demand/d, for a period of 30 days,']);
  });

  it('R9.2-2: is not named where the price is for a day', () => {
    expect(words('2026-10-15', '2026-10-20', 'day')).toEqual([]);
  });
});
