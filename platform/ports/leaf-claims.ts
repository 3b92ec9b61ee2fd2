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
 * memory: the words are asked. A year of fewer than four digits, which a certificate can have, would be read as one of our time: it is none. @param at UTC ms
 */
export function validityFault(
  { validFrom, validTo }: Pick<X509Certificate, 'validFrom' | 'validTo'>,
  at: number,
): ValidityFault | undefined {
  const [from, to] = [timeOf(validFrom), timeOf(validTo)];
  if (Number.isNaN(from) || Number.isNaN(to)) return 'unreadable';
  if (at < from) return 'not-yet-valid';
  return at > to ? 'expired' : undefined;
}

/** As OpenSSL writes times, e.g. `Jan  5 09:34:43 2026 GMT`. */
const TIME = /^[A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d(\.\d+)? \d{4} GMT$/;

/** UTC ms; NaN for what is no time. */
function timeOf(words: string): number {
  return TIME.test(words) ? Date.parse(words) : Number.NaN;
}
