import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { fingerprintOf } from '../../platform/doors/thing-check.ts';
import type { ApiRole } from '../../topology/route.ts';
import { ROUTES } from '../../topology/routes.ts';
import { type Forgery, forgedLeaf } from '../support/forged-leaf.ts';
import { deviceKey } from '../support/memory-ca.ts';
import { type Credentials, pem } from './gateway-fixture.ts';
import { ApiGateway } from './https-fixture.ts';

/** Whose certificates each door takes; at the customers' people sign in, and what displays read is public. */
const ROLES = {
  console: 'operator',
  operator: 'grid-operator',
  billing: 'billing-system',
  'third-party': 'third-party',
} as const satisfies Readonly<Record<string, ApiRole>>;
const DOORS = Object.keys(ROLES) as (keyof typeof ROLES)[];
const HOSTILE: readonly (readonly [name: string, forgery: Forgery, reason: string])[] = [
  ['for server authentication', { usage: '1.3.6.1.5.5.7.3.1' }, 'wrong-use'],
  ['for any use', { usage: '2.5.29.37.0' }, 'wrong-use'],
  ['that may sign others', { ca: true }, 'leaf-is-ca'],
  ['that has ended', { notBefore: Date.UTC(2020, 0, 1), notAfter: Date.UTC(2021, 0, 1) }, 'expired'],
  ['that has not begun', { notBefore: Date.UTC(2090, 0, 1), notAfter: Date.UTC(2091, 0, 1) }, 'not-yet-valid'],
];

describe.each(DOORS)('a certificate of the utility’s at the door %s', (door) => {
  const role = ROLES[door];
  const route = ROUTES.find((one) => one.door === door && one.method === 'GET' && (one.roles as readonly string[]).includes(role))!;
  const path = route.path.replaceAll(/\{\w+\}/g, '1');
  let api: ApiGateway;
  beforeEach(async () => {
    api = await ApiGateway.open({ door });
  });
  afterEach(async () => {
    vi.restoreAllMocks();
    await api.close();
  });

  /**
   * Signed by the CA of the role and on record, so that nothing but what it says of itself can be held against it.
   * @param name on record for it, `signedAs` the role whose CA signed, where these are others
   */
  async function shown(
    forgery: Forgery,
    { name = 'ann', signedAs = role }: Partial<Record<'name' | 'signedAs', string>> = {},
  ): Promise<Credentials> {
    const { der, key } = await forgedLeaf(join(api.directory, 'ca'), `people-${signedAs}`, 'ann', forgery);
    vi.spyOn(api.ca, 'issueToPerson').mockResolvedValueOnce(der);
    await api.people.issue(name, role, (await deviceKey('ann')).csr);
    return { thing: 'ann', key, cert: pem(der), fingerprint: fingerprintOf(der) };
  }

  it('C10.2-1: is let in when it is as it should be', async () => {
    expect((await api.send(path, await shown({}))).status).not.toBe(401);
    expect([...api.gateway.refused.keys()]).not.toContain('unregistered');
  });

  it.each(HOSTILE)('C10.2-1, R9.4-3, C10.4-2, D10: %s is refused, whoever signed it', async (_name, forgery, reason) => {
    expect((await api.send(path, await shown(forgery))).status).toBe(401);
    expect(api.gateway.refused.get(reason)).toBe(1);
    expect(api.handled).toEqual([]);
  });

  it.each([
    ['under another name', { name: 'bob' }],
    ['as another than the CA that signed it makes', { signedAs: 'supervisor' }],
  ])('C10.2-1, R9.4-3: is refused when it is on record %s', async (_, as) => {
    expect((await api.send(path, await shown({}, as))).status).toBe(401);
    expect(api.gateway.refused.get('unregistered')).toBe(1);
    expect(api.handled).toEqual([]);
  });
});
