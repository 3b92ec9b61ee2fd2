import { describe, expect, it } from 'vitest';
import { readCall } from '../../lambdas/http/call.ts';
import { apiEvent } from '../../platform/doors/api-event.ts';
import type { Principal } from '../../platform/ports/authorizer.ts';
import { matchRoute } from '../../topology/routes.ts';

const SIGN_IN = { session: 'a-session', at: 1_000, method: 'passkey' };

/** What a function makes of a request that a door handed on as somebody's. */
function readAs(principal: Principal, path: string, door: 'customer' | 'console') {
  const match = matchRoute(door, 'GET', path)!;
  const at = 2_000;
  return readCall(apiEvent({ requestId: 'r', match, principal, path, query: {}, headers: {}, body: undefined, sourceIp: '', at }));
}

describe('a function behind a door', () => {
  it('R9.2-3, C10.2-2: takes nobody for a customer who did not sign in, whatever the door says', () => {
    expect(readAs({ person: 'acc-anna', role: 'customer' }, '/v1/me', 'customer')).toEqual({ refused: 'unauthenticated' });
    expect(readAs({ person: '', role: 'customer', signIn: SIGN_IN }, '/v1/me', 'customer')).toEqual({ refused: 'unauthenticated' });
    const told = readAs({ person: 'acc-anna', role: 'customer', signIn: SIGN_IN }, '/v1/me', 'customer');
    expect(told).toMatchObject({ name: 'showCustomer', caller: { person: 'acc-anna', signIn: SIGN_IN } });
  });

  it('C10.2-2: asks for the role again that the route names', () => {
    const customer = { person: 'acc-anna', role: 'customer', signIn: SIGN_IN } as const;
    expect(readAs(customer, '/v1/audit', 'console')).toEqual({ refused: 'forbidden' });
    expect(readAs({ person: 'oscar', role: 'operator' }, '/v1/audit', 'console')).toEqual({ refused: 'forbidden' });
    expect(readAs({ person: 'aura', role: 'auditor' }, '/v1/audit', 'console')).toMatchObject({ name: 'listAudit' });
  });
});
