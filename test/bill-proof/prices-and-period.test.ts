import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { BillComputed } from '../../events/index.ts';
import { recordBill } from './false-bills.ts';
import { ProofWorld, TARIFF } from './proof-world.ts';
import { chargedFrom, ratedByHand } from './rated-by-hand.ts';

const HOME = 'home-1';
const SINCE = '2026-01-02';

describe('a bill that follows from days and prices, and from the wrong ones', () => {
  let world: ProofWorld;
  beforeEach(async () => {
    world = await ProofWorld.open();
  }, 60_000);
  afterEach(() => world.close());

  /** What a reader finds of the home's days at another version of its tariff. */
  async function verdictAt(text: string, change: (bill: BillComputed) => BillComputed) {
    await recordBill(world, await ratedByHand(world, HOME, change, { text }));
    return await world.verdict(HOME);
  }

  it('R9.2-2: at a version of its tariff that begins later is refused', async () => {
    const dear = JSON.stringify({ ...TARIFF, from: '2027-01-01' })
      .replace('0.31', '3.10')
      .replace('0.17', '1.70');
    expect(await verdictAt(dear, chargedFrom('2026-01-01'))).toMatchObject({
      fault: 'lines',
      what: expect.stringContaining('2027-01-01'),
    });
  });

  const demand = { kind: 'demand', code: 'd', minutes: 30, of: 'kW', price: '10', per: 'period' };
  const withDemand = JSON.stringify({ ...TARIFF, from: SINCE, charges: [...TARIFF.charges, demand] });
  const overDays = (calendarDays: number) => (bill: BillComputed) => {
    return chargedFrom(SINCE)({ ...bill, basis: { ...bill.basis!, calendarDays } });
  };

  it('R9.2-2: with a demand charge is proved over the days that the period has', async () => {
    expect(await verdictAt(withDemand, overDays(3))).toMatchObject({ days: 3, binding: { onWord: [] } });
  });

  it('R9.2-2: with a demand charge over fewer days than the period has is refused', async () => {
    expect(await verdictAt(withDemand, overDays(1))).toMatchObject({ fault: 'lines' });
  });

  it('R9.2-2: of a part of the days that it names is refused: what is charged is of its period', async () => {
    const shorter = (bill: BillComputed) => ({ ...bill, period: { ...bill.period, until: '2026-10-25' } });
    expect(await verdictAt(JSON.stringify({ ...TARIFF, from: SINCE }), (bill) => chargedFrom(SINCE)(shorter(bill)))).toMatchObject({
      fault: 'binding',
      what: expect.stringContaining('not of its period'),
    });
  });
});
