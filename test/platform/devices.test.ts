import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { fingerprintOf } from '../../platform/doors/thing-check.ts';
import { CertificateAuthority } from '../../platform/embedded/gateway/ca.ts';
import { EmbeddedDevices } from '../../platform/embedded/gateway/devices.ts';
import type { RegisteredDevice } from '../../platform/ports/platform.ts';
import { deviceKey } from '../support/memory-ca.ts';
import { ManualClock } from '../support/memory-platform.ts';

let directory: string;
let ca: CertificateAuthority;
let devices: EmbeddedDevices;

beforeEach(async () => {
  directory = mkdtempSync(join(tmpdir(), 'joulekeep-devices-'));
  ca = await CertificateAuthority.open(join(directory, 'ca'), new ManualClock(Date.UTC(2026, 0, 1)));
  devices = new EmbeddedDevices(join(directory, 'devices.db'), ca);
});

afterEach(() => {
  devices.close();
  rmSync(directory, { recursive: true });
});

async function issue(thing: string): Promise<Buffer> {
  return await devices.issueCertificate(thing, 'concentrator', (await deviceKey(thing)).csr);
}

function device(thing: string, der: Buffer): RegisteredDevice {
  return { thing, role: 'concentrator', quarantined: false, certificates: [{ fingerprint: fingerprintOf(der), der, status: 'active' }] };
}

describe('the device registry', () => {
  it('attaches a certificate to one thing, never to a second', async () => {
    const der = await issue('dc-a');
    await expect(devices.register(device('dc-b', der))).rejects.toMatchObject({ code: 'ERR_CERTIFICATE_ATTACHED' });
    expect(await devices.find('dc-b')).toBeUndefined();
    expect(devices.standing(fingerprintOf(der))).toMatchObject({ thing: 'dc-a', role: 'concentrator', status: 'active' });
    await devices.register(device('dc-a', der));
    expect((await devices.find('dc-a'))?.certificates).toHaveLength(1);
  });

  it('a revoked certificate is reported once it is recorded, and stays revoked', async () => {
    const der = await issue('dc-a');
    const revoked: string[] = [];
    devices.onRevoked((fingerprint) => revoked.push(`${fingerprint} ${devices.standing(fingerprint)?.status}`));
    await devices.revoke(fingerprintOf(der));
    expect(revoked).toEqual([`${fingerprintOf(der)} revoked`]);
    await devices.register(device('dc-a', der));
    expect((await devices.find('dc-a'))?.certificates[0]?.status).toBe('revoked');
    await expect(devices.revoke('00')).rejects.toMatchObject({ code: 'ERR_CERTIFICATE_UNKNOWN' });
  });

  it('a thing may hold several certificates while it renews', async () => {
    const first = await issue('dc-a');
    const second = await issue('dc-a');
    await devices.revoke(fingerprintOf(first));
    expect(await devices.certificateStatus(fingerprintOf(first))).toBe('revoked');
    expect(await devices.certificateStatus(fingerprintOf(second))).toBe('active');
    expect(await devices.certificateStatus('00'.repeat(32))).toBeUndefined();
    expect((await devices.find('dc-a'))?.certificates.map(({ fingerprint, status }) => [fingerprint, status])).toEqual([
      [fingerprintOf(first), 'revoked'],
      [fingerprintOf(second), 'active'],
    ]);
  });

  it('a thing has the role its name says, for good', async () => {
    const { csr } = await deviceKey('dc-a');
    await expect(devices.issueCertificate('dc-a', 'meter', csr)).rejects.toMatchObject({ code: 'ERR_THING_ROLE' });
    await expect(devices.issueCertificate('m-00124b0000000001', 'concentrator', csr)).rejects.toMatchObject({ code: 'ERR_THING_ROLE' });
    await expect(devices.issueCertificate('dc-+', 'concentrator', csr)).rejects.toMatchObject({ code: 'ERR_THING_NAME' });
    await expect(devices.register({ ...device('dc-', Buffer.alloc(0)), thing: `dc-${'x'.repeat(126)}` })).rejects.toMatchObject({
      code: 'ERR_THING_NAME',
    });
    await devices.register({ thing: 'app-1', role: 'customer-device', quarantined: false, certificates: [] });
    await expect(devices.register({ thing: 'app-1', role: 'operator', quarantined: false, certificates: [] })).rejects.toMatchObject({
      code: 'ERR_THING_ROLE',
    });
  });

  it('quarantine, roles and certificates survive a restart', async () => {
    const der = await issue('dc-a');
    await devices.setQuarantined('dc-a', true);
    await devices.setQuarantined('dc-none', true);
    expect(await devices.find('dc-none')).toBeUndefined();
    devices.close();
    devices = new EmbeddedDevices(join(directory, 'devices.db'), ca);
    expect(await devices.find('dc-a')).toEqual({ ...device('dc-a', der), quarantined: true });
    await devices.setQuarantined('dc-a', false);
    expect(devices.thing('dc-a')).toEqual({ role: 'concentrator', quarantined: false });
  });
});
