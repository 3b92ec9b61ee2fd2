import 'reflect-metadata';
import type { X509Certificate } from 'node:crypto';
import * as x509 from '@peculiar/x509';

/** Client authentication: what certificates of devices, concentrators and people are for. */
export const CLIENT_AUTH = '1.3.6.1.5.5.7.3.2';

/**
 * Whether a certificate says of itself that it is a CA: OpenSSL calls it one only when its key usage agrees, and what it says is enough to refuse it.
 * @throws where DER is broken, also in ways that OpenSSL overlooks
 */
export function saysItIsCa(der: Uint8Array): boolean {
  return new x509.X509Certificate(der as Uint8Array<ArrayBuffer>).getExtension(x509.BasicConstraintsExtension)?.ca ?? false;
}

export type ValidityFault = 'unreadable' | 'not-yet-valid' | 'expired';

/**
 * Whether a certificate is in its time. What OpenSSL cannot read as a time it writes as words, while the date beside them is whatever lay in
 * memory: the words are asked. @param at UTC ms
 */
export function validityFault(
  { validFrom, validTo }: Pick<X509Certificate, 'validFrom' | 'validTo'>,
  at: number,
): ValidityFault | undefined {
  const [from, to] = [Date.parse(validFrom), Date.parse(validTo)];
  if (Number.isNaN(from) || Number.isNaN(to)) return 'unreadable';
  if (at < from) return 'not-yet-valid';
  return at > to ? 'expired' : undefined;
}
