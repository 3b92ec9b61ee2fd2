import { describe, expect, it } from 'vitest';
import type { SessionToken } from '../../api/session.ts';
import type { Config } from '../../web/shared/config.ts';
import { isSignInTooOld } from '../../web/shared/session.ts';
import { endSignIn, type SignInEnd, type SignInWorld, startSignIn } from '../../web/shared/sign-in.ts';
import { MemoryKept } from './memory-kept.ts';

const ORIGIN = 'https://localhost:7443';
const IDENTITY = 'https://localhost:7444';
const START = Date.UTC(2026, 5, 10, 12);
const CONFIG: Config = {
  application: 'portal',
  issuer: IDENTITY,
  clientId: 'portal',
  authorizationEndpoint: `${IDENTITY}/auth`,
  tokenEndpoint: `${IDENTITY}/token`,
  endSessionEndpoint: `${IDENTITY}/end`,
  passkeysPage: null,
  priceKeysRoot: '',
};

interface Asked {
  readonly method: string;
  readonly url: string;
  readonly headers: Headers;
  readonly body: string;
  readonly credentials: RequestCredentials | undefined;
}

const LIMITED = { status: 429, headers: { 'content-type': 'application/problem+json', 'retry-after': '17' } };

type Answering = (asked: Asked) => Response | undefined;

/** A browser and a service that counts tokens up. */
class World implements SignInWorld {
  readonly origin = ORIGIN;
  readonly kept = new MemoryKept();
  readonly asked: Asked[] = [];
  readonly left: string[] = [];
  search = '';
  fragment = '#/usage';
  at = START;
  wiped = 0;
  answering: Answering = () => undefined;
  #tokens = 0;

  now = () => this.at;
  leave = (url: string) => void this.left.push(url);
  wipe = async () => {
    this.wiped += 1;
    this.kept.values.clear();
  };
  fetch = async (input: string | URL | Request, init: RequestInit = {}): Promise<Response> => {
    const asked = {
      method: init.method ?? 'GET',
      url: String(input),
      headers: new Headers(init.headers),
      body: String(init.body ?? ''),
      credentials: init.credentials,
    };
    this.asked.push(asked);
    return this.answering(asked) ?? this.#usual(asked);
  };

  #usual({ url, method }: Asked): Response {
    if (url === CONFIG.tokenEndpoint) return Response.json({ id_token: 'an-id-token' });
    if (url.startsWith(`${ORIGIN}/v1/session`) && method === 'POST') return Response.json(this.#token());
    return Response.json({ said: 'yes' }, { headers: { etag: '"1"' } });
  }

  #token(): SessionToken {
    this.#tokens += 1;
    const instant = (minutes: number) => new Date(this.at + minutes * 60_000).toISOString();
    const person = { session: 's'.repeat(16), person: 'demo-customer', role: 'customer', method: 'passkey' };
    return { ...person, token: `token-${this.#tokens}`, signedInAt: instant(0), expiresAt: instant(10), endsAt: instant(720) };
  }

  /** To the provider and back. */
  async signIn(): Promise<SignInEnd> {
    await startSignIn(CONFIG, {}, this);
    this.search = `?code=a-code&state=${this.sent().get('state')}`;
    return endSignIn(CONFIG, this);
  }

  sent(): URLSearchParams {
    return new URL(this.left.at(-1)!).searchParams;
  }

  async session() {
    const end = await this.signIn();
    if (end.state !== 'signed-in') throw new Error(end.state);
    this.asked.length = 0;
    return end.session;
  }
}

const claimsOf = (proof: string | null) =>
  JSON.parse(Buffer.from((proof ?? '').split('.')[1] ?? '', 'base64url').toString()) as Record<string, unknown>;
const refusal = (status: number, name: string) =>
  Response.json(
    { type: `urn:joulekeep:problem:${name}`, title: '', status, requestId: 'r' },
    { status, headers: { 'content-type': 'application/problem+json' } },
  );

describe('signing in', () => {
  it('asks for a code with PKCE, and names the key in the nonce', async () => {
    const world = new World();
    const end = await world.signIn();
    const { search, origin, pathname } = new URL(world.left[0]!);
    const query = Object.fromEntries(new URLSearchParams(search));
    expect(origin + pathname).toBe(CONFIG.authorizationEndpoint);
    expect(query).toMatchObject({
      response_type: 'code',
      client_id: 'portal',
      redirect_uri: `${ORIGIN}/`,
      scope: 'openid',
      code_challenge_method: 'S256',
    });
    const [token, session] = world.asked as [Asked, Asked];
    const verifier = new URLSearchParams(token.body).get('code_verifier')!;
    const challenge = Buffer.from(await crypto.subtle.digest('SHA-256', Buffer.from(verifier))).toString('base64url');
    expect(query['code_challenge']).toBe(challenge);
    expect([session.url, session.body]).toEqual([`${ORIGIN}/v1/session`, '{"idToken":"an-id-token"}']);
    expect(claimsOf(session.headers.get('dpop'))).toMatchObject({ htm: 'POST', htu: `${ORIGIN}/v1/session`, iat: START / 1000 });
    expect(end).toMatchObject({
      state: 'signed-in',
      returnTo: '#/usage',
      session: { person: 'demo-customer', role: 'customer', signedInAt: START },
    });
  });

  it('C10.2-3: leaves neither token nor key nor verifier behind in the browser', async () => {
    const world = new World();
    await world.signIn();
    expect([...world.kept.values]).toEqual([]);
  });

  it('takes an answer once, and only to a question of this browser', async () => {
    const world = new World();
    await world.signIn();
    expect(await endSignIn(CONFIG, world)).toMatchObject({ state: 'signed-out', reason: 'failed' });
    world.search = '?code=a-code&state=made-up';
    expect(await endSignIn(CONFIG, world)).toMatchObject({ state: 'signed-out', reason: 'failed' });
    world.search = '?code=a-code';
    expect(await endSignIn(CONFIG, world)).toEqual({ state: 'none' });
    expect(world.asked.length).toBe(2);
  });

  it('takes no answer of an issuer that was not asked', async () => {
    for (const iss of ['https://third-party.example', IDENTITY]) {
      const world = new World();
      await startSignIn(CONFIG, {}, world);
      world.search = `?code=a-code&state=${world.sent().get('state')}&iss=${encodeURIComponent(iss)}`;
      expect((await endSignIn(CONFIG, world)).state).toBe(iss === IDENTITY ? 'signed-in' : 'signed-out');
      expect(world.asked.length > 0).toBe(iss === IDENTITY);
    }
  });

  it('tells whoever is not known from who was refused, and from a service that is not reached', async () => {
    const world = new World();
    await startSignIn(CONFIG, { prompt: 'none', language: 'de' }, world);
    expect([world.sent().get('prompt'), world.sent().get('ui_locales')]).toEqual(['none', 'de']);
    world.search = `?error=login_required&state=${world.sent().get('state')}`;
    expect(await endSignIn(CONFIG, world)).toMatchObject({ reason: 'unknown' });
    await startSignIn(CONFIG, {}, world);
    world.search = `?error=access_denied&state=${world.sent().get('state')}`;
    expect(await endSignIn(CONFIG, world)).toMatchObject({ reason: 'refused' });
    world.answering = () => {
      throw new TypeError('no network');
    };
    expect(await world.signIn()).toMatchObject({ reason: 'offline' });
    world.answering = ({ url }) => (url.endsWith('/v1/session') ? refusal(401, 'unauthenticated') : undefined);
    expect(await world.signIn()).toMatchObject({ reason: 'failed' });
  });

  it('forgets what was begun and never ended', async () => {
    const world = new World();
    await startSignIn(CONFIG, {}, world);
    world.at += 2 * 3_600_000;
    await startSignIn(CONFIG, {}, world);
    expect(world.kept.values.size).toBe(1);
  });
});

describe('a session', () => {
  it('proves its key with every request, for method, address without query, and token', async () => {
    const world = new World();
    const session = await world.session();
    const reply = await session.request({ path: '/v1/me/points/p/usage', query: { from: '2026-06-01', none: undefined } });
    expect(reply).toEqual({ ok: true, body: { said: 'yes' }, etag: '"1"' });
    const [asked] = world.asked as [Asked];
    expect([asked.url, asked.headers.get('authorization')]).toEqual([`${ORIGIN}/v1/me/points/p/usage?from=2026-06-01`, 'DPoP token-1']);
    expect(claimsOf(asked.headers.get('dpop'))).toMatchObject({ htm: 'GET', htu: `${ORIGIN}/v1/me/points/p/usage` });
    await session.request({ method: 'POST', path: '/v1/x', body: { a: 1 } });
    expect([world.asked[1]!.body, world.asked[1]!.headers.get('content-type')]).toEqual(['{"a":1}', 'application/json']);
    expect(claimsOf(world.asked[1]!.headers.get('dpop'))['jti']).not.toBe(claimsOf(asked.headers.get('dpop'))['jti']);
  });

  it('renews its token before it expires, once for all who wait', async () => {
    const world = new World();
    const session = await world.session();
    world.at += 9 * 60_000;
    await Promise.all([session.request({ path: '/v1/a' }), session.request({ path: '/v1/b' })]);
    // Both are signed at once, and whichever is done first goes first.
    const [first, ...others] = world.asked.map(({ url }) => url.slice(ORIGIN.length));
    expect([first, ...others.sort()]).toEqual(['/v1/session/renewal', '/v1/a', '/v1/b']);
    expect(world.asked.map(({ headers }) => headers.get('authorization'))).toEqual(['DPoP token-1', 'DPoP token-2', 'DPoP token-2']);
  });

  it('tries once more after a 401, with a new token and a new proof; then it has ended', async () => {
    const world = new World();
    const session = await world.session();
    world.answering = ({ headers, method }) =>
      method === 'GET' && headers.get('authorization') === 'DPoP token-1' ? refusal(401, 'unauthenticated') : undefined;
    expect(await session.request({ path: '/v1/a' })).toMatchObject({ ok: true });
    expect([world.asked.length, session.ended.value]).toEqual([3, false]);
    world.asked.length = 0;
    world.answering = () => refusal(401, 'unauthenticated');
    expect(await session.request({ path: '/v1/a' })).toMatchObject({ ok: false, status: 401 });
    expect([world.asked.length, session.ended.value]).toEqual([2, true]);
  });

  it('says what stands in the way: a problem, no network, a sign-in that is too old', async () => {
    const world = new World();
    const session = await world.session();
    world.answering = () => refusal(403, 'sign-in-too-old');
    const old = await session.request({ path: '/v1/a' });
    expect([isSignInTooOld(old), session.ended.value]).toEqual([true, false]);
    world.answering = () => new Response('nonsense', { status: 502 });
    expect(await session.request({ path: '/v1/a' })).toEqual({ ok: false, status: 502, problem: undefined });
    world.answering = () => {
      throw new TypeError('no network');
    };
    expect(await session.request({ path: '/v1/a' })).toEqual({ ok: false, status: 0, problem: undefined });
  });

  it('reads a file as text', async () => {
    const world = new World();
    const session = await world.session();
    world.answering = () => new Response('start,end\n', { headers: { 'content-type': 'text/csv' } });
    expect(await session.request<string>({ path: '/v1/file' })).toEqual({ ok: true, body: 'start,end\n' });
  });

  it('hands over the bytes of a file, and a problem in their place', async () => {
    const world = new World();
    const session = await world.session();
    world.answering = () => Response.json({ b: 1, a: 2 });
    const file = await session.request<Blob>({ path: '/v1/file', as: 'blob' });
    expect(file.ok && (await file.body.text())).toBe('{"b":1,"a":2}');
    expect(await session.request<string>({ path: '/v1/file', as: 'text' })).toMatchObject({ body: '{"b":1,"a":2}' });
    world.answering = () => new Response('{"type":"urn:joulekeep:problem:rate-limited"}', LIMITED);
    expect(await session.request<Blob>({ path: '/v1/file', as: 'blob' })).toEqual({
      ok: false,
      status: 429,
      problem: { type: 'urn:joulekeep:problem:rate-limited' },
      retryAfterSeconds: 17,
    });
  });

  it('sends the cookie of a third party’s question with that question and with nothing else', async () => {
    const world = new World();
    const session = await world.session();
    for (const path of ['/oauth/consent/u/request', '/v1/me/points']) await session.request({ path });
    expect(world.asked.map(({ credentials }) => credentials)).toEqual(['same-origin', 'omit']);
  });

  it('proves by the clock of the service, which the browser’s may be far from', async () => {
    const world = new World();
    const session = await world.session();
    world.answering = () => Response.json({}, { headers: { date: new Date(START + 300_000).toUTCString() } });
    await session.request({ path: '/v1/a' });
    await session.request({ path: '/v1/a' });
    expect(world.asked.map(({ headers }) => claimsOf(headers.get('dpop'))['iat'])).toEqual([START / 1000, START / 1000 + 300]);
  });

  it('begins with a clock that is wrong, by the time of the service', async () => {
    const world = new World();
    const date = new Date(START - 360_000).toUTCString();
    world.answering = ({ url, headers }) =>
      url === `${ORIGIN}/v1/session` && Number(claimsOf(headers.get('dpop'))['iat']) * 1000 > START - 300_000
        ? new Response('{}', { status: 401, headers: { 'content-type': 'application/problem+json', date } })
        : undefined;
    const session = await world.session();
    expect(session.now()).toBe(START - 360_000);
  });

  it('C10.2-3: signing out ends it everywhere and empties the browser, reached or not', async () => {
    const world = new World();
    const session = await world.session();
    await world.kept.put('sealed:today', 'x');
    world.answering = () => {
      throw new TypeError('no network');
    };
    await session.signOut();
    expect(world.asked).toMatchObject([{ method: 'DELETE', url: `${ORIGIN}/v1/session` }]);
    expect([world.wiped, world.kept.values.size, session.ended.value]).toEqual([1, 0, true]);
    expect(world.left.at(-1)).toBe(`${IDENTITY}/end?client_id=portal&post_logout_redirect_uri=${encodeURIComponent(`${ORIGIN}/`)}`);
  });
});
