import 'reflect-metadata';
import { createHash, generateKeyPairSync, randomBytes, webcrypto, X509Certificate } from 'node:crypto';
import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { Pkcs10CertificateRequestGenerator } from '@peculiar/x509';
import type { ConsentAnswered, ConsentRequest } from '../../api/customer-account.ts';

/** What a customer in a hurry allows. */
const DAYS = 90;
const P256 = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' } as const;

/** Where a client finds the doors, and whom it trusts. */
export interface PartyPlace {
  readonly thirdParty: number;
  readonly customer: number;
  readonly ca: string;
}

export interface PartyAnswer {
  readonly status: number;
  readonly headers: IncomingMessage['headers'];
  readonly text: string;
}

/** The customer's browser, in which somebody signed in: calls the customers' door on their behalf. */
export interface CustomerBrowser {
  call(path: string, sent: { readonly method: 'GET' | 'POST'; readonly cookie: string; readonly body?: unknown }): Promise<PartyAnswer>;
}

interface Sent {
  readonly method?: 'GET' | 'POST';
  readonly headers?: Readonly<Record<string, string>>;
  readonly form?: Readonly<Record<string, string>>;
}

/**
 * A third party as it would be written elsewhere: a key of its own, an authorization through the customer's browser, pulls with a
 * token. It knows nothing of the service but addresses.
 */
export class PartyClient {
  readonly #place: PartyPlace;
  readonly #clientId: string;
  readonly #redirectUri: string;
  readonly #key = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  #certificate = '';
  #token = '';

  constructor(place: PartyPlace, clientId: string, redirectUri: string) {
    this.#place = place;
    this.#clientId = clientId;
    this.#redirectUri = redirectUri;
  }

  /** PKCS #10, DER. */
  async request(): Promise<Buffer> {
    const { privateKey, publicKey } = this.#key;
    const keys = { privateKey: privateKey.toCryptoKey(P256, false, ['sign']), publicKey: publicKey.toCryptoKey(P256, true, ['verify']) };
    const name = `CN=${this.#clientId}`;
    const made = await Pkcs10CertificateRequestGenerator.create({ name, keys, signingAlgorithm: P256 }, webcrypto as never);
    return Buffer.from(made.rawData);
  }

  /** @param der the certificate that came for the request */
  take(der: Buffer): void {
    this.#certificate = new X509Certificate(der).toString();
  }

  /** Asks the customer. @returns path of the customer's data @throws Error when any step is refused */
  async authorize(scope: string, decision: 'allow' | 'deny', customer: CustomerBrowser): Promise<string> {
    const verifier = randomBytes(32).toString('base64url');
    const own = { client_id: this.#clientId, redirect_uri: this.#redirectUri };
    const challenge = createHash('sha256').update(verifier).digest('base64url');
    const wish = { ...own, response_type: 'code', scope, code_challenge: challenge, code_challenge_method: 'S256' };
    const pushed = await this.#post<{ readonly request_uri: string }>('/oauth/par', wish);
    const code = await this.#browse(pushed.request_uri, decision, customer);
    const proof = { ...own, grant_type: 'authorization_code', code, code_verifier: verifier };
    const tokens = await this.#post<{ readonly access_token: string; readonly resourceURI: string }>('/oauth/token', proof);
    this.#token = tokens.access_token;
    return new URL(tokens.resourceURI).pathname;
  }

  async pull(path: string, accept = 'application/json'): Promise<PartyAnswer> {
    return await this.#send(this.#place.thirdParty, path, { headers: { authorization: `Bearer ${this.#token}`, accept } });
  }

  /** From the address that the third party opens to the one where it hears the answer. */
  async #browse(requestUri: string, decision: 'allow' | 'deny', customer: CustomerBrowser): Promise<string> {
    const jar = new Map<string, string>();
    const query = new URLSearchParams({ client_id: this.#clientId, request_uri: requestUri });
    const asked = await this.#hop(jar, `/oauth/authorize?${query}`);
    const resumed = await answered(customer, asked, { cookie: cookieOf(jar), decision });
    const back = new URL(await this.#hop(jar, new URL(resumed).pathname)).searchParams;
    const code = back.get('code');
    if (code === null) throw new Error(`the customer was asked: ${back.get('error')}`);
    return code;
  }

  async #hop(jar: Map<string, string>, path: string, sent: Sent = {}): Promise<string> {
    const cookie = cookieOf(jar);
    const answered = await this.#send(this.#place.customer, path, { ...sent, headers: cookie === '' ? {} : { cookie } }, false);
    for (const line of answered.headers['set-cookie'] ?? []) {
      const [name = '', value = ''] = line.split(';')[0]!.split('=');
      jar.set(name, value);
    }
    const { location } = answered.headers;
    if (location === undefined) throw new Error(`${path.split('?')[0]} answered ${answered.status}`);
    return location;
  }

  async #post<T>(path: string, form: Readonly<Record<string, string>>): Promise<T> {
    const { status, text } = await this.#send(this.#place.thirdParty, path, { method: 'POST', form });
    if (status >= 300) throw new Error(`${path} answered ${status}: ${text}`);
    return JSON.parse(text) as T;
  }

  async #send(port: number, path: string, { method = 'GET', headers = {}, form }: Sent, asItself = true): Promise<PartyAnswer> {
    const key = this.#key.privateKey.export({ format: 'pem', type: 'pkcs8' });
    const identity = asItself ? { key, cert: this.#certificate } : {};
    const typed = form === undefined ? headers : { ...headers, 'content-type': 'application/x-www-form-urlencoded' };
    const place = { host: '127.0.0.1', port, path, ca: this.#place.ca, agent: false } as const;
    const outgoing = httpsRequest({ ...place, method, headers: typed, ...identity });
    const answered = once(outgoing, 'response') as Promise<[IncomingMessage]>;
    outgoing.end(form === undefined ? undefined : new URLSearchParams(form).toString());
    const [incoming] = await answered;
    const chunks = (await Array.fromAsync(incoming)) as Buffer[];
    return { status: incoming.statusCode ?? 0, headers: incoming.headers, text: Buffer.concat(chunks).toString() };
  }
}

function cookieOf(jar: ReadonlyMap<string, string>): string {
  return [...jar].map(([name, value]) => `${name}=${value}`).join('; ');
}

/** What the portal does with a question: it shows it, and says what the customer said to all of it. @returns where the browser goes */
async function answered(
  customer: CustomerBrowser,
  path: string,
  { cookie, decision }: { readonly cookie: string; readonly decision: 'allow' | 'deny' },
): Promise<string> {
  const question = await customer.call(`${path}/request`, { method: 'GET', cookie });
  if (question.status !== 200) throw new Error(`the question was answered ${question.status}`);
  const { textHash, dataClasses } = JSON.parse(question.text) as ConsentRequest;
  const body = decision === 'deny' ? { decision } : { decision, textHash, dataClasses, days: DAYS };
  const answer = await customer.call(path, { method: 'POST', cookie, body });
  if (answer.status !== 200) throw new Error(`the answer was answered ${answer.status}`);
  return (JSON.parse(answer.text) as ConsentAnswered).location;
}
