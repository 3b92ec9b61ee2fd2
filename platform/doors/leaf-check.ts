import type { X509Certificate } from 'node:crypto';
import { CLIENT_AUTH, saysItIsCa, validityFault } from '../ports/leaf-claims.ts';

const ECDSA_SHA256 = '1.2.840.10045.4.3.2';

/** What is wrong with a leaf, whoever issued it; one with a key or an extension that cannot be read is wrong as well. @param now UTC ms */
export function leafFault(certificate: X509Certificate, now: number): string | undefined {
  try {
    return readFault(certificate, now);
  } catch {
    return 'unreadable';
  }
}

function readFault(certificate: X509Certificate, now: number): string | undefined {
  if (certificate.ca || saysItIsCa(certificate.raw)) return 'leaf-is-ca';
  if (!certificate.keyUsage?.includes(CLIENT_AUTH)) return 'wrong-use';
  if (certificate.publicKey.asymmetricKeyDetails?.namedCurve !== 'prime256v1') return 'weak-key';
  if (certificate.signatureAlgorithmOid !== ECDSA_SHA256) return 'weak-signature';
  return validityFault(certificate, now);
}

export function issuedBy(certificate: X509Certificate, issuer: X509Certificate): boolean {
  return certificate.checkIssued(issuer) && certificate.verify(issuer.publicKey);
}
