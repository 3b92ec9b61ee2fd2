import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { BillProof } from '../../api/bill-proof.ts';
import { openCommit, trustedCheckpoint } from '../../bin/proof/open-commits.ts';
import type { TariffAssignment } from '../../domain/billing/billing-input.ts';
import { ratePeriod } from '../../domain/billing/rating.ts';
import type { BillComputed } from '../../events/index.ts';
import { inputOf } from '../../lambdas/billing/bill-basis.ts';
import { publishTariff } from '../../lambdas/billing/publish-tariff.ts';
import { loadTariff } from '../../lambdas/billing/tariff-file.ts';
import { daysToRate, issuedTo, recordBill } from './false-bills.ts';
import { ProofWorld, TARIFF } from './proof-world.ts';

const HOME = 'home-1';
const SINCE = '2026-01-02';

describe('a bill that follows from days and prices, and from the wrong ones', () => {
  let world: ProofWorld;
  beforeEach(async () => {
    world = await ProofWorld.open();
  }, 60_000);
  afterEach(() => world.close());

  /** The home's days at another tariff of its name. */
  async function ratedAt(text: string, { from, calendarDays }: { from: string; calendarDays?: number }): Promise<BillComputed> {
    const { version } = await publishTariff(world.platform.as('billing'), { file: 'bands.json', text }, new Map());
    const proof = JSON.parse(await world.prove(HOME)) as BillProof;
    const head = trustedCheckpoint(proof, await world.trust());
    const bill = await issuedTo(world, HOME);
    const days = daysToRate(
      bill,
      proof.days.map((one) => openCommit(one, head)),
    );
    const tariffs: TariffAssignment[] = [{ tariff: loadTariff(text, 'bands.json').tariff, version, from, series: new Map() }];
    const input = inputOf(bill, { days, tariffs });
    const { statement } = ratePeriod({ ...input, ...(calendarDays === undefined ? {} : { calendarDays }) });
    const basis = { ...bill.basis!, calendarDays: calendarDays ?? bill.basis!.calendarDays };
    return { ...bill, ...statement, basis };
  }

  async function verdictOn(bill: BillComputed) {
    await recordBill(world, bill);
    return await world.verdict(HOME);
  }

  it('R9.2-2: at a version of its tariff that begins later is refused', async () => {
    const dear = JSON.stringify({ ...TARIFF, from: '2027-01-01' })
      .replace('0.31', '3.10')
      .replace('0.17', '1.70');
    expect(await verdictOn(await ratedAt(dear, { from: '2026-01-01' }))).toMatchObject({
      fault: 'lines',
      what: expect.stringContaining('2027-01-01'),
    });
  });

  const demand = { kind: 'demand', code: 'd', minutes: 30, of: 'kW', price: '10', per: 'period' };
  const withDemand = JSON.stringify({ ...TARIFF, from: SINCE, charges: [...TARIFF.charges, demand] });

  it('R9.2-2: with a demand charge is proved over the days that the period has', async () => {
    expect(await verdictOn(await ratedAt(withDemand, { from: SINCE }))).toMatchObject({ days: 3, binding: { onWord: [] } });
  });

  it('R9.2-2: with a demand charge over fewer days than the period has is refused', async () => {
    expect(await verdictOn(await ratedAt(withDemand, { from: SINCE, calendarDays: 1 }))).toMatchObject({ fault: 'lines' });
  });
});
