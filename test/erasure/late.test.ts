import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { erasureStanding, requestErasure } from '../../lambdas/erasure/ask.ts';
import type { Platform } from '../../platform/ports/platform.ts';
import { accountOf, DAY_MS, ErasureTown } from './erasure-town.ts';

const ACCOUNT = accountOf(0);
let town: ErasureTown;
/** With bills, which the law keeps for years. */
beforeEach(async () => {
  town = await ErasureTown.make();
  await town.weeks(5);
  await town.moveOut(0);
  await requestErasure(town.as('erasure'), ACCOUNT, { by: 'customer' });
  town.clock.advance(61 * DAY_MS);
  await town.erase();
}, 120_000);
afterEach(() => town.close());

async function rowsOf(account: string): Promise<string[]> {
  const { keys } = town.as('auditor');
  const all = [...(await keys.list(`usage/${account}/`)), ...(await keys.list(`billing/${account}/`)), ...(await keys.list('sign-in/'))];
  return all.map(({ id }) => id).filter((id) => id.includes(`/${account}/`) || id.includes(`customer.${account}/`));
}

const late = async (id: string, { keys }: Platform) =>
  await keys.putIfAbsent({ id, wrapped: Buffer.alloc(60), wrappedBy: 'some-kek', createdAt: town.clock.now() });

describe('a row that somebody made in the same moment, of a customer whose bills are kept for years', () => {
  it('C10.3-3: is swept away at the next look, the bills’ are not, and a neighbour’s are not', async () => {
    const waits = { account: ACCOUNT, status: 'erased', waitsFor: 'law' };
    const [bills, neighbours] = [await rowsOf(ACCOUNT), await rowsOf(accountOf(1))];
    expect(bills).toMatchObject([expect.stringMatching(/^billing\//)]);
    expect((await erasureStanding(town.as('erasure'), ACCOUNT)).waitsFor).toBe('law');
    const month = new Date(town.clock.now()).toISOString().slice(0, 7);
    await late(`usage/${ACCOUNT}/2031-01/${town.clock.now()}`, town.as('close-day'));
    await late(`sign-in/${month}/customer.${ACCOUNT}/${town.clock.now()}`, town.as('session'));
    expect(await rowsOf(ACCOUNT)).toHaveLength(3);
    town.clock.advance(DAY_MS);
    expect((await town.erase()).progress).toMatchObject([waits]);
    expect(await rowsOf(ACCOUNT)).toEqual(bills);
    expect(await rowsOf(accountOf(1))).toEqual(neighbours);
  });
});
