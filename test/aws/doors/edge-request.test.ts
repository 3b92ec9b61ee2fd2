import type { APIGatewayProxyEvent } from 'aws-lambda';
import { beforeEach, describe, expect, it } from 'vitest';
import { DoorHandler, type DoorResult } from '../../../platform/aws/doors/door-handler.ts';
import { SessionCheck } from '../../../platform/doors/session-check.ts';
import { Sessions } from '../../../platform/ports/sessions.ts';
import { type CallerRole, CUSTOMER_RATE } from '../../../topology/route.ts';
import { newKey, proofOf } from '../../session/proofs.ts';
import { defencesUnderTest } from '../../support/defences.ts';
import { MemoryWorld } from '../../support/memory-platform.ts';
import { lambdaContext } from '../../support/sqs.ts';

const ADDRESS = 'https://my.example.org';
const PATH = '/v1/me/points';
const key = newKey();
let world: MemoryWorld;
let handled: APIGatewayProxyEvent[];

beforeEach(() => {
  world = new MemoryWorld({ now: Date.now() });
  handled = [];
});

interface Asked {
  readonly path?: string;
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string[]>>;
  readonly query?: Readonly<Record<string, string[]>>;
  readonly body?: string;
  readonly front?: string | undefined;
  readonly pem?: string;
}

/** As a REST API of the edge hands it over. */
function event({ path = PATH, method = 'GET', headers = {}, query, body, front = 'distribution', pem }: Asked): APIGatewayProxyEvent {
  return {
    path,
    httpMethod: method,
    headers: {},
    multiValueHeaders: { Host: ['evil.example'], 'x-joulekeep-viewer': ['203.0.113.7'], ...headers },
    queryStringParameters: null,
    multiValueQueryStringParameters: query ?? null,
    pathParameters: null,
    stageVariables: { front },
    requestContext: { identity: { sourceIp: '198.51.100.1', clientCert: pem === undefined ? null : { clientCertPem: pem } } },
    resource: path,
    body: body ?? null,
    isBase64Encoded: false,
  } as unknown as APIGatewayProxyEvent;
}

function served(name: 'usage-api' | 'price-api' | 'session') {
  const platform = world.as(name);
  const { clock } = world;
  const make = () => async (event: APIGatewayProxyEvent) => {
    handled.push(event);
    return { statusCode: 200, headers: { etag: '"1"' }, body: '{}' };
  };
  const sessions = () =>
    new SessionCheck({ sessions: new Sessions({ ...platform, wall: clock }), wall: clock, defences: defencesUnderTest() });
  const signedIn = name === 'price-api' ? {} : { signedIn: { sessions: sessions(), addressOf: () => ADDRESS } };
  const handler = new DoorHandler({ name, stage: 'dev', platform, defences: defencesUnderTest(), make, monotonic: () => 0, ...signedIn });
  return (asked: Asked): Promise<DoorResult> => handler.handle(event(asked), lambdaContext(name));
}

async function tokenOf(role: CallerRole, person = 'demo-customer'): Promise<string> {
  const own = new Sessions({ ...world.as('session'), wall: world.clock });
  const at = world.clock.now();
  const begun = { person, role, keyThumbprint: key.thumbprint, signedInAt: at, method: 'passkey', device: 'Firefox' };
  return (await own.begin(begun)).token;
}

async function signed(token: string, url = `${ADDRESS}${PATH}`): Promise<Readonly<Record<string, string[]>>> {
  const proof = await proofOf(key, { htm: 'GET', htu: url, token, at: world.clock.now() });
  return { Authorization: [`DPoP ${token}`], DPoP: [proof] };
}

describe('a request at the customers’ door on AWS', () => {
  it('C10.2-1, R9.2-3: of a customer with a session reaches the handler, by the door’s own name, once', async () => {
    const ask = served('usage-api');
    const headers = await signed(await tokenOf('customer'));
    const answered = await ask({ headers, query: { after: ['a b+c'] } });
    expect([answered.statusCode, answered.multiValueHeaders['etag'], answered.isBase64Encoded]).toEqual([200, ['"1"'], false]);
    expect(handled[0]).toMatchObject({
      resource: PATH,
      queryStringParameters: { after: 'a b+c' },
      requestContext: {
        authorizer: { person: 'demo-customer', role: 'customer' },
        identity: { sourceIp: '203.0.113.7', clientCert: null },
      },
    });
    expect(Object.keys(handled[0]!.headers)).toEqual(['authorization']);
    expect((await ask({ headers })).statusCode).toBe(401);
    expect(handled).toHaveLength(1);
  });

  it('C10.2-1: without a session, with a proof for another door, or as somebody of the utility, is refused', async () => {
    const ask = served('usage-api');
    const token = await tokenOf('customer');
    expect((await ask({})).statusCode).toBe(401);
    expect((await ask({ headers: await signed(token, `https://devices.example.org${PATH}`) })).statusCode).toBe(401);
    expect((await ask({ headers: await signed(await tokenOf('operator')) })).statusCode).toBe(401);
    const twice = await signed(token);
    expect((await ask({ headers: { ...twice, dpop: ['x'] } })).statusCode).toBe(401);
    expect(handled).toEqual([]);
  });

  it('of a device is counted by its connection, whatever address it writes itself', async () => {
    const ask = served('price-api');
    const asked = { path: '/v1/prices/zone-1', front: 'certificates' };
    expect((await ask({ ...asked, headers: { 'x-joulekeep-viewer': ['203.0.113.8'] } })).statusCode).toBe(200);
    expect(handled[0]!.requestContext.identity.sourceIp).toBe('198.51.100.1');
  });

  it('T8.3-2: comes as often as its route says, each customer apart, wherever they ask from', async () => {
    const ask = served('usage-api');
    const statuses = async (token: string, count: number) => {
      const answered: number[] = [];
      for (let i = 0; i < count; i++) {
        const headers = { ...(await signed(token)), 'x-joulekeep-viewer': [`203.0.113.${i}`] };
        answered.push((await ask({ headers })).statusCode);
      }
      return answered;
    };
    const flood = await statuses(await tokenOf('customer'), 62);
    expect([flood.filter((status) => status === 200).length, flood.slice(-2)]).toEqual([60, [429, 429]]);
    // Another session is the same customer.
    expect(await statuses(await tokenOf('customer'), 1)).toEqual([429]);
    expect(await statuses(await tokenOf('customer', 'another-customer'), 1)).toEqual([200]);
  });

  it('T8.3-2: is counted over all routes of the function together, and refused unseen once its customer has had the share', async () => {
    const ask = served('usage-api');
    const token = await tokenOf('customer');
    const today = `${PATH}/home-1/today`;
    const statuses: number[] = [];
    for (let i = 0; i < CUSTOMER_RATE.burst; i++) {
      const path = i % 2 === 0 ? PATH : today;
      statuses.push((await ask({ path, headers: await signed(token, ADDRESS + path) })).statusCode);
    }
    expect(new Set(statuses)).toEqual(new Set([200]));
    const { Authorization } = await signed(token);
    const unproved = await ask({ path: today, headers: { Authorization: Authorization!, DPoP: ['not even looked at'] } });
    expect([unproved.statusCode, unproved.multiValueHeaders['retry-after']]).toEqual([429, ['1']]);
    expect((await ask({ path: today, headers: { Authorization: [`DPoP ${'A'.repeat(43)}`], DPoP: ['looked at'] } })).statusCode).toBe(401);
  });

  it('T8.1-4, T8.3-2: comes as often as its route says, each viewer apart, and a viewer can’t be made up', async () => {
    const ask = served('price-api');
    const path = '/v1/prices/zone-1';
    const statuses = [];
    for (let i = 0; i < 61; i++) statuses.push((await ask({ path })).statusCode);
    expect([statuses.filter((status) => status === 200).length, statuses.at(-1)]).toEqual([60, 429]);
    expect((await ask({ path, headers: { 'x-joulekeep-viewer': ['203.0.113.9'] } })).statusCode).toBe(200);
    expect((await ask({ path, headers: { 'X-Forwarded-For': ['9.9.9.9'] } })).statusCode).toBe(429);
    // What the distribution wrote stands last.
    expect((await ask({ path, headers: { 'x-joulekeep-viewer': ['203.0.113.10', '203.0.113.7'] } })).statusCode).toBe(429);
  });

  it.each<[string, Asked, number]>([
    ['of no API of ours', { front: 'elsewhere' }, 404],
    ['whose API says nothing of itself', { front: undefined }, 404],
    ['for another function’s route', { path: '/v1/me' }, 404],
    ['for a route of the console', { path: '/v1/exceptions' }, 404],
    ['with a path that is spelt otherwise', { path: '/v1/me/points/' }, 404],
    ['with a certificate that is none', { pem: 'certificate' }, 401],
  ])('%s is refused', async (_, asked, status) => {
    const full =
      'front' in asked ? { ...event(asked), stageVariables: asked.front === undefined ? null : { front: asked.front } } : event(asked);
    const platform = world.as('usage-api');
    const make = () => async () => ({ statusCode: 200, body: '{}' });
    const { handle } = new DoorHandler({ name: 'usage-api', stage: 'dev', platform, defences: defencesUnderTest(), make });
    expect((await handle(full, lambdaContext('usage-api'))).statusCode).toBe(status);
  });

  it('has a body only where its route has one, of the kind it says, and no longer than it may be', async () => {
    const ask = served('session');
    const post = { path: '/v1/session', method: 'POST', headers: { 'content-type': ['application/json'] } };
    expect((await ask({ ...post, body: '{"idToken":"größer"}' })).statusCode).toBe(200);
    expect(handled[0]!.body).toBe('{"idToken":"größer"}');
    expect((await ask({ ...post, headers: { 'content-type': ['text/plain'] }, body: '{}' })).statusCode).toBe(415);
    expect((await ask({ ...post, body: ' '.repeat(64 * 1024 + 1) })).statusCode).toBe(413);
    expect((await served('price-api')({ path: '/v1/prices/zone-1', body: '{}' })).statusCode).toBe(400);
  });
});
