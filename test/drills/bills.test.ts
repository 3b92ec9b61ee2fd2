import { afterEach, beforeEach, expect, it } from 'vitest';
import { daysOf } from '../../domain/billing/period-calendar.ts';
import { makeBillRuns } from '../../lambdas/billing/handler.ts';
import { publishTariff } from '../../lambdas/billing/publish-tariff.ts';
import { openPoints } from '../../lambdas/register/open-points.ts';
import { closeDay, openHomes, TARIFF } from '../billing/closed-homes.ts';
import { discard } from '../contract/support/state.ts';
import { ASSET } from '../subjects/given.ts';
import { type SealedWorld, sealedWorld } from '../subjects/sealed-days.ts';
import { lambdaContext } from '../support/sqs.ts';
import { Duty } from './duty.ts';

const OCTOBER = { from: '2026-10-01', until: '2026-11-01' };
const SINCE = Date.parse('2026-10-01T00:00:00Z');

let duty: Duty;
let world: SealedWorld;
beforeEach(async () => {
  duty = new Duty();
  world = await sealedWorld();
  await openHomes(world.as);
});
afterEach(() => {
  duty.end();
  world.state.close();
  discard(world.state.directory);
});

async function run(day: string): Promise<void> {
  duty.turn();
  world.state.clock.advance(Date.parse(`${day}T12:00:00Z`) - world.state.clock.now());
  await makeBillRuns(world.as('billing'))({} as never, lambdaContext('bill-runs'));
}

/** Homes beside the two there are. */
async function more(count: number, tariff: string): Promise<void> {
  const entries = Array.from({ length: count }, (_, i) => {
    const name = String(i + 10);
    const point = { usagePoint: `home-${name}`, premises: `p-${name}`, zone: 'Europe/London', areaLeaf: 'north-1' };
    const meter = { meterId: `00124b00000000${name}`, from: SINCE, asset: ASSET };
    const tenant = { accountId: `acc-home-${name}`, from: SINCE };
    return { ...point, meterClass: 'residential' as const, meter, tenant, tariff: { tariff, from: '2026-01-01' } };
  });
  await openPoints(world.as('enrol'), entries);
}

it('bills-failed: a home on a tariff that was never published raises it, and publishing it ends it', async () => {
  await more(1, 'late');
  await run('2026-11-06');
  expect(duty.hears('bills-failed')).toBe(true);
  await publishTariff(world.as('billing'), { file: 'late.json', text: JSON.stringify({ ...TARIFF, id: 'late' }) }, new Map());
  await run('2026-11-07');
  expect(duty.hears('bills-failed')).toBe(false);
}, 120_000);

it('bills-held: 25 homes without final days raise it, and fewer do not', async () => {
  await more(23, 'flat');
  await run('2026-11-06');
  expect(duty.hears('bills-held')).toBe(true);
  for (const day of daysOf(OCTOBER)) await closeDay(world.as, 'home-1', day, 100);
  await run('2026-11-07');
  expect(duty.hears('bills-held')).toBe(false);
}, 120_000);
