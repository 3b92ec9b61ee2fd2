import { createHash, type KeyObject, X509Certificate } from 'node:crypto';
import { CLIENT_AUTH, saysItIsCa, validityFault } from '../../../platform/ports/leaf-claims.ts';

const ES256 = 'ecdsa-with-SHA256';

/** A concentrator's certificate is revoked when its successor had time to arrive, milliseconds. */
export const RELAY_CERTIFICATE_OVERLAP = 7 * 86_400_000;

export type CertificateFault =
  | 'certificate-unreadable'
  | 'certificate-expired'
  | 'certificate-not-yet-valid'
  | 'certificate-wrong-subject'
  | 'certificate-wrong-algorithm'
  | 'certificate-wrong-use'
  | 'certificate-wrong-issuer';

export interface LeafExpectation {
  /** Common name the certificate must carry. */
  readonly commonName: string;
  /** UTC ms. */
  readonly at: number;
  /** Certificate of the sub-CA that must have signed it, DER. */
  readonly issuer?: Buffer;
}

/**
 * What is wrong with a device certificate: it must be an ES256 leaf for client authentication, valid now, of this
 * subject and, where the issuer is given, signed by it. Whether it is revoked only the registry knows.
 * @source X.1332 10.1 (mutual authentication)
 */
export function certificateFault(der: Uint8Array, expected: LeafExpectation): CertificateFault | undefined {
  const leaf = readCertificate(der);
  if (leaf === undefined) return 'certificate-unreadable';
  if (expected.issuer !== undefined && !issuedBy(leaf, expected.issuer)) return 'certificate-wrong-issuer';
  if (!isP256(leaf) || leaf.signatureAlgorithm !== ES256) return 'certificate-wrong-algorithm';
  const isCa = isAuthority(der);
  if (isCa === undefined) return 'certificate-unreadable';
  if (isCa || !(leaf.keyUsage ?? []).includes(CLIENT_AUTH)) return 'certificate-wrong-use';
  if (leaf.subject !== `CN=${expected.commonName}`) return 'certificate-wrong-subject';
  const fault = validityFault(leaf, expected.at);
  return fault && `certificate-${fault}`;
}

export function readCertificate(der: Uint8Array): X509Certificate | undefined {
  try {
    return new X509Certificate(der);
  } catch {
    return undefined;
  }
}

/** @returns undefined for a key of no kind that OpenSSL knows, which makes no certificate unreadable */
function publicKeyOf(certificate: X509Certificate): KeyObject | undefined {
  try {
    return certificate.publicKey;
  } catch {
    return undefined;
  }
}

/** SHA-256 of the DER, hex. */
export function fingerprintOf(der: Uint8Array): string {
  return createHash('sha256').update(der).digest('hex');
}

/** @returns undefined where nobody can tell: its DER is broken */
function isAuthority(der: Uint8Array): boolean | undefined {
  try {
    return saysItIsCa(der);
  } catch {
    return undefined;
  }
}

function issuedBy(leaf: X509Certificate, issuer: Buffer): boolean {
  const authority = readCertificate(issuer);
  const key = authority && publicKeyOf(authority);
  return key !== undefined && leaf.checkIssued(authority!) && leaf.verify(key);
}

function isP256(leaf: X509Certificate): boolean {
  const publicKey = publicKeyOf(leaf);
  return publicKey?.asymmetricKeyType === 'ec' && publicKey.asymmetricKeyDetails?.namedCurve === 'prime256v1';
}
