import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer, type Server } from 'node:https';
import type { TLSSocket } from 'node:tls';
import type { APIGatewayProxyEvent, APIGatewayProxyResult, Context } from 'aws-lambda';
import { codeOf, JoulekeepError } from '../../../events/errors.ts';
import type { Defences } from '../../../topology/defences.ts';
import { API_LIMITS } from '../../../topology/limits.ts';
import { type DoorName, PUBLIC, type Route } from '../../../topology/route.ts';
import { matchRoute, ROUTES, type RouteMatch } from '../../../topology/routes.ts';
import { Admission, type Knock, type Refused } from '../../doors/admission.ts';
import { apiEvent } from '../../doors/api-event.ts';
import { bodyFault, type Target, targetOf } from '../../doors/request-rules.ts';
import { siteReply } from '../../doors/site-file.ts';
import type { Authorizer, Identity, Principal } from '../../ports/authorizer.ts';
import type { Clock, Log } from '../../ports/platform.ts';
import type { CertificateAuthority } from '../gateway/ca.ts';
import { Refusals } from '../gateway/refusals.ts';
import { lambdaContext } from '../host/lambda-context.ts';
import { within } from '../host/queue-worker.ts';
import { shareConnections } from './connection-share.ts';
import { FairTurns } from './fair-turns.ts';
import { HeldRefusals } from './held-refusals.ts';
import { readBody } from './read-request.ts';
import { isBare, problem, type Reply, send, tooMany } from './reply.ts';
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

/** A request at its route. */
interface Asked {
  readonly request: IncomingMessage;
  readonly requestId: string;
  readonly knock: Knock;
  readonly match: RouteMatch;
  readonly path: Target['path'];
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
  readonly #admission: Admission;
  readonly #refusals: Refusals;
  /** Where the internet comes in. */
  readonly #turns: FairTurns | undefined;
  readonly #held: HeldRefusals;

  private constructor(options: HttpsGatewayOptions) {
    this.#options = options;
    this.#limits = { ...API_LIMITS, ...options.limits };
    const { defences, monotonic } = options;
    this.#admission = new Admission({ rateLimits: defences.rateLimits, bodyBytes: this.#limits.bodyBytes, monotonic });
    this.#refusals = new Refusals(options.log);
    const isFair = options.door === 'customer' && options.defences.rateLimits;
    this.#turns = isFair ? new FairTurns(this.#limits) : undefined;
    this.#held = new HeldRefusals(this.#limits.refusalHeldMs, isFair ? this.#limits.connections : 0);
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
    send(request, response, requestId, reply.tooMany === true ? await this.#held.hold(reply, isBare(request)) : reply);
  }

  async #answer(request: IncomingMessage, requestId: string): Promise<Reply> {
    const address = request.socket.remoteAddress ?? '';
    const { path, query } = targetOf(request.url ?? '', this.#limits.queryBytes);
    const file = fileOf(this.#options.site, request.method, path);
    if (file !== undefined) {
      const early = this.#admission.knockedPublic(address, { ...SITE, door: this.#options.door });
      if (early !== undefined) return this.#refused(requestId, early);
      const fault = query === undefined ? 'request-invalid' : bodyFault({ method: 'GET', headers: request.headers }, 0);
      return fault === undefined
        ? { ...siteReply(file, request.headers), close: false }
        : this.#refused(requestId, { refused: fault, reason: 'body' });
    }
    const match = matchRoute(this.#options.door, request.method ?? '', path);
    if (match === undefined) return this.#refused(requestId, { refused: 'not-found', reason: 'route-unknown' });
    const { method, headers } = request;
    // Node's server refuses headers that are too large, and joins what came twice.
    const areHeadersClear = true;
    const knock = { route: match.route, method, headers, areHeadersClear, address, authorization: headers.authorization, query };
    const knocked = this.#admission.knocked(knock);
    if ('refused' in knocked) return this.#refused(requestId, knocked);
    return await this.#inTurns({ request, requestId, knock, match, path }, knocked.known ?? `from ${address}`);
  }

  /** A request without a body is judged and answered in one turn; one with a body is read in between, at the pace of whoever sends it. */
  async #inTurns(asked: Asked, caller: string): Promise<Reply> {
    const { request, requestId, match } = asked;
    const judged = await this.#inTurn(asked, caller, async () => {
      const admitted = await this.#admit(asked);
      if ('status' in admitted || request.method !== 'GET') return admitted;
      return await this.#invoke(match.route.function, this.#eventOf(asked, admitted, ''));
    });
    if ('status' in judged) return judged;
    const body = await readBody(request, this.#limits.bodyBytes);
    if (typeof body !== 'string') return this.#refused(requestId, { refused: body.fault, reason: 'body' });
    return await this.#inTurn(asked, caller, () => this.#invoke(match.route.function, this.#eventOf(asked, judged, body)));
  }

  /** Does a piece of work when the caller's turn has come, where callers take turns. */
  async #inTurn<Done>(asked: Pick<Asked, 'request' | 'requestId'>, caller: string, work: () => Promise<Done>): Promise<Done | Reply> {
    if (this.#turns === undefined) return await work();
    const turn = await this.#turns.take(caller);
    if (turn === undefined) return this.#refused(asked.requestId, { refused: 'too-many-requests', reason: 'turns', wait: 1 });
    try {
      // Whoever went meanwhile wants nothing any more.
      return asked.request.socket.destroyed ? problem('unavailable', asked.requestId, true) : await work();
    } finally {
      turn.end();
    }
  }

  async #admit({ request, requestId, knock, path }: Asked): Promise<Principal | Reply> {
    const identity = this.#identity(request, certificateOf(request), path);
    const admitted = await this.#admission.admit(knock, () => this.#options.authorizer.authorize(identity, knock.route));
    return 'refused' in admitted ? this.#refused(requestId, admitted) : admitted;
  }

  #eventOf({ request, requestId, knock, match, path }: Asked, principal: Principal, body: string): APIGatewayProxyEvent {
    const certificate = certificateOf(request);
    const { address, query = {} } = knock;
    return apiEvent({
      ...{ requestId, match, principal, path, query, body },
      headers: singleHeaders(request),
      ...(certificate === undefined ? {} : { certificate }),
      sourceIp: address,
      at: this.#options.clock.now(),
    });
  }

  /** Who asks too often is counted, and gets no line each: a flood fills no disk. */
  #refused(requestId: string, { refused, reason, wait }: Refused): Reply {
    this.#refusals.count(reason);
    if (wait !== undefined) return tooMany(requestId, wait);
    this.#options.log.warn('request refused', { reason, requestId });
    return problem(refused, requestId, true);
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

function certificateOf({ socket }: IncomingMessage): Buffer | undefined {
  return (socket as TLSSocket).getPeerX509Certificate()?.raw;
}

/** Headers of one value. Node joins what came several times, which no header of ours may have. */
function singleHeaders({ headers }: IncomingMessage): Readonly<Record<string, string | undefined>> {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, Array.isArray(value) ? value.join() : value]));
}
