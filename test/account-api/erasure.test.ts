import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Erasure } from '../../api/customer-account.ts';
import { placeHold } from '../../lambdas/erasure/ask.ts';
import { runErasures } from '../../lambdas/erasure/run-erasures.ts';
import { endTenancy } from '../../lambdas/register/tenancy.ts';
import { defencesUnderTest } from '../support/defences.ts';
import { signedIn } from '../support/signed-in.ts';
import { AccountWorld } from './account-world.ts';

const [ANN, BOB] = ['acc-home-1', 'acc-home-2'];
const PATH = '/v1/me/erasure';
const DAY_MS = 86_400_000;
let world: AccountWorld;
beforeAll(async () => {
  world = await AccountWorld.open();
}, 60_000);
afterAll(() => world.stop());

const ask = (account: string, method = 'GET') => world.read<Erasure>(account, PATH, 'Erasure', { method });
const run = () => runErasures({ platform: world.platform.as('erasure'), defences: defencesUnderTest() });
const instant = (at: number) => new Date(at).toISOString();
const headOf = async (account: string) => (await world.platform.as('auditor').events.latest(`erasure/${account}`)).hash.toString('hex');

describe('a customer who wants to be forgotten', () => {
  it('T8-P5: asks for it minutes after a sign-in, and not with a session that merely goes on', async () => {
    const stale = signedIn(ANN, world.clock.now() - 6 * 60_000);
    const refused = await world.call(ANN, PATH, { method: 'POST', headers: stale });
    expect([refused.status, JSON.parse(refused.text).type]).toEqual([403, expect.stringMatching(/sign-in-too-old$/)]);
    expect(await ask(ANN)).toMatchObject({ status: 'none', remaining: [], completeAt: null, receipt: null });
  });

  it('hears beforehand what a request would come to', async () => {
    const now = world.clock.now();
    const { outlook } = await ask(ANN);
    // Sixty days behind a contract that would end now, and ten years behind the year of its last bill.
    const bills = '2037-01-01T00:00:00.000Z';
    const usageUntil = instant(now + 60 * DAY_MS);
    expect(outlook).toEqual({ tenancyLasts: true, notBefore: instant(now + 7 * DAY_MS), usageUntil, billsUntil: bills });
  });

  it('is told until when it can be taken back, and what is where until when', async () => {
    const now = world.clock.now();
    const asked = await ask(ANN, 'POST');
    expect(asked.receipt).toEqual({ of: 'requested', at: instant(now), version: expect.any(Number), hash: await headOf(ANN) });
    expect(asked).toMatchObject({ status: 'requested', requestedAt: instant(now), notBefore: instant(now + 7 * DAY_MS), completeAt: null });
    expect(asked.remaining.map(({ what }) => what).sort()).toEqual(['backups', 'bills', 'days', 'quarantine', 'queues', 'telemetry']);
    world.clock.advance(1_000);
    expect(await ask(ANN, 'POST')).toMatchObject({ requestedAt: instant(now), receipt: asked.receipt, waitsFor: 'tenancy' });
    expect(await ask(BOB)).toMatchObject({ status: 'none' });
    await run();
    expect(await ask(ANN)).toMatchObject({ kept: [{ class: 'usage', legalBasis: 'contract: supply, and the last bill', until: null }] });
    await endTenancy(world.platform.as('enrol'), 'home-1', Math.floor(world.clock.now() / 900_000) * 900_000);
    await run();
    const known = await ask(ANN);
    expect(known.kept).toContainEqual({ class: 'billing', legalBasis: 'commercial and tax law', until: '2037-01-01T00:00:00.000Z' });
    expect(known.completeAt).toBe('2037-01-02T00:00:00.000Z');
    expect([known.outlook.tenancyLasts, known.receipt, known.waitsFor]).toEqual([false, asked.receipt, 'grace']);
  });

  it('takes it back; under a hold nobody says when it ends', async () => {
    expect(await ask(ANN, 'DELETE')).toMatchObject({
      status: 'none',
      requestedAt: null,
      receipt: { of: 'withdrawn', hash: await headOf(ANN) },
    });
    await placeHold(world.platform.as('erasure'), ANN, { hold: 'h-1', legalBasis: 'an audit' }, 'ann');
    expect(await ask(ANN, 'POST')).toMatchObject({ status: 'requested', held: true, completeAt: null, waitsFor: 'hold' });
  });

  it('hears that it has begun', async () => {
    await endTenancy(world.platform.as('enrol'), 'home-2', Math.floor(world.clock.now() / 900_000) * 900_000);
    await ask(BOB, 'POST');
    const waits: unknown[] = [];
    for (const days of [0, 61]) {
      world.clock.advance(days * DAY_MS);
      for (const { usagePoint } of [{ usagePoint: 'home-1' }, { usagePoint: 'home-2' }])
        await world.platform.as('archive').directory.put([{ key: `reseal-due/${usagePoint}`, value: Buffer.from('0') }]);
      await run();
      waits.push((await ask(BOB)).waitsFor);
      world.clock.advance(days === 0 ? 8 * DAY_MS : 0);
      waits.push((await ask(BOB)).waitsFor);
    }
    expect(waits).toEqual(['grace', 'law', 'law', 'law']);
    const refused = await world.call(BOB, PATH, { method: 'DELETE' });
    expect([refused.status, JSON.parse(refused.text).type]).toEqual([409, expect.stringMatching(/erasure-begun$/)]);
    expect(await ask(BOB)).toMatchObject({ status: 'erased', kept: [{ class: 'usage' }, { class: 'billing' }] });
  });
});
