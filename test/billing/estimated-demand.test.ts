import { beforeEach, expect, it } from 'vitest';
import { SLOT_SOURCES } from '../../events/index.ts';
import { approveHeld } from '../../lambdas/billing/approve-held.ts';
import { billPeriod } from '../../lambdas/billing/bill-period.ts';
import { placesOf } from '../../lambdas/billing/places.ts';
import { BillingWorld } from './billing-world.ts';

const JUNE = { from: '2013-06-01', until: '2013-07-01' };
const HOME = { account: 'a-u1', usagePoint: 'u1', ...JUNE };
const BILL = 'bill/a-u1/u1.2013-06-01';
/** 10 kW in one half-hour, and nobody measured it. */
const ESTIMATED_COUNTS = 5_000;

let world: BillingWorld;
beforeEach(async () => {
  world = new BillingWorld();
  const { installations } = world.home('u1');
  const charges = [
    { kind: 'energy', code: 'energy', pricing: { kind: 'flat', perKWh: '0.1' } },
    { kind: 'demand', code: 'd', minutes: 30, of: 'kW', price: '10', per: 'period' },
  ];
  await world.publish('flat', '2013-01-01', '0.1', { charges });
  await world.days(placesOf(world.points.get('u1')!, HOME.account, JUNE));
  const sources = new Uint8Array(48).fill(SLOT_SOURCES.indexOf('measured'));
  const counts = new Uint32Array(48).fill(100);
  sources[20] = SLOT_SOURCES.indexOf('E3');
  counts[20] = ESTIMATED_COUNTS;
  const [asset] = installations[0]!.asset.channels;
  world.restate('meterday/m-u1/2013-06-10', [100], { revision: 1, channels: [{ asset: asset!, perCount: 1, counts, sources }] });
});

const wordFor = (ofHold: number) => ({ reason: 'seen', approvedBy: 'sue', ofHold });

it('C10.1-1: a bill that estimated demand holds shows what it comes to with it, and goes by that word at that amount', async () => {
  await billPeriod(world, HOME);
  const { held } = await world.bill(BILL);
  expect(held).toMatchObject({ reasons: ['demand-estimated'], rated: { withDemand: { totalMicro: expect.any(String) } } });
  const { totalMicro, withDemand } = held!.rated!;
  expect(BigInt(withDemand!.totalMicro)).toBeGreaterThan(BigInt(totalMicro));
  const { state } = await approveHeld(world, { ...HOME, demandApprovedBy: 'sue' }, wordFor(held!.at));
  expect(state.billed?.statement.totalMicro).toBe(withDemand!.totalMicro);
  expect(state.held).toBeUndefined();
});

it('C10.1-1: it does not go at another estimate than was seen, nor by a word that is not of demand', async () => {
  await billPeriod(world, HOME);
  const { held } = await world.bill(BILL);
  const stays = await approveHeld(world, HOME, wordFor(held!.at));
  expect(stays.state.held?.reasons).toEqual(['demand-estimated']);
  await world.publish('flat', '2013-06-01', '0.2', {
    charges: [{ kind: 'demand', code: 'd', minutes: 30, of: 'kW', price: '20', per: 'period' }],
  });
  const dearer = approveHeld(world, { ...HOME, demandApprovedBy: 'sue' }, wordFor(held!.at));
  await expect(dearer).rejects.toMatchObject({ code: 'ERR_BILL_CHANGED' });
  const { held: anew } = await world.bill(BILL);
  expect(anew!.at).toBeGreaterThan(held!.at);
  expect(anew!.rated?.withDemand).not.toEqual(held!.rated?.withDemand);
});
