import { createHash, randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ConsentAnswered, ConsentRequest } from '../../api/customer-account.ts';
import { closeDoors, type Doors, openDoors } from '../../bin/service/doors.ts';
import { handlersOn } from '../../bin/service/handlers.ts';
import { account } from '../../domain/account/account.ts';
import { INGEST_LIMITS } from '../../lambdas/ingest/limits.ts';
import { changeRecipient } from '../../lambdas/shared/feeds/recipients.ts';
import { runDecider } from '../../lambdas/shared/streams.ts';
import { createEmbeddedPlatform, type Embedded } from '../../platform/embedded/platform.ts';
import { closeAll, openHomes } from '../billing/closed-homes.ts';
import type { Credentials } from '../platform/gateway-fixture.ts';
import { credentials } from '../platform/https-fixture.ts';
import { type CookieJar, cookieOf, keepCookies } from '../support/cookie-jar.ts';
import { defencesUnderTest } from '../support/defences.ts';
import { type Answered, exchange, type Sent, written } from '../support/exchange.ts';
import { deviceKey } from '../support/memory-ca.ts';
import { ManualClock } from '../support/memory-platform.ts';
import { signedIn, signedInByHeader } from '../support/signed-in.ts';

export const CALLBACK = 'https://client.example/callback';
export const SCOPE = 'FB=4_5_15;IntervalDuration=3600;BlockDuration=monthly;HistoryLength=13';
const ACCOUNT = 'acc-home-1';
const HOSTED = { retryMs: 20, privateNetworks: ['127.0.0.0/8'] };
const YEAR = 365 * 86_400_000;

export interface WorldOptions {
  readonly rateLimits?: boolean;
  /** Customers sign in with the identity provider; by default they are who a header says. */
  readonly signsIn?: boolean;
  /** Two homes with three closed days of October 2026 each; it is November. The customer is the first one's. */
  readonly homes?: boolean;
  /** Queues and feeds are worked off, and pushes may go to loopback. */
  readonly hosted?: boolean;
}

/** What a client keeps between the steps of an authorization. */
export interface Pkce {
  readonly verifier: string;
  readonly challenge: string;
}

/** The embedded platform with its doors open, a customer, and third parties that call over TLS on loopback. */
export class PartyWorld {
  readonly clock = new ManualClock(Date.now());
  readonly directory = mkdtempSync(join(tmpdir(), 'joulekeep-party-'));
  platform!: Embedded;
  doors!: Doors;

  /** @param rateLimits off, unless they are what is tested: a test calls more often than a client does */
  static async open({ rateLimits = false, signsIn = false, homes = false, hosted = false }: WorldOptions = {}): Promise<PartyWorld> {
    const world = new PartyWorld();
    const defences = { ...defencesUnderTest(), ...(!rateLimits && { rateLimits }) };
    const { clock } = world;
    world.platform = await createEmbeddedPlatform({
      stateDir: join(world.directory, 'state'),
      clock,
      timer: false,
      defences,
      ...(hosted && HOSTED),
    });
    if (homes) await world.#closeHomes();
    else await world.#openAccount();
    if (hosted) await world.platform.host.start(handlersOn(world.platform, INGEST_LIMITS));
    world.doors = await openDoors(
      world.platform,
      clock,
      {},
      signsIn ? { defences } : { defences, authorizer: signedInByHeader, wall: clock },
    );
    return world;
  }

  /** Two homes, 100 and 300 Wh in each quarter-hour. */
  async #closeHomes(): Promise<void> {
    const as = (principal: string) => this.platform.as(principal);
    this.clock.set(Date.UTC(2026, 9, 1));
    await openHomes(as);
    await closeAll(as, 'home-1', 100);
    await closeAll(as, 'home-2', 300);
    this.clock.set(Date.UTC(2026, 10, 20));
  }

  async #openAccount(): Promise<void> {
    const from = this.clock.now() - YEAR;
    await runDecider(this.platform.as('enrol').events, `account/${ACCOUNT}`, account, [
      { type: 'OpenAccount', accountId: ACCOUNT, at: from },
      { type: 'StartTenancy', usagePoint: 'home-1', from, at: from },
    ]);
  }

  get account(): string {
    return ACCOUNT;
  }

  /** A registered third party with a certificate that speaks for it. */
  async party(recipientId: string): Promise<Credentials> {
    const at = this.clock.now();
    await changeRecipient(this.platform.as('enrol'), recipientId, {
      type: 'RegisterRecipient',
      recipientId,
      name: `The ${recipientId}`,
      redirectUris: [CALLBACK],
      at,
    });
    return await this.certificate(recipientId);
  }

  /** One more certificate of a registered third party. @param added false: issued, and not on record as speaking for it */
  async certificate(recipientId: string, added = true): Promise<Credentials> {
    const { privateKey, csr } = await deviceKey(recipientId);
    const made = credentials(recipientId, privateKey, await this.platform.people.issue(recipientId, 'third-party', csr));
    const { fingerprint } = made;
    if (added) await changeRecipient(this.platform.as('enrol'), recipientId, { type: 'AddCertificate', fingerprint, at: this.clock.now() });
    return made;
  }

  /** A request at the third parties' door. */
  async call(path: string, who: Credentials | undefined, sent: Sent = {}): Promise<Answered> {
    return await this.send(this.doors['third-party']!.port, path, who, sent);
  }

  /** A request at the customers' door, as a browser makes it. */
  async browse(path: string, sent: Sent = {}): Promise<Answered> {
    return await this.send(this.doors.customer!.port, path, undefined, sent);
  }

  async send(port: number, path: string, who: Credentials | undefined, { method = 'GET', headers = {}, ...sent }: Sent): Promise<Answered> {
    const { body, typed } = written(sent);
    const place = { port, path, ca: this.platform.ca.rootPem, ...(who && { key: who.key, cert: who.cert }) };
    return await exchange({ ...place, method, headers: { ...typed, ...headers } }, body);
  }

  /** Pushes a request; `changed` takes the place of what is usual, undefined leaves it out. */
  async push(who: Credentials, pkce: Pkce, changed: Readonly<Record<string, string | undefined>> = {}): Promise<Answered> {
    const usual = {
      ...{ client_id: who.thing, response_type: 'code', redirect_uri: CALLBACK, scope: SCOPE, state: 'a-state' },
      ...{ code_challenge: pkce.challenge, code_challenge_method: 'S256' },
    };
    return await this.call('/oauth/par', who, { method: 'POST', form: formOf({ ...usual, ...changed }) });
  }

  /** Follows the browser from a pushed request to the customer's answer. @returns parameters that come back at the client's address */
  async answer(clientId: string, requestUri: string, decision: 'allow' | 'deny' = 'allow'): Promise<URLSearchParams> {
    const jar: CookieJar = new Map();
    const asked = await this.asked(jar, clientId, requestUri);
    const { location } = (await this.decide(jar, asked, decision)) as ConsentAnswered;
    const back = await this.hop(jar, new URL(location).pathname);
    return new URL(back).searchParams;
  }

  /** The browser is sent to the question. @returns its path */
  async asked(jar: CookieJar, clientId: string, requestUri: string): Promise<string> {
    return await this.hop(jar, `/oauth/authorize?${new URLSearchParams({ client_id: clientId, request_uri: requestUri })}`);
  }

  /** The signed-in customer reads the question and answers; `changed` takes the place of what was asked for. */
  async decide(jar: CookieJar, path: string, decision: 'allow' | 'deny', changed: object = {}): Promise<unknown> {
    const headers = { cookie: cookieOf(jar), ...signedIn(ACCOUNT, this.clock.now()) };
    const { textHash, dataClasses } = jsonOf(await this.browse(`${path}/request`, { headers })) as unknown as ConsentRequest;
    const yes = { decision, textHash, dataClasses, days: 30, ...changed };
    const answer = await this.browse(path, { method: 'POST', headers, json: decision === 'deny' ? { decision } : yes });
    if (answer.status !== 200) throw new Error(`${answer.status} ${answer.text}`);
    return JSON.parse(answer.text);
  }

  /** One step of a browser that keeps cookies. @returns where it is sent next, or the page */
  async hop(jar: CookieJar, path: string, sent: Sent = {}): Promise<string> {
    const cookie = cookieOf(jar);
    const answered = await this.browse(path, { ...sent, headers: cookie === '' ? {} : { cookie } });
    keepCookies(jar, answered);
    return String(answered.headers['location'] ?? answered.text);
  }

  /** The whole way to a code. */
  async code(who: Credentials, pkce: Pkce = newPkce(), changed: Readonly<Record<string, string | undefined>> = {}): Promise<string> {
    const { request_uri: uri } = jsonOf(await this.push(who, pkce, changed)) as { request_uri: string };
    const code = (await this.answer(who.thing, uri)).get('code');
    if (code === null) throw new Error('no code came back');
    return code;
  }

  async redeem(who: Credentials, code: string, pkce: Pkce, changed: Readonly<Record<string, string | undefined>> = {}): Promise<Answered> {
    const usual = { grant_type: 'authorization_code', client_id: who.thing, code, redirect_uri: CALLBACK, code_verifier: pkce.verifier };
    return await this.call('/oauth/token', who, { method: 'POST', form: formOf({ ...usual, ...changed }) });
  }

  async refresh(who: Credentials, token: string, changed: Readonly<Record<string, string | undefined>> = {}): Promise<Answered> {
    const usual = { grant_type: 'refresh_token', client_id: who.thing, refresh_token: token };
    return await this.call('/oauth/token', who, { method: 'POST', form: formOf({ ...usual, ...changed }) });
  }

  /** The whole way to tokens. */
  async tokens(who: Credentials, changed: Readonly<Record<string, string | undefined>> = {}): Promise<Tokens> {
    const pkce = newPkce();
    const redeemed = await this.redeem(who, await this.code(who, pkce, changed), pkce);
    if (redeemed.status !== 200) throw new Error(redeemed.text);
    return jsonOf(redeemed) as unknown as Tokens;
  }

  async close(): Promise<void> {
    await closeDoors(Object.values(this.doors));
    await this.platform.close();
    rmSync(this.directory, { recursive: true });
  }
}

export interface Tokens {
  readonly access_token: string;
  readonly refresh_token: string;
  readonly expires_in: number;
  readonly scope: string;
  readonly token_type: string;
  readonly resourceURI: string;
  readonly authorizationURI: string;
}

export function newPkce(): Pkce {
  const verifier = randomBytes(32).toString('base64url');
  return { verifier, challenge: createHash('sha256').update(verifier).digest('base64url') };
}

export function jsonOf({ text }: Answered): Readonly<Record<string, unknown>> {
  return JSON.parse(text) as Record<string, unknown>;
}

function formOf(fields: Readonly<Record<string, string | undefined>>): Record<string, string> {
  return Object.fromEntries(Object.entries(fields).filter((entry): entry is [string, string] => entry[1] !== undefined));
}
