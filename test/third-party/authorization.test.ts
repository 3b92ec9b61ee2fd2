import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { consentDecider } from '../../domain/consent/consent.ts';
import { foldStream, runDecider } from '../../lambdas/shared/streams.ts';
import type { Credentials } from '../platform/gateway-fixture.ts';
import { defencesUnderTest } from '../support/defences.ts';
import { CALLBACK, jsonOf, newPkce, PartyWorld, SCOPE, type Tokens } from './party-world.ts';

let world: PartyWorld;
let party: Credentials;
let other: Credentials;
beforeAll(async () => {
  world = await PartyWorld.open();
  party = await world.party('watt-advice');
  other = await world.party('other-party');
});
afterAll(() => world.close());

const consents = consentDecider(defencesUnderTest());
const consentOf = ({ resourceURI }: Tokens) => resourceURI.split('/').at(-1)!;
const requestUri = async (changed: Readonly<Record<string, string | undefined>> = {}, pkce = newPkce()) =>
  String(jsonOf(await world.push(party, pkce, changed))['request_uri']);

describe('a customer who says yes', () => {
  it('gives the client tokens, and the consent is on record with what was shown', async () => {
    const tokens = await world.tokens(party);
    expect(tokens).toMatchObject({ token_type: 'Bearer', expires_in: 600, scope: SCOPE });
    const { state } = await foldStream(world.platform.as('authorization').events, `consent/${consentOf(tokens)}`, consents);
    expect(state).toMatchObject({
      ...{ status: 'granted', account: world.account, recipient: 'watt-advice', purpose: 'load-shifting', resolution: 'hour' },
      ...{ dataClasses: ['usage'], usagePoints: ['home-1'], authMethod: 'passkey' },
      textHash: expect.stringMatching(/^[0-9a-f]{64}$/),
    });
  });

  it('comes back with the issuer, so that a client knows from whom', async () => {
    const back = await world.answer('watt-advice', await requestUri());
    const metadata = jsonOf(await world.browse('/.well-known/oauth-authorization-server'));
    expect(back.get('iss')).toBe(world.doors.customer!.address);
    expect(back.get('state')).toBe('a-state');
    expect(metadata).toMatchObject({ issuer: back.get('iss'), authorization_response_iss_parameter_supported: true });
    expect(String(metadata['token_endpoint'])).toBe(`${world.doors['third-party']!.url}/oauth/token`);
  });

  it('has cookies that no script reads and no other site sends', async () => {
    const query = new URLSearchParams({ client_id: 'watt-advice', request_uri: await requestUri() });
    const { headers } = await world.browse(`/oauth/authorize?${query}`);
    const cookies = [headers['set-cookie'] ?? []].flat();
    expect(cookies.length).toBeGreaterThan(1);
    for (const cookie of cookies) expect(cookie).toMatch(/; secure; httponly/i);
    for (const cookie of cookies) expect(cookie).toMatch(/samesite=lax/i);
  });

  it('who says no, nothing is recorded and the client hears access_denied', async () => {
    const before = await Array.fromAsync(world.platform.as('authorization').events.streams('consent/'));
    const back = await world.answer('watt-advice', await requestUri(), 'deny');
    expect([back.get('error'), back.get('code'), back.get('iss')]).toEqual(['access_denied', null, world.doors.customer!.address]);
    expect(await Array.fromAsync(world.platform.as('authorization').events.streams('consent/'))).toEqual(before);
  });
});

describe('hostile clients', () => {
  it('R9.3-3: open no question with an address that anybody could have made, or with what another pushed', async () => {
    const { challenge } = newPkce();
    const asked = new URLSearchParams({
      ...{ client_id: 'watt-advice', response_type: 'code', redirect_uri: CALLBACK, scope: SCOPE, state: 'a-state' },
      ...{ code_challenge: challenge, code_challenge_method: 'S256' },
    });
    const pushed = await requestUri();
    const foreign = new URLSearchParams({ client_id: 'other-party', request_uri: pushed });
    for (const query of [asked, foreign]) {
      const answered = await world.browse(`/oauth/authorize?${query}`);
      expect(String(answered.headers['location'] ?? '')).not.toContain('/oauth/consent/');
    }
    expect(await world.asked(new Map(), 'watt-advice', pushed)).toContain('/oauth/consent/');
  });

  it.each<[string, Record<string, string | undefined>]>([
    ['no PKCE', { code_challenge: undefined, code_challenge_method: undefined }],
    ['plain PKCE', { code_challenge_method: 'plain' }],
    ['a challenge without its method', { code_challenge_method: undefined }],
    ['another redirect address', { redirect_uri: 'https://evil.example/callback' }],
    ['a redirect address that begins like its own', { redirect_uri: `${CALLBACK}.evil.example` }],
    ['no redirect address', { redirect_uri: undefined }],
    ['the implicit grant', { response_type: 'token' }],
    ['an identity token', { response_type: 'code id_token' }],
    ['a scope finer than its purpose', { scope: 'FB=4_5;IntervalDuration=900;Purpose=bill-check' }],
    ['a scope nobody serves', { scope: 'FB=4_5_10;IntervalDuration=3600' }],
    ['two scopes', { scope: `${SCOPE} FB=4_5;IntervalDuration=86400` }],
    ['openid', { scope: 'openid' }],
    ['no scope', { scope: undefined }],
    ['another resource', { resource: 'https://evil.example/api' }],
    ['a request object', { request: 'e30.e30.' }],
  ])('%s is refused when it is pushed', async (_, changed) => {
    const pushed = await world.push(party, newPkce(), changed);
    expect(pushed.status).toBe(400);
    expect(jsonOf(pushed)).not.toHaveProperty('request_uri');
  });

  it('T8-P7: bill check asking for hours or quarter-hours is refused before any customer is asked', async () => {
    for (const duration of ['3600', '900']) {
      const { status, text } = await world.push(party, newPkce(), { scope: `FB=4_5;IntervalDuration=${duration};Purpose=bill-check` });
      expect([status, (JSON.parse(text) as { error: string }).error]).toEqual([400, 'invalid_scope']);
    }
    expect((await world.push(party, newPkce(), { scope: 'FB=4_5;IntervalDuration=2592000;Purpose=bill-check' })).status).toBe(201);
  });

  it('a request that was not pushed is refused', async () => {
    const query = new URLSearchParams({ client_id: 'watt-advice', request_uri: 'urn:ietf:params:oauth:request_uri:made-up-by-somebody' });
    expect((await world.browse(`/oauth/authorize?${query}`)).text).toContain('invalid_request_uri');
    const plain = await world.browse(
      `/oauth/authorize?${new URLSearchParams({ client_id: 'watt-advice', response_type: 'code', scope: SCOPE })}`,
    );
    expect(plain.headers['location'] ?? '').not.toContain('/oauth/consent');
  });

  it("another client's pushed request is refused", async () => {
    const query = new URLSearchParams({ client_id: 'other-party', request_uri: await requestUri() });
    const answered = await world.browse(`/oauth/authorize?${query}`);
    expect(answered.headers['location'] ?? '').not.toContain('/oauth/consent');
    expect(answered.text).toContain('invalid');
  });

  it('a pushed request leads to one code', async () => {
    const uri = await requestUri();
    expect((await world.answer('watt-advice', uri)).get('code')).not.toBeNull();
    const again = await world.browse(`/oauth/authorize?${new URLSearchParams({ client_id: 'watt-advice', request_uri: uri })}`);
    expect(again.text).toContain('invalid_request_uri');
  });

  it('a code goes with its verifier, its redirect address and its client alone', async () => {
    const pkce = newPkce();
    const code = await world.code(party, pkce);
    const outcomes = [
      await world.redeem(party, code, newPkce()),
      await world.redeem(party, code, pkce, { code_verifier: undefined }),
      await world.redeem(party, code, pkce, { redirect_uri: 'https://evil.example/callback' }),
      await world.redeem(other, code, pkce),
    ];
    expect(outcomes.map(({ status, text }) => [status, (JSON.parse(text) as { error: string }).error])).toEqual(
      outcomes.map(() => [400, 'invalid_grant']),
    );
    expect((await world.redeem(party, code, pkce)).status).toBe(200);
  });

  it('a code shown twice ends everything that came of it', async () => {
    const pkce = newPkce();
    const code = await world.code(party, pkce);
    const tokens = jsonOf(await world.redeem(party, code, pkce)) as unknown as Tokens;
    expect((await world.redeem(party, code, pkce)).status).toBe(400);
    expect((await world.refresh(party, tokens.refresh_token)).status).toBe(400);
  });

  it('of a code shown many times at the same moment, nothing is left', async () => {
    const pkce = newPkce();
    const code = await world.code(party, pkce);
    const answered = await Promise.all(Array.from({ length: 5 }, () => world.redeem(party, code, pkce)));
    const got = answered.filter(({ status }) => status === 200);
    expect(got.length).toBeLessThanOrEqual(1);
    for (const won of got) expect((await world.refresh(party, String(jsonOf(won)['refresh_token']))).status).toBe(400);
  });

  it('a refresh token used twice ends its family', async () => {
    const first = await world.tokens(party);
    const second = jsonOf(await world.refresh(party, first.refresh_token)) as unknown as Tokens;
    expect(second.refresh_token).not.toBe(first.refresh_token);
    expect((await world.refresh(party, first.refresh_token)).status).toBe(400);
    expect((await world.refresh(party, second.refresh_token)).status).toBe(400);
  });

  it('R9.3-4: a refresh never widens the scope', async () => {
    const { refresh_token: token } = await world.tokens(party, { scope: 'FB=4_5;IntervalDuration=2592000' });
    const wider = await world.refresh(party, token, { scope: 'FB=4_5;IntervalDuration=3600' });
    expect([wider.status, jsonOf(wider)['error']]).toEqual([400, 'invalid_scope']);
  });

  it('R9.3-4: a refresh token ends with the consent, revoked or expired', async () => {
    const [revoked, expiring] = [await world.tokens(party), await world.tokens(party, { scope: `${SCOPE};Months=1` })];
    const { events } = world.platform.as('authorization');
    await runDecider(events, `consent/${consentOf(revoked)}`, consents, { type: 'RevokeConsent', by: 'customer', at: world.clock.now() });
    expect(jsonOf(await world.refresh(party, revoked.refresh_token))['error']).toBe('invalid_grant');
    const fresh = jsonOf(await world.refresh(party, expiring.refresh_token)) as unknown as Tokens;
    expect(fresh.access_token).toBeDefined();
    world.clock.advance(32 * 86_400_000);
    expect(jsonOf(await world.refresh(party, fresh.refresh_token))['error']).toBe('invalid_grant');
    world.clock.advance(-32 * 86_400_000);
  });

  it.each(['password', 'client_credentials', 'implicit', 'urn:ietf:params:oauth:grant-type:jwt-bearer'])(
    'there is no grant %s',
    async (grant) => {
      const form = { grant_type: grant, client_id: 'watt-advice', username: 'a', password: 'b', scope: SCOPE };
      const answered = await world.call('/oauth/token', party, { method: 'POST', form });
      expect([answered.status, jsonOf(answered)['error']]).toEqual([400, 'unsupported_grant_type']);
    },
  );
});

describe('client certificates', () => {
  it('R9.3-1, C10.3-2: no certificate, or one of another authority, opens nothing at the door, and nobody listens without TLS', async () => {
    const form = { client_id: 'watt-advice' };
    expect((await world.call('/oauth/par', undefined, { method: 'POST', form })).status).toBe(401);
    const outsider = await PartyWorld.open();
    try {
      const foreign = await outsider.party('watt-advice');
      expect((await world.call('/oauth/par', foreign, { method: 'POST', form })).status).toBe(401);
    } finally {
      await outsider.close();
    }
    await expect(fetch(`http://127.0.0.1:${world.doors['third-party']!.port}/oauth/par`)).rejects.toThrow();
  });

  it('R9.3-3: a certificate speaks for its own client alone, and only while it is on record', async () => {
    const pkce = newPkce();
    const asOther = await world.push(party, pkce, { client_id: 'other-party' });
    expect([asOther.status, jsonOf(asOther)['error']]).toEqual([401, 'invalid_client']);
    const unlisted = await world.certificate('watt-advice', false);
    expect((await world.push(unlisted, pkce)).status).toBe(401);
    await world.platform.people.revoke(unlisted.fingerprint);
    expect((await world.push(unlisted, pkce)).status).toBe(401);
  });

  it('a refresh token stolen by another client is refused, and a secret is no authentication', async () => {
    const { refresh_token: token } = await world.tokens(party);
    expect((await world.refresh(other, token)).status).toBe(400);
    const basic = { authorization: `Basic ${Buffer.from('watt-advice:secret').toString('base64')}` };
    const form = { grant_type: 'refresh_token', refresh_token: token };
    expect((await world.call('/oauth/token', party, { method: 'POST', form, headers: basic })).status).toBe(401);
  });
});

describe('what is stored', () => {
  it('holds no code, no token and no account in clear', async () => {
    const pkce = newPkce();
    const code = await world.code(party, pkce);
    const { access_token: access, refresh_token: refresh } = jsonOf(await world.redeem(party, code, pkce)) as unknown as Tokens;
    const stored: Buffer[] = [];
    for (const { id, wrapped } of await world.platform.keys.as('authorization').list('token/'))
      stored.push(Buffer.from(id), Buffer.from(wrapped));
    for await (const { key, value } of world.platform.as('authorization').directory.list('oauth/')) stored.push(Buffer.from(key), value);
    const all = Buffer.concat(stored);
    expect(all.length).toBeGreaterThan(1_000);
    for (const secret of [code, access, refresh, pkce.verifier, world.account, 'watt-advice'])
      expect(all.includes(secret), secret).toBe(false);
  });
});
