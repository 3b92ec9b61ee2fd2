import { createHash, generateKeyPairSync, randomBytes, randomUUID } from 'node:crypto';
import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { calculateJwkThumbprint, type JWK, SignJWT } from 'jose';
import type { SessionToken } from '../../api/session.ts';
import type { CustomerBrowser, PartyAnswer } from './party-client.ts';

/** Where the portal is, where its customers sign in, and whom a browser trusts. */
export interface CustomerPlace {
  /** Address of the customers' door. */
  readonly portal: string;
  readonly issuer: string;
  readonly ca: string;
}

interface Sent {
  readonly method?: 'GET' | 'POST';
  readonly headers?: Readonly<Record<string, string>>;
  readonly form?: Readonly<Record<string, string>>;
  readonly json?: unknown;
}

const HOPS = 6;
/** Tells its sign-ins from those of people, where these are listed. */
const USER_AGENT = 'joulekeep-demonstration/0.1';

/**
 * A customer's browser with the portal open, as it would be written elsewhere: a key of its own, a sign-in with the identity provider that names
 * the key, and a session whose token works with proofs by it. It knows nothing of the service but addresses. @source RFC 7636, 9449
 */
export class CustomerClient implements CustomerBrowser {
  readonly #place: CustomerPlace;
  readonly #key = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  readonly #cookies = new Map<string, string>();
  #token = '';

  constructor(place: CustomerPlace) {
    this.#place = place;
  }

  /** @throws Error when any step is refused */
  async signIn(name: string, passphrase: string): Promise<void> {
    const { portal } = this.#place;
    const verifier = randomBytes(32).toString('base64url');
    const asked = new URLSearchParams({
      ...{ client_id: 'portal', response_type: 'code', scope: 'openid', redirect_uri: `${portal}/`, state: randomUUID() },
      nonce: await calculateJwkThumbprint(this.#jwk()),
      ...{ code_challenge: createHash('sha256').update(verifier).digest('base64url'), code_challenge_method: 'S256' },
    });
    const page = await this.#onward(`/auth?${asked}`);
    const code = await this.#back(await this.#onward(`${page}/passphrase`, { method: 'POST', form: { name, passphrase } }));
    const form = { grant_type: 'authorization_code', client_id: 'portal', code, code_verifier: verifier, redirect_uri: `${portal}/` };
    const redeemed = await this.#atProvider('/token', { method: 'POST', form, headers: { origin: portal } });
    const { id_token: idToken } = JSON.parse(redeemed.text) as { readonly id_token: string };
    const begun = await this.#send(`${portal}/v1/session`, {
      ...{ method: 'POST', json: { idToken } },
      headers: { dpop: await this.#proof('POST', '/v1/session') },
    });
    if (begun.status !== 200) throw new Error(`the sign-in was answered ${begun.status}`);
    this.#token = (JSON.parse(begun.text) as SessionToken).token;
  }

  async call(
    path: string,
    sent: { readonly method: 'GET' | 'POST'; readonly cookie: string; readonly body?: unknown },
  ): Promise<PartyAnswer> {
    const { method, cookie, body } = sent;
    const proof = { authorization: `DPoP ${this.#token}`, dpop: await this.#proof(method, path) };
    const headers = { ...proof, ...(cookie !== '' && { cookie }) };
    return await this.#send(this.#place.portal + path, { method, headers, ...(body !== undefined && { json: body }) });
  }

  /** For one request, made a moment ago. */
  async #proof(method: string, path: string): Promise<string> {
    const ath = this.#token === '' ? {} : { ath: createHash('sha256').update(this.#token).digest('base64url') };
    const claims = { htm: method, htu: this.#place.portal + path, jti: randomUUID(), iat: Math.floor(Date.now() / 1_000), ...ath };
    return await new SignJWT(claims).setProtectedHeader({ alg: 'ES256', typ: 'dpop+jwt', jwk: this.#jwk() }).sign(this.#key.privateKey);
  }

  #jwk(): JWK {
    const { kty, crv, x, y } = this.#key.publicKey.export({ format: 'jwk' }) as Required<JWK>;
    return { kty, crv, x, y };
  }

  /** @returns where the provider sends the browser @throws Error where it stays */
  async #onward(path: string, sent: Sent = {}): Promise<string> {
    const { status, headers } = await this.#atProvider(path, sent);
    if (headers.location === undefined) throw new Error(`${path.split('?')[0]} of the identity provider answered ${status}`);
    return headers.location;
  }

  /** Follows the provider to the portal. @returns the code that comes back there */
  async #back(location: string): Promise<string> {
    let next = location;
    for (let hop = 0; !next.startsWith(this.#place.portal); hop++) {
      if (hop > HOPS) throw new Error('the identity provider never comes back');
      next = await this.#onward(next);
    }
    return new URL(next).searchParams.get('code') ?? '';
  }

  async #atProvider(path: string, sent: Sent = {}): Promise<PartyAnswer> {
    const cookie = [...this.#cookies].map(([name, value]) => `${name}=${value}`).join('; ');
    const origin = sent.method === 'POST' ? { origin: this.#place.issuer } : {};
    const headers = { ...(cookie !== '' && { cookie }), ...origin, ...sent.headers };
    const answered = await this.#send(new URL(path, this.#place.issuer).href, { ...sent, headers });
    for (const line of answered.headers['set-cookie'] ?? []) {
      const [name = '', value = ''] = line.split(';')[0]!.split('=');
      if (value === '') this.#cookies.delete(name);
      else this.#cookies.set(name, value);
    }
    return answered;
  }

  async #send(url: string, { method = 'GET', headers = {}, form, json }: Sent): Promise<PartyAnswer> {
    const body = form === undefined ? json && JSON.stringify(json) : new URLSearchParams(form).toString();
    const type = form === undefined ? 'application/json' : 'application/x-www-form-urlencoded';
    const all = { 'user-agent': USER_AGENT, ...(body !== undefined && { 'content-type': type }), ...headers };
    const outgoing = httpsRequest(url, { method, headers: all, ca: this.#place.ca, agent: false, family: 4 });
    const answered = once(outgoing, 'response') as Promise<[IncomingMessage]>;
    outgoing.end(body);
    const [incoming] = await answered;
    const chunks = (await Array.fromAsync(incoming)) as Buffer[];
    return { status: incoming.statusCode ?? 0, headers: incoming.headers, text: Buffer.concat(chunks).toString() };
  }
}
