import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openCommit } from '../../bin/proof/open-commits.ts';
import type { TariffAssignment } from '../../domain/billing/billing-input.ts';
import { ratePeriod } from '../../domain/billing/rating.ts';
import type { BillComputed, BillStatement } from '../../events/index.ts';
import { inputOf } from '../../lambdas/billing/bill-basis.ts';
import { billPeriod } from '../../lambdas/billing/bill-period.ts';
import { openBilling } from '../../lambdas/billing/open-billing.ts';
import { publishTariff } from '../../lambdas/billing/publish-tariff.ts';
import { loadSeries } from '../../lambdas/billing/series-file.ts';
import { loadTariff } from '../../lambdas/billing/tariff-file.ts';
import { endTenancy } from '../../lambdas/register/tenancy.ts';
import { issuedTo, record, recordBill } from './false-bills.ts';
import { accountOf, PERIOD, ProofWorld, TARIFF } from './proof-world.ts';
import { provenDays } from './rated-by-hand.ts';

const HOME = 'home-1';
const SINCE = Date.UTC(2026, 9, 23, 23);
/** The third day begins, a second one of the next tenant. */
const THIRD = Date.UTC(2026, 9, 26);
const [FROM, HOURS, HOUR] = [Date.UTC(2026, 9, 23), 5 * 24, 3_600_000];
/** Who takes energy is paid for it, so that a bill ends in a credit. */
const NEGATIVE = `start_utc,price_per_kwh\n${Array.from({ length: HOURS }, (_, i) => `${new Date(FROM + i * HOUR).toISOString().slice(0, 16)}Z,-1.00`).join('\n')}\n`;

let world: ProofWorld;
afterEach(() => world.close());

const published = async (tariff: object) =>
  await publishTariff(world.platform.as('billing'), { file: 'tariff.json', text: JSON.stringify(tariff) }, new Map());

/** What billing makes of the period for an account, prices taken as they are now; undefined where that is what went out. */
async function billedAnew(account: string): Promise<BillStatement | undefined> {
  const sources = await openBilling(world.platform.as('billing'), [account], PERIOD);
  const { events } = await billPeriod(sources, { account, usagePoint: HOME, ...PERIOD, repriced: true });
  const [event] = events;
  if (event === undefined) return undefined;
  if (event.type !== 'BillRerated' && event.type !== 'BillComputed') throw new Error(event.type);
  return event.data;
}

describe('a home whose next tenant has another tariff, which carries a credit on', () => {
  beforeEach(async () => {
    world = await ProofWorld.open({ series: NEGATIVE, successor: { account: 'acc-next', from: THIRD } });
    await published({ ...TARIFF, id: 'next', name: 'social', negativeTotal: 'carry' });
    const assigned = { tariff: 'next', from: '2026-10-26', at: THIRD };
    await record(world, 'enrol', `usagepoint/${HOME}`, [{ type: 'TariffAssigned', data: assigned }]);
  }, 60_000);

  it('R9.2-4: the bill of who moved out says nothing of it, and pays their credit out', async () => {
    const { tariffs, totalMicro, carriedMicro } = await issuedTo(world, HOME);
    expect(tariffs).toEqual([{ tariff: 'bands', version: 1, from: '2026-01-01' }]);
    expect([BigInt(totalMicro) < 0n, carriedMicro]).toEqual([true, undefined]);
    expect(await billedAnew(accountOf(HOME))).toBeUndefined();
  });

  it('R9.2-4: the bill of who moved in says nothing of the one before', async () => {
    const bill = await billedAnew('acc-next');
    expect(JSON.stringify(bill)).not.toContain('bands');
    expect(bill?.tariffs).toEqual([{ tariff: 'next', version: 1, from: '2026-10-26' }]);
    expect(BigInt(bill!.totalMicro)).toBeGreaterThan(0n);
  });
});

describe('a tariff that holds on no day that is charged', () => {
  beforeEach(async () => {
    world = await ProofWorld.open({ series: NEGATIVE });
  }, 60_000);

  it('R9.2-2: and keeps the credit of who moved out, is refused', async () => {
    await endTenancy(world.platform.as('enrol'), HOME, THIRD);
    const now = world.clock.now();
    world.clock.set(SINCE);
    await published({ ...TARIFF, id: 'carrying', negativeTotal: 'carry' });
    world.clock.set(now + 60_000);
    const { proof, head, issued, days: all } = await provenDays(world, HOME);
    const own = openCommit(proof.tariffs[0]!, head).events[0]!;
    if (own.type !== 'TariffPublished') throw new Error(own.type);
    const days = all.filter(({ day }) => day !== '2026-10-26');
    const bill: BillComputed = { ...issued, spans: [{ from: SINCE / 1000, until: THIRD / 1000 }] };
    const series = new Map([['market', loadSeries(NEGATIVE, 'x')]]);
    const carrying = loadTariff(JSON.stringify({ ...TARIFF, id: 'carrying', negativeTotal: 'carry' }), 'x').tariff;
    const tariffs: TariffAssignment[] = [
      { tariff: loadTariff(own.data.document, 'x').tariff, version: 1, from: '2026-01-01', series },
      { tariff: carrying, version: 1, from: '2026-10-26', series: new Map() },
    ];
    const totals: string[] = [];
    for (const many of [tariffs.slice(0, 1), tariffs]) {
      const { statement } = ratePeriod(inputOf(bill, { days, tariffs: many }));
      totals.push(statement.totalMicro);
      await recordBill(world, { ...bill, ...statement });
    }
    expect([BigInt(totals[0]!) < 0n, totals[1]]).toEqual([true, '0']);
    expect(await world.verdict(HOME)).toMatchObject({
      fault: 'lines',
      what: expect.stringMatching(/carrying .* no day that is charged/),
    });
  });
});
