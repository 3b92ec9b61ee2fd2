import { createHash, randomBytes } from 'node:crypto';
import { SessionToken } from '../../api/session.ts';
import type { ApplicationName } from '../../platform/ports/identity.ts';
import { type CookieJar, cookieOf, keepCookies } from '../support/cookie-jar.ts';
import type { Answered, Sent } from '../support/exchange.ts';
import { type BrowserKey, newKey, type ProofWish, proofOf } from './proofs.ts';
import type { Known, SentFrom, SessionWorld } from './session-world.ts';

const USER_AGENT = 'Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0';

/** How far a browser is with signing in. */
export interface Asked {
  readonly verifier: string;
  /** Of the open sign-in at the provider, where it shows a page; else the address that the browser came back to. */
  readonly place: string;
}

/** A browser with one application open: its cookies at the provider, its key, its session. */
export class Browser {
  readonly cookies: CookieJar = new Map();
  readonly key: BrowserKey = newKey();
  session: SessionToken | undefined;
  readonly #world: SessionWorld;
  readonly #application: ApplicationName;

  private constructor(world: SessionWorld, application: ApplicationName) {
    this.#world = world;
    this.#application = application;
  }

  static async open(world: SessionWorld, application: ApplicationName): Promise<Browser> {
    return new Browser(world, application);
  }

  get origin(): string {
    return this.#world.addressOf(this.#application);
  }

  /** A request at the provider, cookies and all. */
  async atProvider(path: string, sent: SentFrom = {}): Promise<Answered> {
    const { issuer } = this.#world;
    const cookie = cookieOf(this.cookies);
    const headers = { ...(cookie !== '' && { cookie }), ...(sent.method === 'POST' && { origin: issuer }), ...sent.headers };
    const answered = await this.#world.send(new URL(path, issuer).href, { ...sent, headers });
    keepCookies(this.cookies, answered);
    return answered;
  }

  /** Asks to sign in. @param changed parameters in place of what is usual */
  async ask(changed: Readonly<Record<string, string>> = {}): Promise<Asked> {
    const verifier = randomBytes(32).toString('base64url');
    const parameters = {
      ...{ client_id: this.#application, response_type: 'code', scope: 'openid', state: 'a-state' },
      redirect_uri: `${this.origin}/`,
      nonce: this.key.thumbprint,
      ...{ code_challenge: createHash('sha256').update(verifier).digest('base64url'), code_challenge_method: 'S256' },
      ...changed,
    };
    const answered = await this.atProvider(`/auth?${new URLSearchParams(parameters)}`);
    return { verifier, place: String(answered.headers['location'] ?? answered.text) };
  }

  /** Follows the provider back to the application. @returns the address, with code or error */
  async follow(location: string): Promise<URL> {
    let next = location;
    for (let hops = 0; next.startsWith('/') || next.startsWith(this.#world.issuer); hops++) {
      const answered = await this.atProvider(next);
      next = String(answered.headers['location'] ?? '');
      if (next === '' || hops > 5) throw new Error(`stuck: ${answered.status} ${answered.text}`);
    }
    return new URL(next);
  }

  async passphrase(place: string, { name, passphrase }: Known): Promise<Answered> {
    return await this.atProvider(`${place}/passphrase`, { method: 'POST', form: { name, passphrase } });
  }

  /** Redeems a code as the application does, from its own origin. */
  async redeem(code: string, verifier: string, headers: Readonly<Record<string, string>> = { origin: this.origin }): Promise<Answered> {
    const form = {
      ...{ grant_type: 'authorization_code', client_id: this.#application, code, code_verifier: verifier },
      redirect_uri: `${this.origin}/`,
    };
    return await this.atProvider('/token', { method: 'POST', form, headers });
  }

  /** The whole way to an ID token, by passphrase. */
  async idToken(known: Known, changed: Readonly<Record<string, string>> = {}): Promise<string> {
    const { verifier, place } = await this.ask(changed);
    const answered = await this.passphrase(place, known);
    const back = await this.follow(String(answered.headers['location'] ?? ''));
    const redeemed = await this.redeem(back.searchParams.get('code') ?? '', verifier);
    return (JSON.parse(redeemed.text) as { id_token: string }).id_token;
  }

  async signIn(known: Known): Promise<void> {
    this.session = SessionToken.parse(JSON.parse((await this.begin(await this.idToken(known))).text));
  }

  get beginPath(): string {
    return this.#application === 'portal' ? '/v1/session' : '/v1/console/session';
  }

  /** Turns an ID token into a session. @param wish what the proof says in place of what is right; null: no proof */
  async begin(idToken: string, wish: Partial<ProofWish> | null = {}, key: BrowserKey = this.key): Promise<Answered> {
    const url = this.origin + this.beginPath;
    const usual = { htm: 'POST', htu: url, at: this.#world.clock.now() };
    const proof = wish === null ? {} : { dpop: await proofOf(key, { ...usual, ...wish }) };
    return await this.#world.send(url, { method: 'POST', json: { idToken }, headers: { ...proof, 'user-agent': USER_AGENT } });
  }

  /** A call with the session. @param wish what the proof says in place of what is right; null: no proof */
  async call(method: string, path: string, wish: Partial<ProofWish> | null = {}, key: BrowserKey = this.key): Promise<Answered> {
    return await this.#world.send(this.origin + path, { method, ...json(method), headers: await this.headers(method, path, wish, key) });
  }

  async headers(
    method: string,
    path: string,
    wish: Partial<ProofWish> | null = {},
    key: BrowserKey = this.key,
  ): Promise<Record<string, string>> {
    const { token } = this.session!;
    const usual = { htm: method, htu: this.origin + path, at: this.#world.clock.now(), token };
    const proof = wish === null ? {} : { dpop: await proofOf(key, { ...usual, ...wish }) };
    return { authorization: `DPoP ${token}`, ...proof };
  }
}

function json(method: string): Pick<Sent, 'headers' | 'json'> {
  return method === 'POST' ? { json: undefined } : {};
}
