import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { CertificateAuthority } from '../../../platform/embedded/gateway/ca.ts';
import { type Forgery, forgedLeaf } from '../../support/forged-leaf.ts';
import { DoorWorld } from './door-fixture.ts';

const AREAS = '/v1/areas';
const AT = { door: 'dev-operator-26212' };
const ENTRY = { name: 'ems-north', role: 'grid-operator', status: 'active' };
const YEAR = 365 * 86_400_000;

const directory = mkdtempSync(join(tmpdir(), 'joulekeep-operator-door-'));
let ca: CertificateAuthority;
let door: DoorWorld;
beforeAll(async () => {
  ca = await CertificateAuthority.open(join(directory, 'ca'), { now: () => Date.now() });
});
beforeEach(async () => {
  door = await DoorWorld.open(ca, 'operator-api');
});
afterAll(() => rmSync(directory, { recursive: true }));

/** Signed by the CA of the operator's systems unless another is named. */
async function leaf({ issuer = 'people-grid-operator', ...forgery }: Forgery & { readonly issuer?: string } = {}): Promise<Buffer> {
  return (await forgedLeaf(join(directory, 'ca'), issuer, 'ems-north', forgery)).der;
}

describe('a certificate at the operator’s door on AWS', () => {
  it('R9.4-3, C10.4-2: is let in as the CA of the operator and its entry say', async () => {
    const system = await leaf();
    await door.register(system, ENTRY);
    expect((await door.send(AREAS, system, AT)).status).toBe(200);
    expect(door.handled[0]?.requestContext.authorizer).toMatchObject({ person: 'ems-north', role: 'grid-operator' });
  });

  it.each<[string, Parameters<typeof leaf>[0], object, string]>([
    ['whose entry has another role', {}, { ...ENTRY, role: 'billing-system' }, 'unregistered'],
    ['whose entry has another name', {}, { ...ENTRY, name: 'ems-south' }, 'unregistered'],
    ['that was revoked', {}, { ...ENTRY, status: 'revoked' }, 'revoked'],
    ['of the CA of another door', { issuer: 'people-billing-system' }, ENTRY, 'wrong-issuer'],
    ['that has ended', { notBefore: Date.now() - 2 * YEAR, notAfter: Date.now() - YEAR }, ENTRY, 'expired'],
    ['that has not begun', { notBefore: Date.now() + YEAR, notAfter: Date.now() + 2 * YEAR }, ENTRY, 'not-yet-valid'],
  ])('R9.4-3, C10.4-2: %s is nobody’s', async (_, made, entry, reason) => {
    const system = await leaf(made);
    await door.register(system, entry);
    expect([(await door.send(AREAS, system, AT)).status, door.reason]).toEqual([401, reason]);
    expect(door.handled).toEqual([]);
  });
});
