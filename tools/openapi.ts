import * as z from 'zod';
import { EntityTag, IdempotencyKey } from '../api/common.ts';
import { PROBLEM_MEDIA_TYPE, PROBLEMS, type ProblemName } from '../api/problems.ts';
import { API_SCHEMAS, type SchemaName } from '../api/schemas.ts';
import { CUSTOMER, CUSTOMER_RATE, DOORS, PERSON_ROLES, PUBLIC } from '../topology/route.ts';
import { type ApiRoute, ROUTES } from '../topology/routes.ts';
import { problemsOf } from './openapi-problems.ts';
import { yamlOf } from './yaml.ts';

export interface Parameter {
  readonly name: string;
  readonly in: 'path' | 'query' | 'header';
  readonly required: boolean;
  readonly schema: object;
}

export interface Operation {
  readonly operationId: string;
  readonly summary: string;
  readonly tags: readonly string[];
  readonly security: readonly Readonly<Record<string, readonly never[]>>[];
  readonly 'x-roles': readonly string[];
  readonly 'x-rate': ApiRoute['rate'];
  readonly 'x-recent-sign-in-minutes'?: number;
  readonly parameters: readonly Parameter[];
  readonly requestBody?: { readonly required: true; readonly content: Readonly<Record<string, { readonly schema: object }>> };
  readonly responses: Readonly<Record<string, object>>;
}

export interface OpenApiDocument {
  readonly openapi: '3.1.0';
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  readonly components: Readonly<Record<'schemas' | 'responses' | 'securitySchemes', Readonly<Record<string, object>>>>;
}

/** The HTTP routes of the service, from topology/routes.ts and api/schemas.ts. @source OpenAPI 3.1.0 */
export function openApiDocument(routes: readonly ApiRoute[] = ROUTES): OpenApiDocument {
  const paths = Map.groupBy(routes, ({ path }) => path);
  return {
    openapi: '3.1.0',
    ...{
      info: {
        title: 'Joulekeep',
        version: '1',
        description:
          'Made from topology/routes.ts and api/ by `npm run openapi`. Each tag is a door with an address of its own; a route that is not here does not exist.',
      },
      servers: [{ url: 'https://{door}.example', variables: { door: { default: 'customer', enum: [...DOORS] } } }],
      tags: DOORS.filter((door) => routes.some((route) => route.door === door)).map((name) => ({ name, description: DOOR_TEXT[name] })),
    },
    paths: Object.fromEntries([...paths].map(([path, of]) => [path, Object.fromEntries(of.map(operationOf))])),
    components: { schemas: schemasOf(routes), responses: refusalsOf(routes), securitySchemes: SECURITY_SCHEMES },
  };
}

/** The whole of docs/openapi.yaml. */
export function openApiPage(): string {
  return yamlOf(openApiDocument()).join('\n').trimStart().concat('\n');
}

const DOOR_TEXT: Readonly<Record<(typeof DOORS)[number], string>> = {
  console: 'The utility’s own network: people who look after the service.',
  operator: 'The grid operator, over the private link.',
  billing: 'The utility’s billing system, over the private link.',
  'third-party': 'Third parties, over the private link.',
  customer: `Customers, from the internet. Over all routes together one customer has ${CUSTOMER_RATE.burst} calls at once, then ${CUSTOMER_RATE.perMinute} a minute, within the \`x-rate\` of each.`,
};

const SECURITY_SCHEMES = {
  certificate: {
    type: 'mutualTLS',
    description: 'A client certificate of the role’s own authority, on record as speaking for the caller.',
  },
  session: {
    type: 'http',
    scheme: 'DPoP',
    description:
      'The token of a session, `Authorization: DPoP <token>`, with a proof by the key that began it in the header `DPoP` of every request. RFC 9449.',
  },
  accessToken: {
    type: 'http',
    scheme: 'bearer',
    description: 'An opaque token that a customer’s consent stands behind, bound to the certificate it was issued to. RFC 8705.',
  },
};

function operationOf(route: ApiRoute): readonly [method: string, Operation] {
  const { name, door, method, roles, rate, recentSignInMinutes } = route;
  const body = route.schemas.body === 'NoBody' ? undefined : route.schemas.body;
  const mediaType = route.takes === 'form' ? 'application/x-www-form-urlencoded' : 'application/json';
  return [
    method.toLowerCase(),
    {
      operationId: name,
      summary: sentenceOf(name),
      tags: [door],
      security: securityOf(route),
      'x-roles': roles,
      'x-rate': rate,
      ...(recentSignInMinutes !== undefined && { 'x-recent-sign-in-minutes': recentSignInMinutes }),
      parameters: parametersOf(route),
      ...(body !== undefined && { requestBody: { required: true as const, content: { [mediaType]: { schema: referenceTo(body) } } } }),
      responses: { ...succeeded(route), ...refusals(route) },
    },
  ];
}

/** Routes that send a browser on. */
const LEADS_ON: ReadonlySet<string> = new Set(['authorize', 'resumeAuthorization', 'askForConsent']);
/** Of answers that are not JSON alone. */
const MEDIA_TYPES: Readonly<Record<string, readonly string[]>> = {
  EspiFeed: ['application/atom+xml', 'application/json'],
  UsageFile: ['text/csv', 'application/atom+xml', 'application/json'],
};

/** Each entry is one way in; none where everybody may. */
function securityOf({ roles, path, function: served }: ApiRoute): Operation['security'] {
  if (roles.includes(PUBLIC)) return [];
  if (roles.includes(CUSTOMER)) return [{ session: [] }];
  if (roles.some((role) => (PERSON_ROLES as readonly string[]).includes(role))) return [{ certificate: [] }, { session: [] }];
  return served === 'third-party-api' && path.includes('{subscription}') ? [{ certificate: [], accessToken: [] }] : [{ certificate: [] }];
}

function parametersOf({ schemas, changes }: ApiRoute): Parameter[] {
  const versioned: Parameter[] =
    changes === 'versioned'
      ? [
          { name: 'Idempotency-Key', in: 'header', required: true, schema: plain(IdempotencyKey, 'input') },
          { name: 'If-Match', in: 'header', required: true, schema: plain(EntityTag, 'input') },
        ]
      : [];
  return [...membersOf(schemas.path, 'path'), ...membersOf(schemas.query, 'query'), ...versioned];
}

function membersOf(schema: string, place: 'path' | 'query'): Parameter[] {
  const { properties = {}, required = [] } = plain(API_SCHEMAS[schema as SchemaName], 'input') as {
    readonly properties?: Readonly<Record<string, object>>;
    readonly required?: readonly string[];
  };
  return Object.entries(properties).map(([name, of]) => ({
    name,
    in: place,
    required: place === 'path' || required.includes(name),
    schema: of,
  }));
}

function succeeded({ schemas, changes, name }: ApiRoute): Readonly<Record<string, object>> {
  if (LEADS_ON.has(name)) return { 303: { description: 'The browser goes on to the address in `location`.' } };
  const headers = changes === 'versioned' ? { headers: { ETag: { schema: { type: 'string' } } } } : {};
  return { 200: { description: 'Done.', ...headers, content: contentOf(schemas.response) } };
}

function contentOf(response: string): Readonly<Record<string, object>> {
  const types = MEDIA_TYPES[response] ?? ['application/json'];
  return Object.fromEntries(types.map((type) => [type, { schema: referenceTo(response) }]));
}

/** By status; causes that share one share a description. */
function refusals(route: ApiRoute): Readonly<Record<string, object>> {
  return Object.fromEntries(grouped(route).map(([status, names]) => [status, { $ref: `#/components/responses/${nameOf(status, names)}` }]));
}

/** Every refusal there is, once. */
function refusalsOf(routes: readonly ApiRoute[]): Readonly<Record<string, object>> {
  const all = new Map(routes.flatMap(grouped).map((one) => [nameOf(...one), one[1]] as const));
  const content = { [PROBLEM_MEDIA_TYPE]: { schema: referenceTo('Problem') } };
  const told = [...all].map(([key, names]) => {
    const description = names.map((name) => `\`${name}\`: ${PROBLEMS[name][1]}`).join('; ');
    return [key, { description, content }] as const;
  });
  return Object.fromEntries(told.sort(([a], [b]) => (a < b ? -1 : 1)));
}

function grouped(route: ApiRoute): (readonly [status: number, names: readonly ProblemName[]])[] {
  return [...Map.groupBy(problemsOf(route), (name) => PROBLEMS[name][0])];
}

function nameOf(status: number, names: readonly ProblemName[]): string {
  return [status, ...names].join('.');
}

function schemasOf(routes: readonly ApiRoute[]): Readonly<Record<string, object>> {
  const sent = new Set(routes.map(({ schemas }) => schemas.body));
  const told = new Set([...routes.map(({ schemas }) => schemas.response), 'Problem']);
  const names = [...new Set([...sent, ...told])].filter((name) => name !== 'NoBody').sort();
  return Object.fromEntries(names.map((name) => [name, plain(API_SCHEMAS[name as SchemaName], told.has(name) ? 'output' : 'input')]));
}

function plain(schema: z.ZodType, io: 'input' | 'output'): object {
  const { $schema: _, ...rest } = z.toJSONSchema(schema, { io, unrepresentable: 'any' });
  return rest;
}

function referenceTo(schema: string): object {
  return { $ref: `#/components/schemas/${schema}` };
}

/** `showBillEstimate` is `Show bill estimate`. */
function sentenceOf(name: string): string {
  const words = name.replace(/([a-z])([A-Z])/g, (_, end: string, begin: string) => `${end} ${begin.toLowerCase()}`);
  return words.charAt(0).toUpperCase() + words.slice(1);
}
