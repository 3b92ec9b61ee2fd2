import { randomUUID } from 'node:crypto';
import type { ALBEvent, APIGatewayProxyEvent, APIGatewayProxyResult, Context } from 'aws-lambda';
import { PROBLEM_MEDIA_TYPE, type ProblemName, problemOf } from '../../../api/problems.ts';
import { codeOf } from '../../../events/errors.ts';
import type { Defences } from '../../../topology/defences.ts';
import { API_LIMITS } from '../../../topology/limits.ts';
import type { Principal as KeyPrincipal } from '../../../topology/principals.ts';
import { type DoorName, PUBLIC, type Route, takesSessions } from '../../../topology/route.ts';
import { matchRoute, ROUTES, type RouteMatch } from '../../../topology/routes.ts';
import { Admission, type Knock, type Refused } from '../../doors/admission.ts';
import { apiEvent } from '../../doors/api-event.ts';
import { SessionCheck } from '../../doors/session-check.ts';
import type { Authorization, Authorizer, Identity } from '../../ports/authorizer.ts';
import type { Platform } from '../../ports/platform.ts';
import { Sessions } from '../../ports/sessions.ts';
import { awsEnvironment } from '../environment.ts';
import { albRequest } from './alb-request.ts';
import { bodyOf } from './body.ts';
import { CallerAuthorizer } from './callers.ts';
import type { DoorRequest } from './door-request.ts';
import { edgeRequest } from './edge-request.ts';

/** From a load balancer of a private door, or from a REST API of the edge. */
export type DoorEvent = ALBEvent | APIGatewayProxyEvent;
/** All values of each header, which both take. */
export type DoorResult = Pick<APIGatewayProxyResult, 'statusCode' | 'body'> & {
  readonly multiValueHeaders: NonNullable<APIGatewayProxyResult['multiValueHeaders']>;
  readonly isBase64Encoded: boolean;
};
export type ApiHandler = (event: APIGatewayProxyEvent, context: Context) => Promise<APIGatewayProxyResult>;
type ServingPlatform = Pick<Platform, 'directory' | 'clock' | 'log'> & Partial<Pick<Platform, 'keys'>>;

export interface DoorParts<Served extends ServingPlatform> {
  /** Function of topology/functions.ts: routes that name it are served, and no others. */
  readonly name: string;
  readonly stage: string;
  readonly platform: Served;
  readonly defences: Defences;
  readonly make: (platform: Served, defences: Defences) => ApiHandler;
  /** Milliseconds, for rates; default the process's monotonic clock. */
  readonly monotonic?: () => number;
  /** Where people come with a session: who judges it, and by which address the door is known to browsers. */
  readonly signedIn?: { readonly sessions: SessionCheck; readonly addressOf: (door: DoorName) => string | undefined };
}

/**
 * A function behind doors: makes of what a load balancer or an API hands over the request that handlers take, once route, caller, rate, query and body
 * are what they may be, in the order and with the answers of the gateway of the embedded platform. Why not goes to the log alone.
 * @source X.1332 9.2 to 9.4, 10.2 to 10.4
 */
export class DoorHandler<Served extends ServingPlatform> {
  readonly #parts: DoorParts<Served>;
  readonly #handler: ApiHandler;
  /** Of this environment of the function: with n of them a caller may do n times as much. */
  readonly #admission: Admission;
  readonly #authorizers = new Map<DoorName, Authorizer>();

  constructor(parts: DoorParts<Served>) {
    this.#parts = parts;
    const { defences, monotonic } = parts;
    this.#admission = new Admission({ rateLimits: defences.rateLimits, bodyBytes: API_LIMITS.bodyBytes, monotonic });
    this.#handler = parts.make(parts.platform, parts.defences);
  }

  readonly handle = async (event: DoorEvent, context: Context): Promise<DoorResult> => {
    const requestId = randomUUID();
    const { log } = this.#parts.platform;
    try {
      const ready = await this.#readied(event, requestId);
      if ('refused' in ready) {
        log.warn('request refused', { reason: ready.reason, requestId });
        return answer(problem(ready.refused, requestId), requestId, ready.wait === undefined ? {} : { 'retry-after': String(ready.wait) });
      }
      return answer(await this.#handler(ready.event, context), requestId);
    } catch (error) {
      log.error('handler failed', { code: codeOf(error), requestId });
      return answer(problem('internal', requestId), requestId);
    }
  };

  async #readied(event: DoorEvent, requestId: string): Promise<{ readonly event: APIGatewayProxyEvent } | Refused> {
    const request = requestOf(event, this.#parts.stage);
    const match = this.#match(request);
    if (match === undefined || request.door === undefined) return { refused: 'not-found', reason: 'route-unknown' };
    const knock = this.#knock(request, match.route);
    const knocked = this.#admission.knocked(knock);
    if ('refused' in knocked) return knocked;
    const { door } = request;
    const principal = await this.#admission.admit(knock, () => this.#authorize(door, request, match.route));
    if ('refused' in principal) return principal;
    const body = bodyOf(event, API_LIMITS.bodyBytes);
    if ('fault' in body) return { refused: body.fault, reason: 'body' };
    if (match.route.method === 'GET' && body.text !== '') return { refused: 'request-invalid', reason: 'body' };
    const at = this.#parts.platform.clock.now();
    const { headers, sourceIp, certificate } = request;
    const { path, query = {} } = request.target;
    const shown = 'der' in certificate ? { certificate: certificate.der } : {};
    return { event: apiEvent({ requestId, match, principal, path, query, headers, body: body.text, ...shown, sourceIp, at }) };
  }

  /** Routes of this door that this function answers. */
  #match({ door, method, target }: DoorRequest): RouteMatch | undefined {
    const match = door && matchRoute(door, method, target.path);
    return match?.route.function === this.#parts.name ? match : undefined;
  }

  #knock({ method, headers, repeated, sourceIp, target }: DoorRequest, route: Route): Knock {
    const areHeadersClear = repeated.length === 0 && !isLarge(headers);
    return { route, method, headers, areHeadersClear, address: sourceIp, authorization: headers.authorization, query: target.query };
  }

  async #authorize(door: DoorName, request: DoorRequest, route: Route): Promise<Authorization> {
    const { certificate } = request;
    const identity = this.#identity(door, request);
    const isEnough = route.roles.includes(PUBLIC) || this.#parts.signedIn?.sessions.applies(identity, route) === true;
    if ('fault' in certificate && !isEnough) return { allowed: false, because: 'unauthenticated', reason: certificate.fault };
    return await this.#authorizer(door).authorize(identity, route);
  }

  /** What a proof has to be for is the door by its own name, whatever the caller calls it. */
  #identity(door: DoorName, { certificate, headers, repeated, method, target }: DoorRequest): Identity {
    const address = this.#parts.signedIn?.addressOf(door);
    const { authorization, dpop } = headers;
    const isOnce = !repeated.includes('dpop') && !repeated.includes('authorization');
    return {
      certificate: 'der' in certificate ? certificate.der : undefined,
      method,
      ...(address !== undefined && { url: `${address}${target.path}` }),
      ...(authorization !== undefined && isOnce && { authorization }),
      ...(dpop !== undefined && isOnce && { proof: dpop }),
    };
  }

  #authorizer(door: DoorName): Authorizer {
    const { platform, defences, signedIn } = this.#parts;
    const sessions = signedIn?.sessions;
    const known = this.#authorizers.get(door) ?? new CallerAuthorizer(door, { ...platform, defences, sessions });
    this.#authorizers.set(door, known);
    return known;
  }
}

/** Entry of a function of routes, by the environment it runs in. @param name of topology/functions.ts @throws ERR_ENVIRONMENT */
export function makeDoorHandler<Served extends ServingPlatform & Pick<Platform, 'principal'>>(
  name: string,
  platform: Served,
  defences: Defences,
  make: DoorParts<Served>['make'],
): DoorHandler<Served>['handle'] {
  const { stage } = awsEnvironment(platform.principal as KeyPrincipal);
  const signedIn = signedInAt(name, platform, defences);
  return new DoorHandler({ name, stage, platform, defences, make, ...(signedIn && { signedIn }) }).handle;
}

/** Addresses that browsers know doors by, as the function is told them. */
const ADDRESS_OF: Readonly<Partial<Record<DoorName, string>>> = { customer: 'JOULEKEEP_CUSTOMER_DOOR', console: 'JOULEKEEP_CONSOLE_DOOR' };

/** What judges sessions; undefined for a function that nobody with a session comes to. */
function signedInAt(name: string, { keys, directory, clock }: ServingPlatform, defences: Defences): DoorParts<ServingPlatform>['signedIn'] {
  if (keys === undefined || !ROUTES.some((route) => route.function === name && takesSessions(route))) return undefined;
  const sessions = new SessionCheck({ sessions: new Sessions({ keys, directory, clock, wall: clock }), wall: clock, defences });
  return { sessions, addressOf: (door) => process.env[ADDRESS_OF[door] ?? ''] };
}

/** Who handed it over says the shape of its context, which no client writes. */
function requestOf(event: DoorEvent, stage: string): DoorRequest {
  return isBalanced(event) ? albRequest(event, stage, API_LIMITS.queryBytes) : edgeRequest(event, API_LIMITS.queryBytes);
}

function isBalanced(event: DoorEvent): event is ALBEvent {
  return 'elb' in event.requestContext;
}

function isLarge(headers: Readonly<Record<string, string>>): boolean {
  const all = Object.entries(headers);
  const bytes = all.reduce((sum, [name, value]) => sum + (/^x-amzn?-/.test(name) ? 0 : name.length + value.length), 0);
  return bytes > API_LIMITS.headerBytes || all.length > API_LIMITS.headers;
}

function problem(name: ProblemName, requestId: string): APIGatewayProxyResult {
  const body = problemOf(name, requestId);
  return { statusCode: body.status, headers: { 'content-type': PROBLEM_MEDIA_TYPE }, body: JSON.stringify(body) };
}

/** In the form that a target group with several values of one header wants, and an API takes. */
function answer(result: APIGatewayProxyResult, requestId: string, more: Readonly<Record<string, string>> = {}): DoorResult {
  const { statusCode, headers = {}, multiValueHeaders = {}, body, isBase64Encoded = false } = result;
  const own = { 'strict-transport-security': 'max-age=63072000', 'x-content-type-options': 'nosniff', 'x-request-id': requestId };
  const single = Object.entries({ 'cache-control': 'no-store', ...headers, ...own, ...more }).map(
    ([name, value]) => [name, [String(value)]] as const,
  );
  const many = Object.entries(multiValueHeaders).map(([name, values]) => [name, (values ?? []).map(String)] as const);
  return { statusCode, multiValueHeaders: Object.fromEntries([...single, ...many]), body, isBase64Encoded };
}
