import { generateKeyPairSync, type KeyObject, X509Certificate } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createCsr } from '../../devices/meter/csr.ts';
import { localReadTbs } from '../../devices/meter/local-port.ts';
import { CertificateAuthority } from '../../platform/embedded/gateway/ca.ts';
import type { DeviceRole } from '../../platform/ports/platform.ts';
import { signerOf } from '../../protocol/cose.ts';
import { T0 } from '../support/mdms.ts';
import { METER_ID, rig, type TestRig } from '../support/meter-rig.ts';

const DAY = 86_400_000;
const folder = mkdtempSync(join(tmpdir(), 'joulekeep-local-'));
let ca: CertificateAuthority;
let strangers: CertificateAuthority;

beforeAll(async () => {
  const clock = { now: () => T0 };
  ca = await CertificateAuthority.open(join(folder, 'ca'), clock);
  strangers = await CertificateAuthority.open(join(folder, 'strangers'), clock);
});
afterAll(() => rmSync(folder, { recursive: true }));

const der = (pem: string): Buffer => new X509Certificate(pem).raw;

interface Reader {
  readonly key: KeyObject;
  readonly certificates: Buffer[];
}

async function reader(role: DeviceRole, authority = ca): Promise<Reader> {
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'prime256v1' });
  const thing = role === 'meter' ? `m-${METER_ID}` : role === 'concentrator' ? 'dc-1' : 'u-field-1';
  const leaf = await authority.issue(thing, role, await createCsr(thing, privateKey));
  return { key: privateKey, certificates: [leaf, authority.issuerOf(role).raw] };
}

/** A meter with one day of readings that never saw a network. */
async function meter(caRoot: Buffer | undefined = der(ca.rootPem)): Promise<TestRig> {
  const r = await rig(caRoot === undefined ? {} : { caRoot });
  for (let slot = 1; slot <= 96; slot++) r.meter.measure(0, T0 + slot * 900_000, slot);
  return r;
}

async function read(r: TestRig, { key, certificates }: Reader, now = T0): Promise<unknown> {
  const challenge = r.meter.localChallenge(now);
  return r.meter.localRead({ certificates, signature: await signerOf(key)(localReadTbs(METER_ID, challenge)) }, now);
}

describe('the local read port', () => {
  it('R9.1-3: opens to a certificate of the operator role that proves its key, without any network', async () => {
    const r = await meter();
    expect(await read(r, await reader('operator'))).toEqual([...r.meter.truth()]);
  });

  it('R9.1-3: is shut to every other role, authority, proof and time, with one answer', async () => {
    const r = await meter();
    const operator = await reader('operator');
    const other = await reader('operator');
    const refused = [
      ...(await Promise.all((['meter', 'concentrator', 'customer-device', 'third-party'] as const).map((role) => reader(role)))),
      await reader('operator', strangers),
      { ...operator, key: other.key },
      { ...operator, certificates: [operator.certificates[0]!] },
      { ...operator, certificates: [...operator.certificates].reverse() },
      { ...operator, certificates: [operator.certificates[0]!, strangers.issuerOf('operator').raw] },
      { ...operator, certificates: [ca.issuerOf('operator').raw, der(ca.rootPem)] },
      { ...operator, certificates: [Buffer.from('junk'), operator.certificates[1]!] },
      { ...operator, certificates: [] },
    ];
    for (const shown of refused) expect(await read(r, shown)).toBeUndefined();
    expect(await read(r, operator, T0 + 4 * 365 * DAY)).toBeUndefined();
    expect(await read(r, operator, T0 - 30 * DAY)).toBeUndefined();
    expect(await read(r, operator)).toHaveLength(96);
  });

  it('takes a challenge once, for a minute, and only its own', async () => {
    const r = await meter();
    const { key, certificates } = await reader('operator');
    const challenge = r.meter.localChallenge(T0);
    const signature = await signerOf(key)(localReadTbs(METER_ID, challenge));
    expect(r.meter.localRead({ certificates, signature }, T0)).toHaveLength(96);
    expect(r.meter.localRead({ certificates, signature }, T0)).toBeUndefined();
    r.meter.localChallenge(T0);
    expect(r.meter.localRead({ certificates, signature }, T0)).toBeUndefined();
    const late = r.meter.localChallenge(T0);
    const elsewhere = await signerOf(key)(localReadTbs('02a1b2c3d4e5f608', late));
    expect(r.meter.localRead({ certificates, signature: elsewhere }, T0)).toBeUndefined();
    const slow = await signerOf(key)(localReadTbs(METER_ID, r.meter.localChallenge(T0)));
    expect(r.meter.localRead({ certificates, signature: slow }, T0 + 61_000)).toBeUndefined();
  });

  it('R9.1-3: stays shut in a meter that no CA root was pinned in', async () => {
    const r = await rig();
    r.meter.measure(0, T0 + 900_000, 1);
    expect(await read(r, await reader('operator'))).toBeUndefined();
  });
});
