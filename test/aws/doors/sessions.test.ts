import type { ALBEvent, APIGatewayProxyEvent } from 'aws-lambda';
import { beforeEach, describe, expect, it } from 'vitest';
import { DoorHandler } from '../../../platform/aws/doors/door-handler.ts';
import { SessionCheck } from '../../../platform/doors/session-check.ts';
import { type IssuedToken, Sessions } from '../../../platform/ports/sessions.ts';
import type { CallerRole } from '../../../topology/route.ts';
import { newKey, proofOf } from '../../session/proofs.ts';
import { defencesUnderTest } from '../../support/defences.ts';
import { MemoryWorld } from '../../support/memory-platform.ts';
import { lambdaContext } from '../../support/sqs.ts';

const ADDRESS = 'https://console.example.org';
const PATH = '/v1/exceptions';
const key = newKey();
let world: MemoryWorld;
let handled: APIGatewayProxyEvent[];
let handle: DoorHandler<ReturnType<MemoryWorld['as']>>['handle'];

beforeEach(() => {
  world = new MemoryWorld({ now: Date.now() });
  handled = [];
  // As the function of the console has its platform: it may look at sessions, and mark proofs.
  const platform = world.as('editing');
  const { clock } = world;
  const sessions = new SessionCheck({ sessions: new Sessions({ ...platform, wall: clock }), wall: clock, defences: defencesUnderTest() });
  const make = () => async (event: APIGatewayProxyEvent) => {
    handled.push(event);
    return { statusCode: 200, body: '{}' };
  };
  const signedIn = { sessions, addressOf: () => ADDRESS };
  handle = new DoorHandler({ name: 'edit', stage: 'dev', platform, defences: defencesUnderTest(), make, signedIn }).handle;
});

async function begun(role: CallerRole = 'operator'): Promise<IssuedToken> {
  const own = new Sessions({ ...world.as('session'), wall: world.clock });
  const at = world.clock.now();
  return await own.begin({
    person: 'ann',
    role,
    keyThumbprint: key.thumbprint,
    signedInAt: at,
    method: 'passkey',
    device: 'Firefox on Linux',
  });
}

async function ask(headers: Readonly<Record<string, readonly string[]>>): Promise<number> {
  const targetGroupArn = 'arn:aws:elasticloadbalancing:eu-central-1:111122223333:targetgroup/joulekeep-dev-console-26212/73e2d6bc24d8a067';
  const event = {
    requestContext: { elb: { targetGroupArn } },
    httpMethod: 'GET',
    path: PATH,
    multiValueQueryStringParameters: {},
    multiValueHeaders: { host: ['evil.example'], 'x-forwarded-for': ['10.20.0.9'], ...headers },
    body: '',
    isBase64Encoded: false,
  };
  return (await handle(event as unknown as ALBEvent, lambdaContext('edit'))).statusCode;
}

const proof = (token: string, htu = ADDRESS + PATH) => proofOf(key, { htm: 'GET', htu, at: world.clock.now(), token });

describe('a session at a door behind a load balancer', () => {
  it('C10.2-1, R9.2-3: lets a person in with a proof for the door by its own name, whatever the host header says', async () => {
    const { token, record } = await begun();
    expect(await ask({ authorization: [`DPoP ${token}`], dpop: [await proof(token)] })).toBe(200);
    expect(handled[0]!.requestContext.authorizer).toMatchObject({
      person: 'ann',
      role: 'operator',
      session: record.session,
      signInMethod: 'passkey',
    });
    expect(await ask({ authorization: [`DPoP ${token}`], dpop: [await proof(token, `https://evil.example${PATH}`)] })).toBe(401);
    expect(handled).toHaveLength(1);
  });

  it('R9.2-3: lets nobody in without proof, with one that was used, or with two', async () => {
    const { token } = await begun();
    const authorization = [`DPoP ${token}`];
    const once = await proof(token);
    expect(await ask({ authorization })).toBe(401);
    expect(await ask({ authorization, dpop: [await proof(token), await proof(token)] })).toBe(401);
    expect(await ask({ authorization: [...authorization, ...authorization], dpop: [await proof(token)] })).toBe(401);
    expect([await ask({ authorization, dpop: [once] }), await ask({ authorization, dpop: [once] })]).toEqual([200, 401]);
  });

  it('C10.2-2: lets a role in where the route names it, and no customer', async () => {
    const status = async (role: CallerRole) => {
      const { token } = await begun(role);
      return await ask({ authorization: [`DPoP ${token}`], dpop: [await proof(token)] });
    };
    expect([await status('supervisor'), await status('security-officer'), await status('customer')]).toEqual([200, 403, 401]);
  });

  it('T8.3-3: lets nobody in when the session has ended', async () => {
    const { token, record } = await begun();
    await new Sessions({ ...world.as('session'), wall: world.clock }).end(record.session);
    expect(await ask({ authorization: [`DPoP ${token}`], dpop: [await proof(token)] })).toBe(401);
  });

  it('the function of a door looks at sessions and makes none', async () => {
    const sessions = new Sessions({ ...world.as('editing'), wall: world.clock });
    const { record } = await begun();
    await expect(sessions.renew(record)).rejects.toMatchObject({ code: 'ERR_KEY_TABLE_ACCESS_DENIED' });
    await expect(sessions.end(record.session)).rejects.toMatchObject({ code: 'ERR_KEY_TABLE_ACCESS_DENIED' });
  });
});
