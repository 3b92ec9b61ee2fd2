import { describe, expect, it } from 'vitest';
import { erasureFacts } from '../../lambdas/erasure/erasure-facts.ts';
import { openPoints } from '../../lambdas/register/open-points.ts';
import { endTenancy } from '../../lambdas/register/tenancy.ts';
import { ASSET } from '../subjects/given.ts';
import { MemoryWorld } from '../support/memory-platform.ts';

const HOUR = 3_600_000;
/** Local midnight of London's winter. */
const [FROM, UNTIL] = [Date.UTC(2024, 0, 1), Date.UTC(2025, 11, 20)];

/** A customer who left in December 2025. @param bills when each went out, as it is noted */
async function factsWith(...bills: readonly string[]) {
  const world = new MemoryWorld();
  world.clock.set(FROM + HOUR);
  const point = { usagePoint: 'up-1', premises: 'p-1', zone: 'Europe/London', areaLeaf: 'north-1', meterClass: 'residential' as const };
  const meter = { meterId: '00124b0000000001', from: FROM, asset: ASSET };
  await openPoints(world.as('enrol'), [
    { ...point, meter, tenant: { accountId: 'anna', from: FROM }, tariff: { tariff: 'flat', from: '2024-01-01' } },
  ]);
  world.clock.set(Date.UTC(2026, 2, 1));
  await endTenancy(world.as('enrol'), 'up-1', UNTIL);
  for (const [i, at] of bills.entries())
    await world.as('billing').directory.put([{ key: `bills/anna/up-1.2025-${10 + i}-01`, value: Buffer.from(at) }]);
  return await erasureFacts(world.as('erasure'), 'anna');
}

describe('how long bills are kept', () => {
  it('C10.3-3: ten years behind the year in which the last went out, be it after the tenancy', async () => {
    const december = await factsWith(String(Date.UTC(2025, 11, 2)), String(Date.UTC(2025, 11, 28)));
    expect(december).toMatchObject({ tenancyEnd: UNTIL, billsUntil: Date.UTC(2036, 0, 1) });
    const january = await factsWith(String(Date.UTC(2025, 11, 2)), String(Date.UTC(2026, 0, 3)));
    expect(january.billsUntil).toBe(Date.UTC(2037, 0, 1));
  });

  it('by the end of the tenancy where it is not noted when they went out, and not at all where there are none', async () => {
    expect((await factsWith('', '')).billsUntil).toBe(Date.UTC(2036, 0, 1));
    expect((await factsWith()).billsUntil).toBe(0);
  });
});
