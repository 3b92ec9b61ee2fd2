import { once } from 'node:events';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Authorizer, Identity } from '../../platform/ports/authorizer.ts';
import { CUSTOMER, CUSTOMER_RATE, PUBLIC } from '../../topology/route.ts';
import { ROUTES } from '../../topology/routes.ts';
import { ApiGateway } from '../platform/https-fixture.ts';
import type { Answered } from '../support/exchange.ts';

const TODAY = '/v1/me/points/home-1/today';
const POINTS = '/v1/me/points';
const AT_ONCE = 2;
const CONSENT = '/oauth/consent/0123456789abcdef';

let door: ApiGateway;
/** Whom somebody looked at, in the order. */
let judged: string[];
/** Paths of what has arrived. */
let arrived: string[];
/** Requests that are at work, and what ends them. */
let atWork: { readonly who: string; readonly end: () => void }[];

/** Whoever says who they are is believed, as `DPoP acc-anna`. */
const authorizer: Authorizer = {
  authorize: async ({ authorization }: Identity, { roles }) => {
    const person = authorization?.slice('DPoP '.length) ?? PUBLIC;
    judged.push(person);
    return { allowed: true, person, role: roles.includes(PUBLIC) ? PUBLIC : CUSTOMER };
  },
};

beforeEach(async () => {
  judged = [];
  arrived = [];
  atWork = [];
});
afterEach(() => door.close());

/** @param isSlow whether handlers work until a test ends them */
async function open(isSlow: boolean, limits: { readonly waitingPerCaller?: number } = {}): Promise<void> {
  const answer = async ({ requestContext }: { requestContext: { authorizer?: unknown } }) => {
    const { person } = requestContext.authorizer as { person: string };
    const { promise, resolve } = Promise.withResolvers<void>();
    atWork.push({ who: person, end: resolve });
    if (isSlow) await promise;
    return { statusCode: 200, body: '{}' };
  };
  const names = ROUTES.filter((route) => route.door === 'customer').map((route) => route.function);
  const handlers = Object.fromEntries(names.map((name) => [name, answer]));
  // A door looks first of all whether it is asked for a file.
  const site = { get: (path: string) => void arrived.push(path) };
  door = await ApiGateway.open({ door: 'customer', authorizer, handlers, site, limits: { turnMs: 600_000, atOnce: AT_ONCE, ...limits } });
}

const ask = (who: string, path = TODAY): Promise<Answered> => door.send(path, undefined, { headers: { authorization: `DPoP ${who}` } });
/** On a machine that others use, too. */
const eventually = <T>(read: () => T) => expect.poll(read, { timeout: 20_000 });
const workers = () => atWork.map(({ who }) => who);

describe('a customer who asks on and on', () => {
  it('T8.3-2: is counted over all routes together', async () => {
    await open(false);
    const statuses: number[] = [];
    for (let n = 0; n < CUSTOMER_RATE.burst + 4; n++) statuses.push((await ask('acc-anna', n % 2 === 0 ? TODAY : POINTS)).status);
    expect(statuses.filter((status) => status === 429)).toHaveLength(4);
    expect((await ask('acc-ben')).status).toBe(200);
  });

  it('T8.3-2: is refused beyond the share before anybody looks at who it is', async () => {
    await open(false);
    for (let n = 0; n < CUSTOMER_RATE.burst; n++) await ask('acc-anna');
    const before = judged.length;
    const refused = await Promise.all(Array.from({ length: 20 }, (_, n) => ask('acc-anna', n % 2 === 0 ? TODAY : POINTS)));
    expect(refused.map(({ status, headers }) => `${status} ${headers['retry-after']}`)).toEqual(Array.from({ length: 20 }, () => '429 1'));
    expect(judged).toHaveLength(before);
    expect(door.gateway.refused.get('rate-known')).toBe(20);
    expect((await ask('acc-ben')).status).toBe(200);
  });

  it('T8.3-2: keeps the connection when refused, so that asking again costs nobody a handshake, but not with a body on it', async () => {
    await open(false);
    for (let n = 0; n < CUSTOMER_RATE.burst; n++) await ask('acc-anna');
    const socket = await door.raw(undefined);
    const said = door.said(socket);
    const head = (method: string, path: string) => `${method} ${path} HTTP/1.1\r\nHost: x\r\nAuthorization: DPoP acc-anna\r\n`;
    for (let n = 0; n < 2; n++) {
      socket.write(`${head('GET', TODAY)}\r\n`);
      await once(socket, 'data');
    }
    socket.write(`${head('POST', CONSENT)}Content-Type: application/json\r\nContent-Length: 2\r\n\r\n{}${head('GET', TODAY)}\r\n`);
    const statuses = [...(await said).matchAll(/HTTP\/1\.1 (\d+)/g)].map(([, status]) => status);
    expect(statuses).toEqual(['429', '429', '429']);
  });
});

describe('turns at the customers’ door', () => {
  it('T8.3-2: only so many requests are worked on at a time, and the next is of who was served least lately', async () => {
    await open(true);
    const answers: Promise<Answered>[] = [];
    // The door knows whose a token is from its first request on.
    for (const who of ['acc-anna', 'acc-greedy']) {
      answers.push(ask(who));
      await eventually(workers).toHaveLength(answers.length);
      atWork.at(-1)!.end();
      await answers.at(-1);
    }
    const known = atWork.length;
    for (let n = 0; n < 12; n++) answers.push(ask('acc-greedy'));
    await eventually(() => arrived.length).toBe(known + 12);
    answers.push(ask('acc-anna', POINTS));
    await eventually(() => arrived.length).toBe(known + 13);
    await eventually(workers).toHaveLength(known + AT_ONCE);
    expect(workers().slice(known)).toEqual(['acc-greedy', 'acc-greedy']);
    atWork[known]!.end();
    await eventually(workers).toHaveLength(known + 3);
    expect(workers().at(-1)).toBe('acc-anna');
    for (let n = known; n < known + 13; n++) {
      await eventually(() => atWork.length).toBeGreaterThan(n);
      atWork[n]!.end();
    }
    expect((await Promise.all(answers)).map(({ status }) => status)).toEqual(answers.map(() => 200));
  });

  it('T8.3-2: whoever sends a body slowly holds up nobody', async () => {
    await open(false);
    for (let n = 0; n < 4; n++) {
      const socket = await door.raw(undefined);
      const head = `POST ${CONSENT} HTTP/1.1\r\nHost: x\r\nAuthorization: DPoP acc-slow\r\n`;
      socket.write(`${head}Content-Type: application/json\r\nContent-Length: 20\r\n\r\n{"a":`);
    }
    await eventually(() => judged.filter((who) => who === 'acc-slow').length).toBe(4);
    expect((await ask('acc-anna')).status).toBe(200);
    expect(workers()).toEqual(['acc-anna']);
  });

  it('T8.3-2: of one caller only so many wait; what comes beyond is refused, and others are not', async () => {
    await open(true, { waitingPerCaller: 3 });
    const mine = Array.from({ length: 8 }, () => ask('acc-greedy'));
    const refused = await Promise.any(mine);
    expect([refused.status, refused.headers['retry-after']]).toEqual([429, '1']);
    await eventually(() => door.gateway.refused.get('turns')).toBe(8 - AT_ONCE - 3);
    const other = door.send(TODAY, undefined, { headers: { authorization: 'DPoP acc-anna' }, from: '127.0.0.9' });
    for (let n = 0; n < 6; n++) {
      await eventually(() => atWork.length).toBeGreaterThan(n);
      atWork[n]!.end();
    }
    expect((await other).status).toBe(200);
    const statuses = (await Promise.all(mine)).map(({ status }) => status);
    expect(statuses.toSorted()).toEqual([200, 200, 200, 200, 200, 429, 429, 429]);
  });
});
