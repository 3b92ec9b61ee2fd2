import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { BillBasis, BillComputed } from '../../events/index.ts';
import { recordBill } from './false-bills.ts';
import { ProofWorld, TARIFF } from './proof-world.ts';
import { chargedFrom, ratedByHand } from './rated-by-hand.ts';

const HOME = 'home-1';
const SINCE = '2026-01-02';
const netting = JSON.stringify({
  ...{ ...TARIFF, from: SINCE, taxes: [] },
  charges: [{ kind: 'energy', code: 'energy', pricing: { kind: 'flat', perKWh: '0.20' } }],
  export: { netting: 'per-period', surplus: 'carried' },
});
const tiers = JSON.stringify({
  ...{ ...TARIFF, from: SINCE, taxes: [] },
  charges: [
    {
      ...{ kind: 'energy', code: 'energy' },
      pricing: {
        ...{ kind: 'tiers', perDays: 1 },
        tiers: [
          { band: 'low', upToKWh: '17.47', perKWh: '0.10' },
          { band: 'high', perKWh: '9.00' },
        ],
      },
    },
  ],
});

let world: ProofWorld;
beforeEach(async () => {
  world = await ProofWorld.open();
}, 60_000);
afterEach(() => world.close());

async function verdictOn(bill: BillComputed) {
  await recordBill(world, bill);
  return await world.verdict(HOME);
}

const withBasis = (basis: Partial<BillBasis>) => (bill: BillComputed) => ({ ...bill, basis: { ...bill.basis!, ...basis } });

describe('a bill that charges under another name', () => {
  it('R9.2-2, C10.1-7: by less than no energy brought from the bill before is refused', async () => {
    const change = (bill: BillComputed) => withBasis({ broughtWh: { 'energy/energy': '-500000' } })(chargedFrom(SINCE)(bill));
    const bill = await ratedByHand(world, HOME, change, { text: netting });
    expect(await verdictOn(bill)).toMatchObject({ fault: 'lines', what: expect.stringContaining('energy/energy') });
  });

  it('R9.2-2, C10.1-7: by less than no money brought from the bill before is refused', async () => {
    const bill = await ratedByHand(world, HOME, withBasis({ broughtMicro: '-50000000' }));
    expect(await verdictOn(bill)).toMatchObject({ fault: 'lines', what: expect.stringContaining('credit/brought') });
  });

  it('R9.2-2: by credit of another bill is taken at its word, energy and money', async () => {
    const brought = withBasis({ broughtMicro: '500000', broughtWh: { 'energy/energy': '2000' } });
    const bill = await ratedByHand(world, HOME, (one) => brought(chargedFrom(SINCE)(one)), { text: netting });
    const taken = ['energy/energy', 'credit/brought'].map((about) => ({ about, why: 'brought' }));
    expect(await verdictOn(bill)).toMatchObject({ taken: expect.arrayContaining(taken) });
  });

  it('R9.2-2, C10.1-7: a day twice, by tariffs whose dates fall, is refused', async () => {
    const bill = await ratedByHand(world, HOME, chargedFrom('2026-10-24', '2026-10-26', '2026-10-25'));
    expect(await verdictOn(bill)).toMatchObject({ fault: 'lines', what: expect.stringContaining('behind one from 2026-10-26') });
  });

  it('R9.2-2, C10.1-7: in pieces of one tariff, whose tiers begin again with each, is refused', async () => {
    const bill = await ratedByHand(world, HOME, chargedFrom(SINCE, '2026-10-25', '2026-10-26'), { text: tiers });
    expect(await verdictOn(bill)).toMatchObject({ fault: 'lines', what: expect.stringContaining('in two pieces') });
  });
});
