import { createHmac } from 'node:crypto';
import type { APIGatewayProxyEvent } from 'aws-lambda';
import { API_SCHEMAS } from '../../api/schemas.ts';
import { readScope } from '../../lambdas/authorization/scope.ts';
import { readCall } from '../../lambdas/http/call.ts';
import { openCursor, sealCursor } from '../../lambdas/http/cursor.ts';
import { readTelemetryMessage } from '../../lambdas/ingest/telemetry-message.ts';
import { readKeysMessage } from '../../lambdas/keys/messages.ts';
import { ALL_DEFENCES } from '../../topology/defences.ts';
import { API_ROLES, CUSTOMER, PUBLIC } from '../../topology/route.ts';
import { type ApiRoute, ROUTES } from '../../topology/routes.ts';
import { Broken, type FuzzTarget } from '../target.ts';

const routes: readonly ApiRoute[] = ROUTES;
const ROLES = [...API_ROLES, CUSTOMER, PUBLIC, 'nobody'];
const kms = { generateMac: async (_key: string, data: Buffer) => createHmac('sha256', 'bench').update(data).digest() };

/** Route, caller and flags as a byte each; then path, query and body, a line each. A caller whom the route lets in is likelier than another. */
function requestOf(input: Buffer): APIGatewayProxyEvent {
  const route = routes[(input[0] ?? 0) % routes.length]!;
  const roles = (input[1] ?? 0) < 200 ? route.roles : ROLES;
  const flags = input[2] ?? 0;
  const [path = '', query = '', ...body] = input.subarray(3).toString('latin1').split('\n');
  const names = [...route.path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name!);
  const values = path.split('/');
  const headers = flags & 1 ? { 'Idempotency-Key': query.slice(0, 64), 'if-match': path } : {};
  return {
    ...{ httpMethod: route.method, resource: route.path, headers, isBase64Encoded: (flags & 2) !== 0 },
    pathParameters: flags & 4 ? null : Object.fromEntries(names.map((name, i) => [name, values[i] ?? ''])),
    queryStringParameters: flags & 8 ? null : Object.fromEntries(new URLSearchParams(query)),
    body: body.length === 0 ? null : body.join('\n'),
    requestContext: {
      authorizer: { person: 'anna', role: roles[(input[1] ?? 0) % roles.length], session: 's', signedInAt: 1, signInMethod: 'passkey' },
    },
  } as unknown as APIGatewayProxyEvent;
}

/** A refusal or a call, and a call holds nothing that its schemas did not let through. */
function readRequest(input: Buffer): boolean {
  const call = readCall(requestOf(input));
  if ('refused' in call) {
    if ((call.faults?.length ?? 0) > 20) throw new Broken('more faults than are told');
    return false;
  }
  const route = routes.find(({ name }) => name === call.name)!;
  for (const part of ['path', 'query', 'body'] as const)
    if (!API_SCHEMAS[route.schemas[part] as 'NoBody'].safeParse(call[part]).success) throw new Broken(`${part} is not as its schema says`);
  return true;
}

function requestSeeds(): Buffer[] {
  const rest = 'up-00001/2026-01-15/7\nfrom=2026-01-01&days=3&cursor=abc\n{"reason":"a reason"}';
  return routes.map((_, i) => Buffer.concat([Buffer.of(i, 0, 1), Buffer.from(rest)]));
}

/** Nothing opens for anybody but what was given, as it was given. */
async function readCursor(input: Buffer): Promise<boolean> {
  const text = input.toString('latin1');
  const place = await openCursor<unknown>(kms, 'anna', 'days', text);
  if ((await sealCursor(kms, 'anna', 'days', place)) !== text) throw new Broken('a cursor that nobody was given');
  return true;
}

const JSON_WORDS = ['{', '}', '[', ']', '"', ':', ',', 'null', 'true', '-1', '1e999', '"__proto__"', '"constructor"', '\\ud800', '\\u0000'];
const FIELDS = [
  '"dcId"',
  '"brokerTime"',
  '"batch"',
  '"message"',
  '"csr"',
  '"request"',
  '"epoch-request"',
  '"resend"',
  '"meterId"',
  '"epoch"',
  '"spans"',
];
const messages = { dictionary: [...JSON_WORDS, ...FIELDS, '"00124b00060d7a11"', '"dc-1"'], mostBytes: 1_024, codes: ['ERR_QUEUE_MESSAGE'] };
const messageSeeds = [
  { dcId: 'dc-1', brokerTime: 1_700_000_000_000, batch: 'SktCMQ==' },
  { dcId: 'dc-1', brokerTime: 1_700_000_000_000, message: 'SktCMQ==' },
  { dcId: 'dc-1', brokerTime: 1_700_000_000_000, csr: 'SktCMQ==' },
  { request: 'epoch-request', meterId: '00124b00060d7a11', epoch: 3 },
  { request: 'resend', meterId: '00124b00060d7a11', spans: [{ channel: 0, from: 1, to: 2 }] },
].map((message) => Buffer.from(JSON.stringify(message)));

export const REQUEST_TARGETS: readonly FuzzTarget[] = [
  {
    ...{
      name: 'request',
      what: 'path, query, headers and body of every route',
      covers: ['lambdas/http/', 'api/'],
      mostBytes: 2_048,
      share: 3,
    },
    dictionary: [
      ...JSON_WORDS,
      '\n',
      '/',
      '&',
      '=',
      'from',
      'until',
      'days',
      'limit',
      'cursor',
      '2026-01-15',
      '"reason"',
      '"at"',
      '"W/1"',
      '../',
      '%2e',
    ],
    ...{ codes: [], seeds: requestSeeds, run: readRequest },
  },
  {
    ...{
      name: 'cursor',
      what: 'places in lists',
      covers: ['lambdas/http/cursor.ts'],
      mostBytes: 256,
      share: 1,
      dictionary: ['.', '=', 'W10', '..'],
    },
    codes: ['ERR_CURSOR_REFUSED'],
    seeds: async () => [Buffer.from(await sealCursor(kms, 'anna', 'days', { after: 7 }))],
    run: readCursor,
  },
  {
    ...{ name: 'scope', what: 'scopes of third parties', covers: ['lambdas/authorization/'], mostBytes: 256, share: 10, codes: [] },
    dictionary: [
      'FB=',
      '4_5_15',
      ';',
      'IntervalDuration=',
      '3600',
      '86400',
      '900',
      'BlockDuration=',
      'monthly',
      'HistoryLength=',
      'Purpose=',
      'Months=',
      'toString',
    ],
    seeds: () => [Buffer.from('FB=4_5_15;IntervalDuration=3600;BlockDuration=monthly;HistoryLength=13;Purpose=load-shifting;Months=12')],
    run: (input) => {
      const scope = readScope(input.toString('latin1'), ALL_DEFENCES);
      if (scope !== undefined && scope.resolution === 'interval') throw new Broken('as fine as it was measured');
      return scope !== undefined;
    },
  },
  {
    ...{
      ...messages,
      name: 'telemetry-message',
      what: 'messages of the telemetry queue',
      covers: ['lambdas/ingest/telemetry-message.ts'],
      share: 6,
    },
    seeds: () => messageSeeds,
    run: (input) => readTelemetryMessage(input.toString()) !== undefined,
  },
  {
    ...{ ...messages, name: 'keys-message', what: 'messages of the handshake queues', covers: ['lambdas/keys/messages.ts'], share: 3 },
    seeds: () => messageSeeds,
    run: (input) => readKeysMessage(input.toString()) !== undefined,
  },
];
