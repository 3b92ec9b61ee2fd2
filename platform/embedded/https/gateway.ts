import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer, type Server } from 'node:https';
import type { TLSSocket } from 'node:tls';
import type { APIGatewayProxyEvent, APIGatewayProxyResult, Context } from 'aws-lambda';
import { PROBLEM_MEDIA_TYPE, type ProblemName, problemOf } from '../../../api/problems.ts';
import { codeOf, JoulekeepError } from '../../../events/errors.ts';
import type { Defences } from '../../../topology/defences.ts';
import { API_LIMITS } from '../../../topology/limits.ts';
import { type DoorName, PUBLIC, type Route } from '../../../topology/route.ts';
import { matchRoute, ROUTES } from '../../../topology/routes.ts';
import type { Authorizer, Identity } from '../../ports/authorizer.ts';
import type { Clock, Log } from '../../ports/platform.ts';
import { apiEvent } from '../../store/api-event.ts';
import { CallRates } from '../../store/call-rates.ts';
import { bodyFault, targetOf } from '../../store/request-rules.ts';
import { siteReply } from '../../store/site-file.ts';
import type { CertificateAuthority } from '../gateway/ca.ts';
import { Refusals } from '../gateway/refusals.ts';
import { lambdaContext } from '../host/lambda-context.ts';
import { within } from '../host/queue-worker.ts';
import { shareConnections } from './connection-share.ts';
import { readBody } from './read-request.ts';
import { serverOptions } from './server-options.ts';
import { fileOf, type ShownSite, SITE_RATE } from './site.ts';

const SITE = { name: 'site', rate: SITE_RATE, roles: [PUBLIC] } as const;
const HOST = '127.0.0.1';

export type ApiHandler = (event: APIGatewayProxyEvent, context: Context) => Promise<APIGatewayProxyResult>;
export type ApiLimits = { readonly [K in keyof typeof API_LIMITS]: number };

export interface HttpsGatewayOptions {
  readonly ca: Pick<CertificateAuthority, 'server' | 'rootPem'>;
  readonly authorizer: Authorizer;
  /** Whose routes are served here: those of every other door do not exist. */
  readonly door: DoorName;
  /** By the functions that its routes name. */
  readonly handlers: Readonly<Record<string, ApiHandler>>;
  /** Files for browsers, for whoever asks. */
  readonly site?: ShownSite;
  readonly clock: Clock;
  readonly log: Log;
  readonly defences: Pick<Defences, 'rateLimits' | 'modernTls'>;
  /** 0 = any free one. */
  readonly port: number;
  readonly limits?: Partial<ApiLimits>;
  /** Milliseconds, for rates; default the process's monotonic clock. */
  readonly monotonic?: () => number;
}

/** What is sent back, and whether the connection may go on. */
interface Reply {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[]>>;
  readonly body: string | Buffer;
  readonly close: boolean;
}

/**
 * The routes of one door of topology/routes.ts over TLS with client certificates: there is no plain listener. Who may call is the authorizer's to
 * say, before a byte of the body is read; why not goes to the log alone.
 * @source X.1332 9.2 (confidential and authentic), 10.2 (mutual authentication)
 */
export class HttpsGateway {
  readonly #options: HttpsGatewayOptions;
  readonly #limits: ApiLimits;
  readonly #server: Server;
  readonly #rates: CallRates;
  readonly #refusals: Refusals;

  private constructor(options: HttpsGatewayOptions) {
    this.#options = options;
    this.#limits = { ...API_LIMITS, ...options.limits };
    this.#rates = new CallRates(options.monotonic);
    this.#refusals = new Refusals(options.log);
    const tls = serverOptions(options.ca, this.#limits, options.defences);
    this.#server = createServer(tls, (request, response) => void this.#serve(request, response));
    this.#server.maxConnections = this.#limits.connections;
    if (options.defences.rateLimits)
      shareConnections(this.#server, this.#limits.connectionsPerAddress, () => this.#refusals.count('connections'));
    this.#server.maxHeadersCount = this.#limits.headers;
    this.#server.maxRequestsPerSocket = this.#limits.requestsPerConnection;
    this.#server.on('checkContinue', (request, response) => void this.#serve(request, response));
    this.#server.on('tlsClientError', () => this.#refusals.count('tls-failed'));
    this.#server.on('clientError', (error: NodeJS.ErrnoException, socket) => {
      this.#refusals.count(error.code === 'ERR_HTTP_REQUEST_TIMEOUT' ? 'request-slow' : 'request-malformed');
      socket.destroy();
    });
  }

  /** @throws ERR_HANDLER_MISSING when a route of the door names a function that is not among the handlers */
  static async listen(options: HttpsGatewayOptions): Promise<HttpsGateway> {
    const missing = ROUTES.find((route) => route.door === options.door && !Object.hasOwn(options.handlers, route.function));
    if (missing !== undefined)
      throw new JoulekeepError('ERR_HANDLER_MISSING', `${missing.function}: route ${missing.name} names it and nobody made it`);
    const gateway = new HttpsGateway(options);
    gateway.#server.listen(options.port, HOST);
    await once(gateway.#server, 'listening');
    return gateway;
  }

  get url(): string {
    return `https://${HOST}:${this.port}`;
  }

  /** By the name that browsers use, which passkeys need. */
  get address(): string {
    return `https://localhost:${this.port}`;
  }

  get port(): number {
    const address = this.#server.address();
    return typeof address === 'object' && address !== null ? address.port : 0;
  }

  /** How often what was refused, by reason. */
  get refused(): ReadonlyMap<string, number> {
    return this.#refusals.counts;
  }

  async close(): Promise<void> {
    const closed = once(this.#server, 'close');
    this.#server.close();
    this.#server.closeAllConnections();
    await closed;
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const requestId = randomUUID();
    const reply = await this.#answer(request, requestId).catch((error: unknown) => {
      this.#options.log.error('gateway failed', { code: codeOf(error), requestId });
      return problem('internal', requestId, true);
    });
    send(request, response, requestId, reply);
  }

  async #answer(request: IncomingMessage, requestId: string): Promise<Reply> {
    const refuse = (name: ProblemName, reason: string): Reply => {
      this.#refusals.count(reason);
      this.#options.log.warn('request refused', { reason, requestId });
      return problem(name, requestId, true);
    };
    const address = request.socket.remoteAddress ?? '';
    const { path, query } = targetOf(request.url ?? '', this.#limits.queryBytes);
    const file = fileOf(this.#options.site, request.method, path);
    if (file !== undefined) {
      const wait = this.#rate((rates) => rates.takeUnknown(address, { ...SITE, door: this.#options.door }));
      if (wait > 0) return slower(refuse('too-many-requests', 'rate'), wait);
      const fault = query === undefined ? 'request-invalid' : bodyFault({ method: 'GET', headers: request.headers }, 0);
      return fault === undefined ? { ...siteReply(file, request.headers), close: false } : refuse(fault, 'body');
    }
    const match = matchRoute(this.#options.door, request.method ?? '', path);
    if (match === undefined) return refuse('not-found', 'route-unknown');
    const early = this.#rate((rates) => rates.takeUnknown(address, match.route));
    if (early > 0) return slower(refuse('too-many-requests', 'rate'), early);
    const certificate = (request.socket as TLSSocket).getPeerX509Certificate()?.raw;
    const authorization = await this.#options.authorizer.authorize(this.#identity(request, certificate, path), match.route);
    if (!authorization.allowed) return refuse(authorization.because, authorization.reason);
    const { allowed: _, ...principal } = authorization;
    const wait = this.#rate((rates) => rates.takeFor(principal, match.route));
    if (wait > 0) return slower(refuse('too-many-requests', 'rate'), wait);
    if (query === undefined) return refuse('request-invalid', 'query');
    const fault = bodyFault(request, this.#limits.bodyBytes, match.route.takes);
    if (fault !== undefined) return refuse(fault, 'body');
    const body = request.method === 'GET' ? '' : await readBody(request, this.#limits.bodyBytes);
    if (typeof body !== 'string') return refuse(body.fault, 'body');
    const event = apiEvent({
      ...{ requestId, match, principal, path, query, body },
      headers: singleHeaders(request),
      ...(certificate === undefined ? {} : { certificate }),
      sourceIp: address,
      at: this.#options.clock.now(),
    });
    return await this.#invoke(match.route.function, event);
  }

  /** What a proof has to be for is this door by its own name, whatever the caller calls it. */
  #identity({ headers, method = '' }: IncomingMessage, certificate: Buffer | undefined, path: string): Identity {
    const { authorization, dpop } = headers;
    return {
      certificate,
      ...{ method, url: `${this.address}${path}` },
      ...(authorization !== undefined && { authorization }),
      // Given twice the two are joined, and that is no proof.
      ...(typeof dpop === 'string' && { proof: dpop }),
    };
  }

  /** @returns seconds */
  #rate(take: (rates: CallRates) => number): number {
    return this.#options.defences.rateLimits ? take(this.#rates) : 0;
  }

  async #invoke(name: Route['function'], event: APIGatewayProxyEvent): Promise<Reply> {
    const { answerWithinMs } = this.#limits;
    const { requestId } = event.requestContext;
    try {
      const result = await within(answerWithinMs, this.#options.handlers[name]!(event, lambdaContext(name, answerWithinMs)));
      const headers = { ...result.headers, ...result.multiValueHeaders } as Record<string, string | string[]>;
      const body = result.isBase64Encoded === true ? Buffer.from(result.body, 'base64') : result.body;
      return { status: result.statusCode, headers, body, close: false };
    } catch (error) {
      this.#options.log.error('handler failed', { code: codeOf(error), requestId });
      return problem(codeOf(error) === 'ERR_HANDLER_TIMEOUT' ? 'unavailable' : 'internal', requestId, false);
    }
  }
}

/** @param wait seconds */
function slower(refused: Reply, wait: number): Reply {
  return { ...refused, headers: { ...refused.headers, 'retry-after': String(wait) } };
}

function problem(name: ProblemName, requestId: string, close: boolean): Reply {
  const body = problemOf(name, requestId);
  return { status: body.status, headers: { 'content-type': PROBLEM_MEDIA_TYPE }, body: JSON.stringify(body), close };
}

/** Headers of one value. Node joins what came several times, which no header of ours may have. */
function singleHeaders({ headers }: IncomingMessage): Readonly<Record<string, string | undefined>> {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, Array.isArray(value) ? value.join() : value]));
}

/** Whoever was refused gets no second request on the connection, and what is left of its body is not read. */
function send(request: IncomingMessage, response: ServerResponse, requestId: string, { status, headers, body, close }: Reply): void {
  if (response.destroyed) return;
  response.writeHead(status, {
    'cache-control': 'no-store',
    ...headers,
    ...(status === 304 ? {} : { 'content-length': Buffer.byteLength(body) }),
    'strict-transport-security': 'max-age=63072000',
    'x-content-type-options': 'nosniff',
    'x-request-id': requestId,
    ...(close ? { connection: 'close' } : {}),
  });
  if (close) response.once('finish', () => request.destroy());
  response.end(body);
}
