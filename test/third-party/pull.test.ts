import { createHash, randomBytes, X509Certificate } from 'node:crypto';
import { XMLParser } from 'fast-xml-parser';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { consentDecider } from '../../domain/consent/consent.ts';
import { changeRecipient } from '../../lambdas/shared/feeds/recipients.ts';
import { runDecider } from '../../lambdas/shared/streams.ts';
import { BearerStore } from '../../platform/ports/bearer-store.ts';
import type { Credentials } from '../platform/gateway-fixture.ts';
import { defencesUnderTest } from '../support/defences.ts';
import type { Answered, Sent } from '../support/exchange.ts';
import { jsonOf, PartyWorld, SCOPE, type Tokens } from './party-world.ts';

let world: PartyWorld;
let party: Credentials;
let other: Credentials;
let tokens: Tokens;
beforeAll(async () => {
  world = await PartyWorld.open({ homes: true });
  party = await world.party('watt-advice');
  other = await world.party('other-party');
  tokens = await world.tokens(party);
});
afterAll(() => world.close());

const WINDOW = { 'published-min': '2026-10-23T23:00:00.000Z', 'published-max': '2026-10-27T00:00:00.000Z' };
const consents = consentDecider(defencesUnderTest());
const idOf = ({ resourceURI }: Tokens) => resourceURI.split('/').at(-1)!;
const pathOf = (borne: Tokens, query: Readonly<Record<string, string>> = {}) =>
  `/espi/1_1/resource/Batch/Subscription/${idOf(borne)}?${new URLSearchParams({ ...WINDOW, ...query })}`;
const JSON_FORM = { accept: 'application/json' };

/** Shows a token at the door. */
function pull(who: Credentials, borne: Tokens, path = pathOf(borne), sent: Sent = {}): Promise<Answered> {
  return world.call(path, who, { ...sent, headers: { authorization: `Bearer ${borne.access_token}`, ...JSON_FORM, ...sent.headers } });
}

const problemOf = (answered: Answered) => String(jsonOf(answered)['type']).replace('urn:joulekeep:problem:', '');
const told = (answered: Answered) => [answered.status, problemOf(answered)];

function change(borne: Tokens, command: Parameters<typeof consents.decide>[0]): Promise<unknown> {
  return runDecider(world.platform.as('consent').events, `consent/${idOf(borne)}`, consents, command);
}

describe('with consent', () => {
  it('a third party pulls what the customer allows, at the resolution allowed', async () => {
    const answered = await pull(party, tokens);
    expect(answered.status).toBe(200);
    const { series } = jsonOf(answered) as { series: { resolution: string; direction: string; rows: { energy: number }[] }[] };
    expect(series.map(({ resolution, direction }) => [resolution, direction])).toEqual([['hour', 'import']]);
    expect(series[0]!.rows).toHaveLength(73);
    expect(new Set(series[0]!.rows.map(({ energy }) => energy))).toEqual(new Set([400]));
  });

  it('gets Green Button where it asks for it or for nothing, and nothing else', async () => {
    for (const accept of ['application/atom+xml', 'application/xml;q=0.9, application/json;q=0.1', '*/*']) {
      const answered = await pull(party, tokens, undefined, { headers: { accept } });
      expect(answered.headers['content-type']).toBe('application/atom+xml');
      const { feed } = new XMLParser({ ignoreAttributes: false }).parse(answered.text) as { feed: { entry: object[] } };
      expect(feed.entry.length).toBeGreaterThan(3);
    }
    expect(told(await pull(party, tokens, undefined, { headers: { accept: 'text/csv' } }))).toEqual([406, 'not-acceptable']);
  });

  it('asks again with the tag it has, and gets nothing until something changed', async () => {
    const first = await pull(party, tokens);
    const etag = String(first.headers['etag']);
    const again = await pull(party, tokens, undefined, { headers: { 'if-none-match': etag } });
    expect([again.status, again.text, again.headers['etag']]).toEqual([304, '', etag]);
    const xml = await pull(party, tokens, undefined, { headers: { accept: 'application/xml', 'if-none-match': etag } });
    expect(xml.status).toBe(200);
  });

  it('reads on by the address it is given, and nobody else can', async () => {
    const path = `/espi/1_1/resource/Batch/Subscription/${idOf(tokens)}`;
    const seen: number[] = [];
    let next: string | undefined = path;
    let pages = 0;
    while (next !== undefined && pages++ < 40) {
      const answered: Answered = await pull(party, tokens, next);
      expect(answered.status).toBe(200);
      const body = jsonOf(answered) as { series: { rows: unknown[] }[]; next?: string };
      seen.push(body.series.flatMap(({ rows }) => rows).length);
      next = body.next?.replace(world.doors['third-party']!.url, '');
    }
    expect(pages).toBeGreaterThan(3);
    expect(seen.reduce((sum, rows) => sum + rows, 0)).toBe(73);
    const forged = await pull(party, tokens, `${path}?cursor=eyJmcm9tIjowfQ.AAAAAAAAAAAAAAAAAAAAAA`);
    expect(told(forged)).toEqual([400, 'request-invalid']);
  });

  it('reads one usage point and one reading of it, and none that it made up', async () => {
    const { series } = jsonOf(await pull(party, tokens)) as { series: { usagePoint: string }[] };
    const point = `/espi/1_1/resource/Subscription/${idOf(tokens)}/UsagePoint/${series[0]!.usagePoint}`;
    const query = `?${new URLSearchParams(WINDOW)}`;
    for (const path of [`${point}/MeterReading${query}`, `${point}/MeterReading/import-Wh-hour/IntervalBlock${query}`])
      expect((jsonOf(await pull(party, tokens, path)) as { series: unknown[] }).series).toHaveLength(1);
    const madeUp = `/espi/1_1/resource/Subscription/${idOf(tokens)}/UsagePoint/abcdefghijklmnop/MeterReading${query}`;
    expect((jsonOf(await pull(party, tokens, madeUp)) as { series: unknown[] }).series).toEqual([]);
    expect(told(await pull(party, tokens, `${point}/MeterReading/export-Wh-hour/IntervalBlock${query}`))).toEqual([
      403,
      'data-class-not-granted',
    ]);
  });

  it('R9.3-4: sees what it was allowed, and every page is on record for the customer', async () => {
    const fresh = await world.tokens(party);
    await pull(party, fresh);
    const shown = await pull(party, fresh, `/espi/1_1/resource/Authorization/${idOf(fresh)}`);
    expect(jsonOf(shown)).toMatchObject({ status: 1, state: 'active', purpose: 'load-shifting', resolution: 'hour', scope: SCOPE });
    const events = [];
    for await (const commit of world.platform.as('third-party-api').events.read(`consent/${idOf(fresh)}`)) events.push(...commit.events);
    expect(events.map(({ type }) => type)).toEqual(['ConsentGranted', 'DataDisclosed']);
  });
});

describe('without consent', () => {
  it('T8.2-1, J4, R9.3-3, C10.3-2: mutual TLS binds: a stolen token shown with another valid certificate is refused', async () => {
    expect(told(await pull(other, tokens))).toEqual([401, 'certificate-mismatch']);
    const second = await world.certificate('watt-advice');
    expect(told(await pull(second, tokens))).toEqual([401, 'certificate-mismatch']);
    expect((await pull(party, tokens)).status).toBe(200);
  });

  it('R9.3-3, C10.3-2: a token of one recipient that is bound to the certificate of another opens nothing to that one either', async () => {
    const store = new BearerStore(world.platform.as('authorization'));
    const boundTo = async ({ cert }: Credentials) => {
      const secret = randomBytes(32).toString('base64url');
      const bound = createHash('sha256').update(new X509Certificate(cert).raw).digest('base64url');
      const payload = { clientId: 'watt-advice', accountId: idOf(tokens), grantId: `grant-${secret}`, scope: tokens.scope };
      await store.add('AccessToken', secret, { ...payload, 'x5t#S256': bound }, 600);
      return { ...tokens, access_token: secret };
    };
    expect((await pull(party, await boundTo(party))).status).toBe(200);
    expect(told(await pull(other, await boundTo(other)))).toEqual([401, 'certificate-mismatch']);
  });

  it('T8.2-1, J1: a subject without consent is refused', async () => {
    const theirs = await world.tokens(other);
    expect(told(await pull(party, tokens, pathOf(theirs)))).toEqual([403, 'consent-missing']);
    const nobodys = `/espi/1_1/resource/Batch/Subscription/${'x'.repeat(32)}`;
    expect(told(await pull(party, tokens, nobodys))).toEqual([403, 'consent-missing']);
  });

  it('J1, R9.3-4: after the customer took it back the next request, and the next page, is refused', async () => {
    const fresh = await world.tokens(party);
    const path = `/espi/1_1/resource/Batch/Subscription/${idOf(fresh)}`;
    const first = jsonOf(await pull(party, fresh, path)) as { next: string };
    await change(fresh, { type: 'RevokeConsent', by: 'customer', at: world.clock.now() });
    expect(told(await pull(party, fresh, first.next.replace(world.doors['third-party']!.url, '')))).toEqual([403, 'consent-revoked']);
    expect(told(await pull(party, fresh))).toEqual([403, 'consent-revoked']);
    expect(jsonOf(await pull(party, fresh, `/espi/1_1/resource/Authorization/${idOf(fresh)}`))).toMatchObject({
      status: 0,
      state: 'revoked',
    });
  });

  it('J1, R9.3-4: when its time is over it is refused, while the token still lasts', async () => {
    const fresh = await world.tokens(party, { scope: 'FB=4_5;IntervalDuration=3600;HistoryLength=13;Months=1' });
    const [start] = [world.clock.now()];
    world.clock.set(Date.UTC(2026, 11, 20) - 60_000);
    const late = jsonOf(await world.refresh(party, fresh.refresh_token)) as unknown as Tokens;
    expect((await pull(party, late)).status).toBe(200);
    world.clock.advance(120_000);
    expect(told(await pull(party, late))).toEqual([403, 'consent-expired']);
    world.clock.set(start);
  });

  it('J2, T8-P7: bill check asking for hours or quarter-hours is refused, and may have its months', async () => {
    const checks = await world.tokens(party, { scope: 'FB=4_5;IntervalDuration=2592000;HistoryLength=13;Purpose=bill-check' });
    for (const resolution of ['interval', 'hour', 'day'])
      expect(told(await pull(party, checks, pathOf(checks, { resolution })))).toEqual([403, 'resolution-exceeds-purpose']);
    expect((await pull(party, checks, pathOf(checks, { resolution: 'month' }))).status).toBe(200);
  });

  it('J2, R9.3-4: finer or longer than the customer allows is refused', async () => {
    const daily = await world.tokens(party, { scope: 'FB=4_5;IntervalDuration=86400;Purpose=load-shifting;HistoryLength=2' });
    expect(told(await pull(party, daily, pathOf(daily, { resolution: 'hour' })))).toEqual([403, 'resolution-exceeds-consent']);
    for (const window of [{ 'published-min': '2025-01-01T00:00:00.000Z' }, { 'published-max': '2030-01-01T00:00:00.000Z' }])
      expect(told(await pull(party, daily, pathOf(daily, window)))).toEqual([403, 'window-exceeds-consent']);
    expect((await pull(party, daily)).status).toBe(200);
  });

  it.each([
    ['none', {}],
    ['one that was made up', { authorization: `Bearer ${'a'.repeat(43)}` }],
    ['a password', { authorization: 'Basic YTpi' }],
    ['two', { authorization: 'Bearer a, Bearer b' }],
  ])('the token being %s, the answer is 401', async (_, headers) => {
    const answered = await world.call(pathOf(tokens), party, { headers: { ...JSON_FORM, ...headers } });
    expect(told(answered)).toEqual([401, 'token-invalid']);
    expect(answered.headers['www-authenticate']).toContain('invalid_token');
  });

  it('R9.3-3: a token that is revoked, or whose time is over, opens nothing', async () => {
    const fresh = await world.tokens(party);
    expect((await pull(party, fresh)).status).toBe(200);
    const form = { client_id: 'watt-advice', token: fresh.refresh_token };
    expect((await world.call('/oauth/revoke', party, { method: 'POST', form })).status).toBe(200);
    expect(told(await pull(party, fresh))).toEqual([401, 'token-invalid']);
    const start = world.clock.now();
    world.clock.advance(601_000);
    expect(told(await pull(party, tokens))).toEqual([401, 'token-invalid']);
    world.clock.set(start);
  });

  it('R9.3-3: a token that another recipient revokes goes on', async () => {
    const [fresh, other] = [await world.tokens(party), await world.party('third-party-4')];
    for (const token of [fresh.refresh_token, fresh.access_token])
      await world.call('/oauth/revoke', other, { method: 'POST', form: { client_id: 'third-party-4', token } });
    expect((await pull(party, fresh)).status).toBe(200);
    expect((await world.refresh(party, fresh.refresh_token)).status).toBe(200);
  });

  it('R9.3-3: a recipient that is suspended gets nothing, with any token', async () => {
    const third = await world.party('third-party-3');
    const theirs = await world.tokens(third);
    expect((await pull(third, theirs)).status).toBe(200);
    const suspend = { type: 'SuspendRecipient', reason: 'an incident', at: world.clock.now() } as const;
    await changeRecipient(world.platform.as('enrol'), 'third-party-3', suspend);
    expect(told(await pull(third, theirs))).toEqual([401, 'unauthenticated']);
    expect((await world.refresh(third, theirs.refresh_token)).status).toBe(401);
  });

  it('R9.3-1: without a certificate, or with one that no longer speaks for a recipient, nothing is answered', async () => {
    const headers = { authorization: `Bearer ${tokens.access_token}` };
    expect((await world.call(pathOf(tokens), undefined, { headers })).status).toBe(401);
    const unlisted = await world.certificate('watt-advice', false);
    expect(told(await pull(unlisted, tokens))).toEqual([401, 'unauthenticated']);
  });
});

describe('what leaves', () => {
  it('T8.2-1: no response has a name, an address, a meter or an account in it', async () => {
    const query = `?${new URLSearchParams(WINDOW)}`;
    const id = idOf(tokens);
    const { series } = jsonOf(await pull(party, tokens)) as { series: { usagePoint: string }[] };
    const base = '/espi/1_1/resource';
    const paths = [
      pathOf(tokens),
      `${base}/Authorization/${id}`,
      `${base}/ApplicationInformation`,
      `${base}/Subscription/${id}/UsagePoint${query}`,
      `${base}/Subscription/${id}/UsagePoint/${series[0]!.usagePoint}/MeterReading${query}`,
      pathOf(tokens, { resolution: 'interval' }),
    ];
    for (const path of paths)
      for (const accept of ['application/json', 'application/atom+xml']) {
        const { status, text, headers } = await pull(party, tokens, path, { headers: { accept } });
        const all = `${text}${JSON.stringify(headers)}`;
        for (const secret of ['home-1', 'home-2', 'acc-home', 'p-home', '00124b', 'north-1', world.account])
          expect(all.includes(secret), `${secret} in ${path} (${status})`).toBe(false);
      }
  });

  it('two recipients of one customer get other names for the same home', async () => {
    const theirs = await world.tokens(other);
    const names = [jsonOf(await pull(party, tokens)), jsonOf(await pull(other, theirs))].map(
      (body) => (body as { series: { usagePoint: string }[] }).series[0]!.usagePoint,
    );
    expect(names[0]).not.toBe(names[1]);
  });
});

describe('webhooks', () => {
  it('go where the recipient says, once it is an address that can be told', async () => {
    const json = { url: 'https://client.example/hook', types: ['joulekeep.third-party.data-ready.v1'] };
    expect(jsonOf(await world.call('/v1/webhook', party, { method: 'PUT', json }))).toEqual(json);
    expect(jsonOf(await world.call('/v1/webhook', party))).toEqual(json);
    for (const url of ['http://client.example/hook', 'https://user@client.example/', 'file:///etc/passwd'])
      expect(told(await world.call('/v1/webhook', party, { method: 'PUT', json: { ...json, url } }))).toEqual([400, 'request-invalid']);
  });
});
