import { createPublicKey, type JsonWebKey } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { consentDecider } from '../../domain/consent/consent.ts';
import { NOTICE_ITEM, NOTICE_TYPE, type NoticeItem, THIRD_PARTY_FEED_TYP } from '../../events/catalogue/third-party-feed.ts';
import { Consents } from '../../lambdas/consent/consents.ts';
import { consentGates } from '../../lambdas/deliver/consent-gate.ts';
import { feedStream } from '../../lambdas/shared/feeds/feed-names.ts';
import { changeRecipient } from '../../lambdas/shared/feeds/recipients.ts';
import { runDecider } from '../../lambdas/shared/streams.ts';
import { verifyChain } from '../../protocol/feed.ts';
import { jwsHash, type PinnedKey } from '../../protocol/jws.ts';
import { verifyWebhook, WEBHOOK_TYP } from '../../protocol/webhook.ts';
import { closeDay } from '../billing/closed-homes.ts';
import type { Credentials } from '../platform/gateway-fixture.ts';
import { defencesUnderTest } from '../support/defences.ts';
import type { Answered } from '../support/exchange.ts';
import { WebhookReceiver } from '../support/webhook-receiver.ts';
import { jsonOf, PartyWorld, type Tokens } from './party-world.ts';

const TYPES = Object.values(NOTICE_TYPE);
const FEED = 'third-party/watt-advice';
const consents = consentDecider(defencesUnderTest());
let world: PartyWorld;
let party: Credentials;
/** The third party. */
let receiver: WebhookReceiver;

beforeEach(async () => {
  world = await PartyWorld.open({ homes: true, hosted: true });
  party = await world.party('watt-advice');
  receiver = await WebhookReceiver.open(world.platform.ca.server);
});
afterEach(async () => {
  receiver.close();
  await world.close();
});

async function wantsWebhooks(types: readonly string[] = TYPES): Promise<Answered> {
  const url = `https://127.0.0.1:${receiver.port}/`;
  return await world.call('/v1/webhook', party, { method: 'PUT', json: { url, types, ca: world.platform.ca.rootPem } });
}

/** One thing leads to another until nothing is left to do. */
async function settle(): Promise<void> {
  for (let i = 0; i < 3; i++) await world.platform.host.drain();
}

/** Failed pushes are due again. */
async function later(): Promise<void> {
  world.clock.advance(60_000);
  await world.platform.host.runDue();
  await settle();
}

async function closes(day: string): Promise<void> {
  await closeDay((principal) => world.platform.as(principal), 'home-1', day, 100);
  await settle();
}

async function revoke(borne: Tokens): Promise<void> {
  const command = { type: 'RevokeConsent', by: 'customer', at: world.clock.now() } as const;
  await runDecider(world.platform.as('consent').events, `consent/${idOf(borne)}`, consents, command);
}

const idOf = ({ resourceURI }: Tokens) => resourceURI.split('/').at(-1)!;

/** Keys as the third party is told them, for one use. */
async function keysFor(typ: string): Promise<ReadonlyMap<string, PinnedKey>> {
  const { keys } = jsonOf(await world.call('/v1/keys', party)) as { keys: (JsonWebKey & { kid: string })[] };
  return new Map(keys.map(({ kid, ...key }) => [kid, { key: createPublicKey({ key, format: 'jwk' }), typ }]));
}

/** What the third party takes from what was pushed, checked with nothing but the keys. */
async function notices(): Promise<NoticeItem[]> {
  const trust = { recipient: 'watt-advice', keys: await keysFor(WEBHOOK_TYP), now: world.clock.now() };
  for (const push of receiver.taken) expect(verifyWebhook(push, trust)).toHaveProperty('id');
  const chain = verifyChain(
    receiver.taken.map(({ body }) => body.toString()),
    { feed: FEED, typ: THIRD_PARTY_FEED_TYP, keys: await keysFor(THIRD_PARTY_FEED_TYP) },
  );
  expect(chain.faults.filter(({ fault }) => fault !== 'gap')).toEqual([]);
  return chain.items.map(({ payload }) => NOTICE_ITEM.parse(payload));
}

function pull(borne: Tokens, { from, until }: NoticeItem['window']): Promise<Answered> {
  const query = { 'published-min': new Date(from).toISOString(), 'published-max': new Date(until).toISOString() };
  const path = `/espi/1_1/resource/Batch/Subscription/${idOf(borne)}?${new URLSearchParams(query)}`;
  return world.call(path, party, { headers: { authorization: `Bearer ${borne.access_token}`, accept: 'application/json' } });
}

async function dropped(): Promise<string[]> {
  const reasons: string[] = [];
  for await (const { events } of world.platform.as('auditor').events.read(`delivery/watt-advice/${FEED}`))
    for (const { type, data } of events) if (type === 'ItemDropped') reasons.push(data.reason);
  return reasons;
}

/** Items that a feed has. */
async function placesOf(feed: string): Promise<number> {
  let places = 0;
  for await (const { events } of world.platform.as('auditor').events.read(feedStream(feed))) places += events.length;
  return places;
}

describe('what a third party is told over its webhook', () => {
  it('R9.3-1, R9.3-2: a customer allows it, a day closes, the signed notice arrives and says nothing but where to pull', async () => {
    expect((await wantsWebhooks()).status).toBe(200);
    const tokens = await world.tokens(party);
    await closes('2026-10-27');
    const [granted, day] = await notices();
    expect(granted).toMatchObject({ type: NOTICE_TYPE.consentChanged, change: 'granted', subscription: idOf(tokens) });
    expect(day).toMatchObject({ type: NOTICE_TYPE.dataAvailable, subscription: idOf(tokens) });
    expect(receiver.taken).toHaveLength(2);
    for (const { body } of receiver.taken)
      expect(Buffer.from(body.toString().split('.')[1]!, 'base64url').toString()).not.toMatch(/home-|acc-|00124b/);
    const pulled = await pull(tokens, day!.window);
    expect(pulled.status).toBe(200);
    const { series } = jsonOf(pulled) as { series: { usagePoint: string; rows: unknown[] }[] };
    expect(series.map(({ usagePoint, rows }) => [usagePoint, rows.length])).toEqual([[(day as { usagePoint: string }).usagePoint, 24]]);
  });

  it('J1, R9.3-4: a notice that waits when the customer takes the consent back is dropped, is on record, and the pull is refused', async () => {
    await wantsWebhooks();
    const tokens = await world.tokens(party);
    await settle();
    receiver.answers = 503;
    await closes('2026-10-27');
    await revoke(tokens);
    receiver.answers = 204;
    await later();
    expect((await notices()).map((notice) => ('change' in notice ? notice.change : 'data'))).toEqual(['granted', 'revoked']);
    expect(await dropped()).toEqual(['consent-revoked']);
    const refused = await pull(tokens, { from: Date.UTC(2026, 9, 27), until: Date.UTC(2026, 9, 28) });
    expect([refused.status, jsonOf(refused)['type']]).toEqual([403, 'urn:joulekeep:problem:consent-revoked']);
    await closes('2026-10-28');
    expect(receiver.taken).toHaveLength(2);
  });

  it('R9.3-4: a day that closes when the time of the consent is over has no notice in the feed, whoever might drop it later', async () => {
    const tokens = await world.tokens(party);
    await closes('2026-10-27');
    const [consent] = await new Consents(world.platform.as('consent'), defencesUnderTest()).list(world.account);
    expect([consent?.consentId, consent?.status]).toEqual([idOf(tokens), 'granted']);
    world.clock.set(consent!.expiresAt! - 1);
    await closes('2026-10-28');
    expect(await placesOf(FEED)).toBe(3);
    world.clock.set(consent!.expiresAt!);
    await closes('2026-10-29');
    expect(await placesOf(FEED)).toBe(3);
  });

  it('a recipient that lost what it had gets it again from where it says, and of what it may not have any more nothing', async () => {
    await wantsWebhooks();
    const tokens = await world.tokens(party);
    await closes('2026-10-27');
    expect(receiver.taken).toHaveLength(2);
    await revoke(tokens);
    await settle();
    receiver.taken.length = 0;
    const replayed = await world.call('/v1/webhook/replay', party, { method: 'POST', json: { after: 1 } });
    expect([replayed.status, jsonOf(replayed)]).toEqual([200, { through: 1, setAside: [] }]);
    await later();
    expect((await notices()).map(({ seq }) => seq)).toEqual([3]);
    expect((await world.call('/v1/webhook/replay', party, { method: 'POST', json: { after: 9 } })).status).toBe(400);
  });

  it('what it did not ask for, and what comes while it is suspended, is dropped', async () => {
    await wantsWebhooks([NOTICE_TYPE.dataAvailable]);
    await world.tokens(party);
    await settle();
    expect([receiver.taken.length, await dropped()]).toEqual([0, ['type-not-wanted']]);
    const suspended = { type: 'SuspendRecipient', reason: 'test', at: world.clock.now() } as const;
    await changeRecipient(world.platform.as('enrol'), 'watt-advice', suspended);
    await closes('2026-10-27');
    expect([receiver.taken.length, await dropped()]).toEqual([0, ['type-not-wanted', 'recipient-not-active']]);
  });

  it('R9.3-2: a genuine notice from the feed of another is dropped, though the recipient would be told of its own', async () => {
    await wantsWebhooks();
    await world.tokens(party);
    await settle();
    const item = receiver.taken[0]!.body.toString();
    const mayNotify = consentGates(world.platform.as('deliver'), defencesUnderTest())['third-party'];
    const told = { seq: 1, prevHash: '', hash: jwsHash(item), at: world.clock.now(), item };
    expect(await mayNotify('watt-advice', { ...told, feed: FEED })).toBe('deliver');
    expect(await mayNotify('watt-advice', { ...told, feed: 'third-party/other' })).toEqual({ drop: 'not-its-feed' });
  });

  it('an authority that is no certificate, and an address that is no https, are refused', async () => {
    const set = (json: object) => world.call('/v1/webhook', party, { method: 'PUT', json });
    expect((await set({ url: 'https://a.example/', types: TYPES, ca: 'nothing' })).status).toBe(400);
    expect((await set({ url: 'http://a.example/', types: TYPES })).status).toBe(400);
  });
});
