import { describe, expect, it } from 'vitest';
import type { TariffAssignment } from '../../domain/billing/billing-input.ts';
import type { BillStatement } from '../../events/index.ts';
import { chargedTariffs } from '../../lambdas/billing/charged-tariffs.ts';
import type { BilledPoint, BillingSources } from '../../lambdas/billing/sources.ts';
import { loadTariff } from '../../lambdas/billing/tariff-file.ts';
import { TARIFF } from '../bill-proof/proof-world.ts';

const version = (id: string, number: number, from: string): TariffAssignment => ({
  ...{ tariff: loadTariff(JSON.stringify({ ...TARIFF, id, from }), id).tariff, version: number, from, series: new Map() },
});
const PUBLISHED: Readonly<Record<string, readonly TariffAssignment[]>> = {
  own: [version('own', 1, '2026-01-01'), version('own', 2, '2026-03-10')],
  others: [version('others', 1, '2026-01-01')],
};
const sources = { tariff: async (id: string) => PUBLISHED[id] ?? [] } as Partial<BillingSources> as BillingSources;
const point = (...tariffs: BilledPoint['tariffs']) => ({ tariffs }) as Partial<BilledPoint> as BilledPoint;
const dates = (first: number, last: number) =>
  Array.from({ length: last - first + 1 }, (_, i) => `2026-03-${String(first + i).padStart(2, '0')}`);
const billed = (days: readonly string[], ...tariffs: BillStatement['tariffs']) => ({
  statement: { tariffs } as Partial<BillStatement> as BillStatement,
  days: new Set(days),
});

async function named(...asked: Parameters<typeof chargedTariffs> extends [unknown, ...infer Rest] ? Rest : never): Promise<string[]> {
  return (await chargedTariffs(sources, ...asked)).map(({ tariff, version: number, from }) => `${tariff.id} ${number} ${from}`);
}

describe('what charges the days of an account', () => {
  const own = { tariff: 'own', from: '2026-01-01' };

  it('is each version from when it holds', async () => {
    expect(await named(point(own), dates(1, 31), undefined)).toEqual(['own 1 2026-01-01', 'own 2 2026-03-10']);
    expect(await named(point(own), dates(12, 31), undefined)).toEqual(['own 2 2026-03-10']);
  });

  it('R9.2-4: is nothing that holds on days of others alone, before, behind or between', async () => {
    const between = point(own, { tariff: 'others', from: '2026-03-12' }, { tariff: 'own', from: '2026-03-20' });
    expect(await named(between, dates(12, 19), undefined)).toEqual(['others 1 2026-03-12']);
    expect(await named(between, dates(20, 31), undefined)).toEqual(['own 2 2026-03-20']);
    expect(await named(between, [...dates(10, 11), ...dates(20, 31)], undefined)).toEqual(['own 2 2026-03-10']);
  });

  it('stays what a bill has charged, and is as it is now on days that come to it', async () => {
    const before = billed(dates(11, 20), { tariff: 'own', version: 1, from: '2026-01-01' });
    expect(await named(point(own), dates(11, 20), before)).toEqual(['own 1 2026-01-01']);
    expect(await named(point(own), dates(11, 25), before)).toEqual(['own 1 2026-01-01', 'own 2 2026-03-21']);
    expect(await named(point({ tariff: 'others', from: '2026-01-01' }), dates(9, 20), before)).toEqual([
      'others 1 2026-01-01',
      'own 1 2026-03-11',
    ]);
  });

  it('is refused where a tariff has no version on a day, and left open where there is no tariff', async () => {
    const early = ['2025-12-31'];
    await expect(named(point({ tariff: 'own', from: '2025-01-01' }), early, undefined)).rejects.toMatchObject({
      code: 'ERR_TARIFF_MISSING',
    });
    expect(await named(point(own), early, undefined)).toEqual([]);
    const gone = billed(early, { tariff: 'own', version: 9, from: '2025-01-01' });
    await expect(named(point(own), early, gone)).rejects.toMatchObject({ code: 'ERR_TARIFF_UNKNOWN' });
  });
});
