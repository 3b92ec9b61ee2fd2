import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { KNOCKS } from '../../platform/doors/call-rates.ts';
import type { Authorization, Authorizer } from '../../platform/ports/authorizer.ts';
import { SESSION_ROUTES } from '../../topology/doors/session.ts';
import { ApiGateway } from '../platform/https-fixture.ts';
import { defencesUnderTest } from '../support/defences.ts';

const BEGIN = SESSION_ROUTES.find(({ name }) => name === 'beginSession')!;
/** As an honest one is shaped, so that looking at it costs what it does. */
const PROOF = 'A'.repeat(400);
let api: ApiGateway;
/** How often it was asked who somebody is: each time costs a signature. */
let judged: number;

beforeEach(async () => {
  judged = 0;
  const authorizer: Authorizer = {
    authorize: async (_identity, { roles }): Promise<Authorization> => {
      judged += 1;
      if (roles.includes('public')) return { allowed: true, person: 'public', role: 'public' };
      return { allowed: false, because: 'unauthenticated', reason: 'proof-malformed' };
    },
  };
  api = await ApiGateway.open({ door: 'customer', authorizer, defences: defencesUnderTest() });
});
afterEach(() => api.close());

async function flood(count: number, method: string, path: string, from: string): Promise<Readonly<Record<number, number>>> {
  const headers = { authorization: `DPoP ${'t'.repeat(43)}`, dpop: PROOF, 'content-type': 'application/json' };
  const counts: Record<number, number> = {};
  for (let sent = 0; sent < count; sent += 50) {
    const some = Array.from({ length: 50 }, () => api.send(path, undefined, { method, headers, from }));
    for (const { status } of await Promise.all(some)) counts[status] = (counts[status] ?? 0) + 1;
  }
  return counts;
}

describe('a flood of made-up proofs from one address', () => {
  it('T8.3-2: at the sign-in is refused before anything of it is looked at, but for the rate of the route', async () => {
    const told = await flood(200, 'POST', BEGIN.path, '127.0.0.2');
    expect(told).toEqual({ 200: BEGIN.rate.burst, 429: 200 - BEGIN.rate.burst });
    expect(judged).toBe(BEGIN.rate.burst);
    await flood(50, 'POST', BEGIN.path, '127.0.0.3');
    expect(judged).toBe(2 * BEGIN.rate.burst);
  });

  it('T8.3-2: at whatever asks for a session is refused so, over all routes together, and leaves other addresses theirs', async () => {
    const each = KNOCKS.burst / 2;
    expect(await flood(each, 'GET', '/v1/sessions', '127.0.0.2')).toEqual({ 401: each });
    expect(await flood(each + 100, 'DELETE', '/v1/session', '127.0.0.2')).toEqual({ 401: each, 429: 100 });
    expect(judged).toBe(KNOCKS.burst);
    expect(await flood(50, 'GET', '/v1/sessions', '127.0.0.3')).toEqual({ 401: 50 });
  });
});
