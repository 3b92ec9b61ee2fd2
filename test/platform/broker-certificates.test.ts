import 'reflect-metadata';
import { createPrivateKey, webcrypto } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as x509 from '@peculiar/x509';
import { afterEach, describe, expect, it } from 'vitest';
import { fingerprintOf } from '../../platform/doors/thing-check.ts';
import { judgeCertificate } from '../../platform/embedded/gateway/certificate-check.ts';
import { TOPIC_RULES, upTopic } from '../../topology/device-access.ts';
import { type Credentials, Gateway, pem, publishes } from './gateway-fixture.ts';

const HOUR = 3_600_000;
const P256 = { name: 'ECDSA', namedCurve: 'P-256' } as const;
const TELEMETRY_A = upTopic(TOPIC_RULES.telemetry, 'dc-a');

let gateway: Gateway;

afterEach(async () => await gateway.close());

interface Forgery {
  /** Name of the key file that signs; of a stranger's when it isn't one of ours. */
  readonly issuer?: string;
  readonly ca?: boolean;
  readonly usage?: string;
  readonly notBefore?: number;
  readonly notAfter?: number;
  readonly hash?: 'SHA-1' | 'SHA-256';
  readonly key?: 'P-256' | 'P-384' | 'RSA-1024';
}

/** A certificate for dc-a as our CA would never make it, with its key registered as if it had. */
async function forge(forgery: Forgery): Promise<Credentials> {
  const { issuer = 'concentrator', ca = false, usage = '1.3.6.1.5.5.7.3.2', hash = 'SHA-256', key = 'P-256' } = forgery;
  const now = gateway.clock.now();
  const algorithm =
    key === 'RSA-1024'
      ? { name: 'RSASSA-PKCS1-v1_5', modulusLength: 1024, publicExponent: new Uint8Array([1, 0, 1]), hash: 'SHA-256' }
      : { name: 'ECDSA', namedCurve: key };
  const keys = (await webcrypto.subtle.generateKey(algorithm, true, ['sign', 'verify'])) as webcrypto.CryptoKeyPair;
  const certificate = await x509.X509CertificateGenerator.create(
    {
      serialNumber: '01',
      subject: 'CN=dc-a',
      issuer: `CN=Joulekeep ${issuer === 'stranger' ? 'concentrator' : issuer}`,
      notBefore: new Date(forgery.notBefore ?? now - HOUR),
      notAfter: new Date(forgery.notAfter ?? now + HOUR),
      publicKey: keys.publicKey,
      signingKey: await signingKey(issuer),
      signingAlgorithm: { ...P256, hash },
      extensions: [new x509.BasicConstraintsExtension(ca, undefined, true), new x509.ExtendedKeyUsageExtension([usage], true)],
    },
    webcrypto,
  );
  const der = Buffer.from(certificate.rawData);
  const fingerprint = fingerprintOf(der);
  await gateway.devices.register({
    thing: 'dc-a',
    role: 'concentrator',
    quarantined: false,
    certificates: [{ fingerprint, der, status: 'active' }],
  });
  const pkcs8 = Buffer.from(await webcrypto.subtle.exportKey('pkcs8', keys.privateKey)).toString('base64');
  return { thing: 'dc-a', key: `-----BEGIN PRIVATE KEY-----\n${pkcs8}\n-----END PRIVATE KEY-----\n`, cert: pem(der), fingerprint };
}

async function signingKey(issuer: string): Promise<webcrypto.CryptoKey> {
  if (issuer === 'stranger')
    return ((await webcrypto.subtle.generateKey(P256, true, ['sign', 'verify'])) as webcrypto.CryptoKeyPair).privateKey;
  return createPrivateKey(readFileSync(join(gateway.directory, 'ca', `${issuer}.key.pem`))).toCryptoKey(P256, true, ['sign']);
}

/** The broker's own judgement, without TLS before it. */
function judged(device: Credentials): string {
  const { ca, devices, clock } = gateway;
  const outcome = judgeCertificate(Buffer.from(device.cert.replace(/-----.*-----|\n/g, ''), 'base64'), {
    issuerOf: (role) => ca.issuerOf(role),
    standing: (fingerprint) => devices.standing(fingerprint),
    now: clock.now(),
    certificateStatus: true,
  });
  return 'refused' in outcome ? outcome.refused : outcome.thing;
}

async function isLetIn(device: Credentials): Promise<boolean> {
  // The test's own TLS library must not be what refuses a weak certificate.
  const client = gateway.start(device, { ciphers: 'DEFAULT@SECLEVEL=0' });
  return await new Promise((resolve) => {
    client.once('connect', () => resolve(true));
    client.once('close', () => resolve(false));
  });
}

const D10: readonly [name: string, forgery: Forgery, reason: string][] = [
  ['expired', { notBefore: Date.UTC(2020, 0, 1), notAfter: Date.UTC(2021, 0, 1) }, 'expired'],
  ['not yet valid', { notBefore: Date.UTC(2040, 0, 1), notAfter: Date.UTC(2041, 0, 1) }, 'not-yet-valid'],
  ['for server authentication', { usage: '1.3.6.1.5.5.7.3.1' }, 'wrong-use'],
  ['for any use', { usage: '2.5.29.37.0' }, 'wrong-use'],
  ['of another CA with the same name', { issuer: 'stranger' }, 'wrong-issuer'],
  ['of the meters sub-CA', { issuer: 'meter' }, 'wrong-issuer'],
  ['of the servers sub-CA', { issuer: 'servers' }, 'wrong-issuer'],
  ['of the root itself', { issuer: 'root' }, 'wrong-issuer'],
  ['CA=TRUE', { ca: true }, 'leaf-is-ca'],
  ['signed with SHA-1', { hash: 'SHA-1' }, 'weak-signature'],
  ['of an RSA-1024 key', { key: 'RSA-1024' }, 'weak-key'],
  ['of a P-384 key', { key: 'P-384' }, 'weak-key'],
];

describe('a client certificate', () => {
  it('is let in when all is as it should be', async () => {
    gateway = await Gateway.open();
    const device = await forge({});
    expect(judged(device)).toBe('dc-a');
    expect(await isLetIn(device)).toBe(true);
  });

  it.each(D10)('C10.1-2, D10: %s is refused, though registered', async (_name, forgery, reason) => {
    gateway = await Gateway.open();
    const device = await forge(forgery);
    expect(judged(device)).toBe(reason);
    expect(await isLetIn(device)).toBe(false);
    expect(gateway.broker.connected).toEqual([]);
    expect([...gateway.broker.refusals.values()].reduce((sum, count) => sum + count, 0)).toBe(1);
  });

  it('C10.1-2, D10: of a stranger, whatever its name, does not get as far as MQTT', async () => {
    gateway = await Gateway.open();
    for (const issuer of ['stranger', 'meter', 'servers']) expect(await isLetIn(await forge({ issuer }))).toBe(false);
    expect(Object.fromEntries(gateway.broker.refusals)).toEqual({ 'certificate-untrusted': 3 });
  });

  it('C10.1-2, D10: a revoked certificate is refused, and its live session dropped', async () => {
    gateway = await Gateway.open();
    const revoked = await gateway.enrol('dc-a');
    const renewed = await gateway.enrol('dc-a');
    const other = await gateway.connect(await gateway.enrol('dc-b'));
    const live = await gateway.connect(revoked);
    await gateway.devices.revoke(revoked.fingerprint);
    expect(await publishes(live, TELEMETRY_A)).toBe(false);
    expect(gateway.queues.sent).toEqual([]);
    expect(await isLetIn(revoked)).toBe(false);
    expect(gateway.broker.refusals.get('session-revoked')).toBe(1);
    expect(gateway.broker.refusals.get('revoked')).toBe(1);
    await other.publishAsync(upTopic(TOPIC_RULES.telemetry, 'dc-b'), Buffer.from('honest'), { qos: 1 });
    await (await gateway.connect(renewed)).publishAsync(TELEMETRY_A, Buffer.from('honest'), { qos: 1 });
    expect(gateway.queues.sent).toHaveLength(2);
  });

  it('of ours that was never registered, or is a meter, is refused', async () => {
    gateway = await Gateway.open();
    const { key, cert, fingerprint } = await gateway.enrol('m-00124b0000000001', 'meter');
    expect(await isLetIn({ thing: 'm-00124b0000000001', key, cert, fingerprint })).toBe(false);
    const unregistered = await gateway.enrol('dc-a');
    expect(judged(unregistered)).toBe('dc-a');
    const none = {
      issuerOf: gateway.ca.issuerOf.bind(gateway.ca),
      standing: () => undefined,
      now: gateway.clock.now(),
      certificateStatus: true,
    };
    const der = Buffer.from(unregistered.cert.replace(/-----.*-----|\n/g, ''), 'base64');
    expect(judgeCertificate(der, none)).toEqual({ refused: 'unregistered' });
  });

  it('lives by the clock of the platform, not of the machine', async () => {
    gateway = await Gateway.open({ now: Date.UTC(2013, 5, 1) });
    const device = await gateway.enrol('dc-a');
    expect(await isLetIn(device)).toBe(true);
    gateway.clock.set(Date.UTC(2017, 0, 1));
    expect(await isLetIn(device)).toBe(false);
    expect(gateway.broker.refusals.get('expired')).toBe(1);
  });
});
