import 'reflect-metadata';
import { X509Certificate } from 'node:crypto';
import { X509CertificateGenerator } from '@peculiar/x509';
import { expect, it } from 'vitest';
import { validityFault } from '../../platform/ports/leaf-claims.ts';

const NOW = Date.UTC(2026, 0, 5);
const END = '20600101000000Z';

/** A certificate whose end, a GeneralizedTime, is written over. */
async function endingAt(time: string): Promise<X509Certificate> {
  const keys = await crypto.subtle.generateKey({ name: 'ECDSA', namedCurve: 'P-256' }, true, ['sign', 'verify']);
  const signingAlgorithm = { name: 'ECDSA', hash: 'SHA-256' };
  const validity = { notBefore: new Date(NOW - 86_400_000), notAfter: new Date(Date.UTC(2060, 0, 1)) };
  const made = await X509CertificateGenerator.createSelfSigned({ name: 'CN=dc-1', keys, signingAlgorithm, ...validity });
  const der = Buffer.from(made.rawData);
  der.write(time, der.indexOf(END));
  return new X509Certificate(der);
}

it.each([
  [END, NOW, undefined],
  [END, Date.UTC(2060, 0, 1) + 1, 'expired'],
  [END, NOW - 2 * 86_400_000, 'not-yet-valid'],
  ['00490101000000Z', NOW, 'unreadable'],
  ['00070101000000Z', NOW, 'unreadable'],
  ['01490101000000Z', NOW, 'unreadable'],
  ['2060XX01000000Z', NOW, 'unreadable'],
])('C10.1-2: a certificate that ends at %s is, at %s, %s', async (end, at, fault) => {
  expect(validityFault(await endingAt(end), at)).toBe(fault);
});
