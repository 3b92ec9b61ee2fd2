import { createHash } from 'node:crypto';
import type { APIGatewayProxyEvent } from 'aws-lambda';
import type * as z from 'zod';
import { EntityTag, IdempotencyKey } from '../../api/common.ts';
import type { ProblemFault, ProblemName } from '../../api/problems.ts';
import { API_SCHEMAS, type SchemaName } from '../../api/schemas.ts';
import type { Principal, SignIn } from '../../platform/ports/authorizer.ts';
import { API_ROLES, type CallerRole, CUSTOMER, PUBLIC } from '../../topology/route.ts';
import { type ApiRoute, ROUTES, type RouteName } from '../../topology/routes.ts';

type RouteOf<N extends RouteName> = Extract<(typeof ROUTES)[number], { readonly name: N }>;
type Parsed<S extends string> = S extends SchemaName ? z.infer<(typeof API_SCHEMAS)[S]> : never;

/** A request that its route's schemas let through. */
export interface Call<N extends RouteName> {
  readonly name: N;
  readonly caller: Principal;
  readonly path: Parsed<RouteOf<N>['schemas']['path']>;
  readonly query: Parsed<RouteOf<N>['schemas']['query']>;
  readonly body: Parsed<RouteOf<N>['schemas']['body']>;
  readonly change: VersionedChange;
}

/** What makes a change happen once, and only to what its author saw. Empty for routes that are not versioned. */
export interface VersionedChange {
  readonly key: string;
  readonly ifMatch: string;
  /** SHA-256 over route, path and body: what the key stands for. */
  readonly fingerprint: Buffer;
}

export interface RefusedCall {
  readonly refused: ProblemName;
  readonly faults?: readonly ProblemFault[];
}

/** Reads a request against its route. The gateway has asked the authorizer; what it says is asked for again here. */
export function readCall(event: APIGatewayProxyEvent): Call<RouteName> | RefusedCall {
  const route = ROUTES.find(({ method, path }) => method === event.httpMethod && path === event.resource);
  if (route === undefined) return { refused: 'not-found' };
  const caller = callerOf(event);
  if (caller === undefined) return { refused: 'unauthenticated' };
  if (!(route as ApiRoute).roles.includes(caller.role)) return { refused: 'forbidden' };
  const body = bodyOf(event);
  if (body === UNREADABLE) return { refused: 'request-invalid', faults: [{ field: 'body', message: 'JSON is expected' }] };
  const change = changeOf(route, event);
  if ('refused' in change) return change;
  const given = { path: event.pathParameters ?? {}, query: event.queryStringParameters ?? {}, body };
  return parsed(route, given, caller, change);
}

function parsed(
  { name, schemas }: ApiRoute,
  given: { readonly path: unknown; readonly query: unknown; readonly body: unknown },
  caller: Principal,
  change: VersionedChange,
): Call<RouteName> | RefusedCall {
  const faults: ProblemFault[] = [];
  const read = (part: 'path' | 'query' | 'body') => {
    const result = API_SCHEMAS[schemas[part] as SchemaName].safeParse(given[part]);
    if (!result.success) faults.push(...result.error.issues.map((issue) => faultOf(part, issue)));
    return result.data;
  };
  const values = { path: read('path'), query: read('query'), body: read('body') };
  // A path that names nothing that can exist is as unknown as one that names nothing that does.
  if (faults.some(({ field }) => field.startsWith('path'))) return { refused: 'not-found' };
  if (faults.length > 0) return { refused: 'request-invalid', faults: faults.slice(0, 20) };
  return { name, caller, change, ...values } as unknown as Call<RouteName>;
}

/** Names of fields that somebody made up are not repeated to anybody. */
function faultOf(part: string, issue: z.core.$ZodIssue): ProblemFault {
  const field = [part, ...issue.path.map(String)].join('.');
  return { field, message: issue.code === 'unrecognized_keys' ? 'a field that is not expected' : issue.message };
}

function callerOf({ requestContext }: APIGatewayProxyEvent): Principal | undefined {
  const context = (requestContext.authorizer ?? {}) as Record<string, unknown>;
  const { person, role, proofKey } = context;
  const known = [...API_ROLES, CUSTOMER, PUBLIC].find((candidate): candidate is CallerRole => candidate === role);
  if (typeof person !== 'string' || person === '' || known === undefined) return undefined;
  const signIn = signInOf(context);
  // Nobody is a customer who did not sign in: no certificate says so.
  if (known === CUSTOMER && signIn === undefined) return undefined;
  return { person, role: known, ...(signIn && { signIn }), ...(typeof proofKey === 'string' && { proofKey }) };
}

function signInOf({ session, signedInAt, signInMethod: method }: Record<string, unknown>): SignIn | undefined {
  const known = typeof session === 'string' && typeof signedInAt === 'number' && typeof method === 'string';
  return known ? { session, at: signedInAt, method } : undefined;
}

const UNREADABLE = Symbol('unreadable');

function bodyOf({ body, isBase64Encoded }: APIGatewayProxyEvent): unknown {
  if (body === null || body === '') return undefined;
  try {
    return JSON.parse(isBase64Encoded ? Buffer.from(body, 'base64').toString() : body);
  } catch {
    return UNREADABLE;
  }
}

function changeOf({ changes, name }: ApiRoute, event: APIGatewayProxyEvent): VersionedChange | RefusedCall {
  const fingerprint = createHash('sha256')
    .update(JSON.stringify([name, event.pathParameters, event.body]))
    .digest();
  if (changes !== 'versioned') return { key: '', ifMatch: '', fingerprint };
  const key = IdempotencyKey.safeParse(headerOf(event, 'idempotency-key'));
  if (!key.success)
    return { refused: 'request-invalid', faults: [{ field: 'Idempotency-Key', message: '16 to 64 of A-Z, a-z, 0-9, _ and -' }] };
  const seen = headerOf(event, 'if-match');
  if (seen === undefined) return { refused: 'precondition-required' };
  const ifMatch = EntityTag.safeParse(seen);
  if (!ifMatch.success) return { refused: 'request-invalid', faults: [{ field: 'If-Match', message: 'the ETag of the day is expected' }] };
  return { key: key.data, ifMatch: ifMatch.data, fingerprint };
}

function headerOf({ headers }: APIGatewayProxyEvent, name: string): string | undefined {
  return Object.entries(headers).find(([key]) => key.toLowerCase() === name)?.[1];
}
