import { createPublicKey, verify, X509Certificate } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { CertificateAuthority } from '../../platform/embedded/gateway/ca.ts';
import type { DeviceRole } from '../../platform/ports/platform.ts';
import { csrFor, deviceKey } from '../support/memory-ca.ts';
import { ManualClock } from '../support/memory-platform.ts';

const JUNE_2013 = Date.UTC(2013, 5, 1);
const ROLES: readonly DeviceRole[] = ['meter', 'concentrator', 'customer-device', 'third-party', 'operator'];

let directory: string;
let clock: ManualClock;
let ca: CertificateAuthority;

beforeEach(async () => {
  directory = mkdtempSync(join(tmpdir(), 'joulekeep-ca-'));
  clock = new ManualClock(JUNE_2013);
  ca = await CertificateAuthority.open(directory, clock, () => Date.UTC(2026, 0, 1));
});

afterEach(() => rmSync(directory, { recursive: true }));

describe('the certification authority', () => {
  it('has a sub-CA of its own for every role, under one root, that can sign leaves only', () => {
    const root = new X509Certificate(ca.rootPem);
    const issuers = ROLES.map((role) => ca.issuerOf(role));
    expect(new Set(issuers.map((issuer) => issuer.fingerprint256)).size).toBe(ROLES.length);
    for (const issuer of issuers) {
      expect(issuer.ca && issuer.checkIssued(root) && issuer.verify(root.publicKey)).toBe(true);
      expect(issuer.publicKey.asymmetricKeyDetails?.namedCurve).toBe('prime256v1');
    }
  });

  it('makes leaves for client authentication, whose role is the issuer and whose life goes by the clock', async () => {
    const { csr, publicKey } = await deviceKey('dc-a');
    const leaf = new X509Certificate(await ca.issue('dc-a', 'concentrator', csr));
    expect(leaf.subject).toBe('CN=dc-a');
    expect(leaf.ca).toBe(false);
    expect(leaf.keyUsage).toEqual(['1.3.6.1.5.5.7.3.2']);
    expect(leaf.signatureAlgorithmOid).toBe('1.2.840.10045.4.3.2');
    expect(leaf.publicKey.equals(publicKey)).toBe(true);
    expect(leaf.validFromDate.getTime()).toBe(JUNE_2013 - 3_600_000);
    expect(leaf.validToDate.getUTCFullYear()).toBe(2016);
    expect(ROLES.filter((role) => leaf.verify(ca.issuerOf(role).publicKey))).toEqual(['concentrator']);
  });

  it('is valid both by the clock and by the machine where foreign TLS looks at it', () => {
    for (const certificate of [new X509Certificate(ca.rootPem), ca.issuerOf('concentrator'), new X509Certificate(ca.server.chain)]) {
      expect(certificate.validFromDate.getTime()).toBeLessThan(JUNE_2013);
      expect(certificate.validToDate.getTime()).toBeGreaterThan(Date.UTC(2030, 0, 1));
    }
    expect(new X509Certificate(ca.server.chain).checkIP('127.0.0.1')).toBe('127.0.0.1');
  });

  it('keeps its keys across restarts, in files only the owner can read', async () => {
    const again = await CertificateAuthority.open(directory, clock, () => Date.UTC(2026, 0, 1));
    expect(again.rootPem).toBe(ca.rootPem);
    expect(again.server).toEqual(ca.server);
    expect(again.manifestRoot.publicKey.equals(ca.manifestRoot.publicKey)).toBe(true);
    const keys = readdirSync(directory, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.key.pem'));
    expect(keys.sort()).toEqual(
      ['broker', 'root', 'servers', ...ROLES]
        .concat(
          [
            'operator',
            'supervisor',
            'auditor',
            'security-officer',
            'grid-operator',
            'billing-system',
            'third-party',
            'customer-device',
          ].map((role) => `people-${role}`),
        )
        .map((name) => `${name}.key.pem`)
        .concat('manifest-root/root.key.pem')
        .sort(),
    );
    for (const name of keys) expect(statSync(join(directory, name)).mode & 0o777).toBe(0o600);
  });

  it('signs key manifests with a root of their own, low S', () => {
    const message = Buffer.from('manifest');
    for (let round = 0; round < 20; round++) {
      const signature = ca.manifestRoot.sign(message);
      expect(signature).toHaveLength(64);
      expect(signature[32]! < 0x80).toBe(true);
      expect(verify('sha256', message, { key: ca.manifestRoot.publicKey, dsaEncoding: 'ieee-p1363' }, signature)).toBe(true);
    }
    const spki = ca.manifestRoot.publicKey.export({ format: 'der', type: 'spki' });
    const certificates = readdirSync(directory).filter((name) => name.endsWith('.crt.pem'));
    for (const name of certificates) {
      const certified = createPublicKey(readFileSync(join(directory, name))).export({ format: 'der', type: 'spki' });
      expect(certified.equals(spki)).toBe(false);
    }
  });

  it('refuses a request with another name, another key, a broken signature, or none at all', async () => {
    const a = await deviceKey('dc-a');
    const b = await deviceKey('dc-b');
    const broken = Buffer.from(a.csr);
    broken[broken.length - 1]! ^= 1;
    const requests: readonly Buffer[] = [
      b.csr,
      await csrFor('dc-a', a.privateKey, b.publicKey),
      broken,
      a.csr.subarray(0, 100),
      Buffer.alloc(0),
      Buffer.alloc(5_000, 0x30),
    ];
    for (const csr of requests) {
      await expect(ca.issue('dc-a', 'concentrator', csr)).rejects.toMatchObject({
        code: 'ERR_CSR_REFUSED',
        message: 'certificate request refused',
      });
    }
  });
});
