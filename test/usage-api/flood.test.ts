import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Authorizer } from '../../platform/ports/authorizer.ts';
import { FUNCTIONS } from '../../topology/functions.ts';
import { CUSTOMER, PUBLIC } from '../../topology/route.ts';
import { ROUTES } from '../../topology/routes.ts';
import { ApiGateway, shapeOf } from '../platform/https-fixture.ts';
import type { Answered } from '../support/exchange.ts';

const TODAY = '/v1/me/points/home-1/today';
const FILE = '/v1/me/points/home-1/download';
const PRICES = '/v1/prices/north';

let door: ApiGateway;
/** Whose session the next request has. */
let who: string;

const authorizer: Authorizer = {
  authorize: async (_, { roles }) =>
    roles.includes(PUBLIC) ? { allowed: true, person: PUBLIC, role: PUBLIC } : { allowed: true, person: who, role: CUSTOMER },
};

beforeEach(async () => {
  who = 'acc-anna';
  const answer = async () => ({ statusCode: 200, body: '{}' });
  const names = ROUTES.filter((route) => route.door === 'customer').map((route) => route.function);
  door = await ApiGateway.open({ door: 'customer', authorizer, handlers: Object.fromEntries(names.map((name) => [name, answer])) });
});
afterEach(() => door.close());

async function times(count: number, path: string): Promise<readonly Answered[]> {
  const answers: Answered[] = [];
  for (let i = 0; i < count; i++) answers.push(await door.send(path, undefined));
  return answers;
}

const refusedOf = (answers: readonly Answered[]) => answers.filter(({ status }) => status === 429);

describe('a flood at the customers’ door', () => {
  it('T8.3-2: is refused to the customer who makes it, with a time to wait, and to no other', async () => {
    const refused = refusedOf(await times(64, TODAY));
    expect(refused).toHaveLength(4);
    expect(shapeOf(refused[0]!).told.type).toBe('urn:joulekeep:problem:too-many-requests');
    expect(Number(refused[0]!.headers['retry-after'])).toBeGreaterThan(0);
    who = 'acc-ben';
    expect(refusedOf(await times(10, TODAY))).toEqual([]);
  });

  it('T8.3-2: of fifty customers at once leaves each what a customer has, and one who comes then is served', async () => {
    for (let customer = 0; customer < 50; customer++) {
      who = `acc-${customer}`;
      expect(refusedOf(await times(6, FILE))).toHaveLength(1);
    }
    who = 'acc-late';
    expect((await door.send(FILE, undefined)).status).toBe(200);
  });

  it('T8.3-2: of who is not signed in is refused to the address it comes from, and to no customer', async () => {
    expect(refusedOf(await times(62, PRICES))).toHaveLength(2);
    expect((await door.send(PRICES, undefined, { from: '127.0.0.9' })).status).toBe(200);
    expect((await door.send(TODAY, undefined)).status).toBe(200);
  });

  it('T8.3-2: reaches no function that takes telemetry in: those have invocations of their own that nobody can take', () => {
    const called = new Set<string>(ROUTES.filter((route) => route.door === 'customer').map((route) => route.function));
    const devices = FUNCTIONS.filter(({ trigger }) => trigger.kind === 'queue' && trigger.queues.includes('telemetry'));
    expect(devices.map(({ name }) => name)).toEqual(['ingest']);
    for (const { name, reservedConcurrency } of devices) {
      expect(called).not.toContain(name);
      expect(reservedConcurrency).toBeGreaterThan(0);
    }
    for (const name of called) expect(FUNCTIONS.find((one) => one.name === name)?.reservedConcurrency).toBeGreaterThan(0);
  });
});
