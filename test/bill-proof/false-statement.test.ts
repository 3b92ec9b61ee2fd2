import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { DomainEvent } from '../../events/index.ts';
import { ASSET } from '../subjects/given.ts';
import { ratedAnew, record, recordBill, recordFalseBill } from './false-bills.ts';
import { accountOf, ProofWorld } from './proof-world.ts';

const HOME = 'home-1';
const [OWN, STREAM] = [accountOf(HOME), `usagepoint/${HOME}`];
const SINCE = Date.UTC(2026, 9, 23, 23);
const EXCHANGED = SINCE + 7 * 86_400_000;
const NEIGHBOUR = '00124b0000000002';

let world: ProofWorld;
beforeEach(async () => {
  world = await ProofWorld.open();
}, 60_000);
afterEach(() => world.close());

/** Tells the account of a meter that is to have hung there all the time. */
async function state(meterId: string): Promise<void> {
  const { version: through } = await world.platform.as('enrol').events.head(STREAM);
  const data = {
    ...{ usagePoint: HOME, through, spans: [{ from: SINCE }], multipliers: [], at: SINCE },
    meters: [{ meterId, from: SINCE, asset: ASSET }],
    tariffs: [{ tariff: 'bands', from: '2026-01-01' }],
  };
  await record(world, 'enrol', `account/${OWN}`, [{ type: 'PointStated', data }]);
  world.clock.advance(60_000);
}

const told = { fault: 'binding', what: expect.stringMatching(/says otherwise than the account was told/) };

describe('a statement that the usage point contradicts', () => {
  it('R9.2-2, C10.1-7: by all that it said is refused, and with it the bill of a neighbour’s meter', async () => {
    await state(NEIGHBOUR);
    await recordFalseBill(world, { source: 'home-2', account: OWN, usagePoint: HOME });
    expect(await world.verdict(HOME)).toMatchObject(told);
  });

  it.each<[string, DomainEvent]>([
    ['hung', { type: 'MeterInstalled', data: { meterId: NEIGHBOUR, from: EXCHANGED, asset: ASSET, registers: [], at: EXCHANGED } }],
    ['taken away', { type: 'MeterRemoved', data: { meterId: '00124b0000000001', until: EXCHANGED, registers: [], at: EXCHANGED } }],
  ])('R9.2-2, C10.1-7: by a meter that was %s is refused, whatever else is withheld', async (_what, event) => {
    await record(world, 'enrol', STREAM, [{ type: 'TenancyCut', data: { subject: 'acc-third', from: SINCE + 864e5 * 60, at: SINCE } }]);
    await record(world, 'enrol', STREAM, [event]);
    await state('00124b0000000001');
    await recordBill(world, await ratedAnew(world, HOME));
    expect(await world.verdict(HOME)).toMatchObject(told);
  });
});
