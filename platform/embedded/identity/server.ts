import { once } from 'node:events';
import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import { createServer, type Server } from 'node:https';
import { codeOf } from '../../../events/errors.ts';
import type { Defences } from '../../../topology/defences.ts';
import { API_LIMITS } from '../../../topology/limits.ts';
import type { RouteRate } from '../../../topology/route.ts';
import { CallRates } from '../../doors/call-rates.ts';
import { readIdToken } from '../../doors/id-token.ts';
import type { ApplicationName, IdentityEndpoints, IdentityProvider, SignedInPerson, SignInTries } from '../../ports/identity.ts';
import type { Log } from '../../ports/platform.ts';
import type { CertificateAuthority } from '../gateway/ca.ts';
import { shareConnections } from '../https/connection-share.ts';
import { serverOptions } from '../https/server-options.ts';
import type { SignInAccounts } from './accounts.ts';
import { contentPolicy, SCRIPT_PATH } from './pages.ts';
import { PASSKEY_SCRIPT } from './passkey-script.ts';
import type { Origins, SigningKey } from './provider.ts';

const HOST = '127.0.0.1';
/** A sign-in is half a dozen pages. As many sign-ins as can be open at a time, nobody opens alone. */
const PAGES: RouteRate = { burst: 120, perMinute: 240 };
const APPLICATIONS: readonly ApplicationName[] = ['portal', 'console'];

export interface IdentityServerOptions {
  readonly ca: Pick<CertificateAuthority, 'server' | 'rootPem'>;
  readonly accounts: SignInAccounts;
  readonly key: SigningKey;
  readonly log: Log;
  readonly tries: SignInTries;
  readonly defences: Pick<Defences, 'rateLimits' | 'ownDoor' | 'signInProof' | 'modernTls'>;
  /** 0 = any free one. */
  readonly port: number;
  /** Milliseconds, for rates; default the process's monotonic clock. */
  readonly monotonic?: () => number;
}

/**
 * The identity provider on a listener of its own: where people prove who they are. It knows no meters and no readings, and the doors
 * believe of it what its key signed. @source X.1332 10.2 (mutual authentication)
 */
export class IdentityServer implements IdentityProvider {
  readonly #options: IdentityServerOptions;
  readonly #server: Server;
  readonly #rates: CallRates;
  #origins: Origins | undefined;
  #answering: Promise<RequestListener> | undefined;

  private constructor(options: IdentityServerOptions) {
    this.#options = options;
    this.#rates = new CallRates(options.monotonic);
    const tls = { ...serverOptions(options.ca, API_LIMITS, options.defences), requestCert: false };
    this.#server = createServer(tls, (request, response) => this.#serve(request, response));
    this.#server.maxConnections = API_LIMITS.connections;
    if (options.defences.rateLimits)
      shareConnections(this.#server, API_LIMITS.connectionsPerAddress, () => options.log.warn('connection refused', { reason: 'share' }));
    this.#server.maxHeadersCount = API_LIMITS.headers;
  }

  /** Its address is known from here on; it answers when it knows the applications. */
  static async listen(options: IdentityServerOptions): Promise<IdentityServer> {
    const made = new IdentityServer(options);
    made.#server.listen(options.port, HOST);
    await once(made.#server, 'listening');
    return made;
  }

  /** Answers from now on. @param origins addresses of the applications */
  open(origins: Origins): void {
    this.#origins = origins;
  }

  get endpoints(): IdentityEndpoints {
    const address = this.#server.address();
    const issuer = `https://localhost:${typeof address === 'object' && address !== null ? address.port : 0}`;
    return {
      issuer,
      authorization: `${issuer}/auth`,
      token: `${issuer}/token`,
      endSession: `${issuer}/session/end`,
      passkeys: `${issuer}/passkeys`,
    };
  }

  async verify(idToken: string, application: ApplicationName): Promise<SignedInPerson | { readonly refused: string }> {
    const { key, defences } = this.#options;
    return await readIdToken(idToken, {
      key: key.publicKey.toCryptoKey({ name: 'ECDSA', namedCurve: 'P-256' }, true, ['verify']),
      algorithm: 'ES256',
      issuer: this.endpoints.issuer,
      audience: defences.ownDoor ? application : APPLICATIONS,
      application: defences.ownDoor ? application : undefined,
      now: Date.now(),
      verified: defences.signInProof,
    });
  }

  async isActive({ person, role, login }: Pick<SignedInPerson, 'person' | 'role' | 'login'>): Promise<boolean> {
    const known = this.#options.accounts.find(login);
    if (known?.kind === 'customer') return role === 'customer' && known.account === person;
    return known !== undefined && known.role === role && known.name === person;
  }

  async close(): Promise<void> {
    const closed = once(this.#server, 'close');
    this.#server.close();
    this.#server.closeAllConnections();
    await closed;
    await this.#options.tries.flush();
  }

  #serve(request: IncomingMessage, response: ServerResponse): void {
    const { issuer } = this.endpoints;
    const { origin, host } = request.headers;
    const origins = Object.values(this.#origins ?? {});
    for (const [name, value] of Object.entries(headersOf(origins))) response.setHeader(name, value);
    if (this.#origins === undefined) return void response.writeHead(503).end();
    // Another name of this machine would be another issuer, and another place in a browser.
    if (host !== new URL(issuer).host) return void response.writeHead(421).end();
    const known = origin === undefined || origin === issuer || (origins.includes(origin) && isToken(request));
    // What changes something comes from a page of ours, or as the protocol's own call.
    const posted = request.method === 'GET' || request.method === 'HEAD' || origin !== undefined || isToken(request);
    if (!known || !posted) return void response.writeHead(403).end();
    if (this.#isTooOften(request)) return void response.writeHead(429, { 'retry-after': '1' }).end();
    if (request.url === SCRIPT_PATH) return void response.writeHead(200, { 'content-type': 'text/javascript' }).end(PASSKEY_SCRIPT);
    this.#answer(request, response, this.#origins).catch((error: unknown) => {
      this.#options.log.error('identity provider failed', { code: codeOf(error) });
      if (!response.headersSent) response.writeHead(500).end();
    });
  }

  /** The libraries are large: who starts a service, or looks at one, need not wait for them. */
  async #answer(request: IncomingMessage, response: ServerResponse, origins: Origins): Promise<void> {
    this.#answering ??= import('./answering.ts').then(({ answering }) => answering(this.#options, this.endpoints.issuer, origins));
    const answer = await this.#answering;
    await answer(request, response);
  }

  #isTooOften({ socket }: IncomingMessage): boolean {
    return this.#options.defences.rateLimits && this.#rates.take(`from ${socket.remoteAddress}`, PAGES) > 0;
  }
}

/** @param origins where forms may lead besides here */
function headersOf(origins: readonly string[]): Readonly<Record<string, string>> {
  return {
    'cache-control': 'no-store',
    'content-security-policy': contentPolicy(origins),
    'cross-origin-opener-policy': 'same-origin',
    'permissions-policy': 'publickey-credentials-get=(self), publickey-credentials-create=(self)',
    // A form sends its origin along, and nothing goes elsewhere.
    'referrer-policy': 'same-origin',
    'strict-transport-security': 'max-age=63072000',
    'x-content-type-options': 'nosniff',
  };
}

function isToken({ url }: IncomingMessage): boolean {
  return url === '/token';
}
