import 'reflect-metadata';
import { createPublicKey, randomBytes, webcrypto } from 'node:crypto';
import * as x509 from '@peculiar/x509';
import { JoulekeepError } from '../../events/errors.ts';
import { CLIENT_AUTH } from '../ports/leaf-claims.ts';
import type { DeviceRole } from '../ports/platform.ts';

export const ECDSA_P256 = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' } as const;
const CSR_BYTES = 4_096;
const HOUR = 3_600_000;
const YEAR = 365 * 24 * HOUR;

/** Years a leaf lasts; protocol.md gives identities 3 to 5. */
export const LEAF_YEARS: Readonly<Record<DeviceRole, number>> = {
  meter: 5,
  concentrator: 3,
  'customer-device': 3,
  'third-party': 3,
  operator: 3,
};

/** Whoever signs leaves, wherever its key is. */
export interface LeafIssuer {
  /** Distinguished name, e.g. `CN=Joulekeep concentrator`. */
  readonly subject: string;
  readonly authorityKey: x509.AuthorityKeyIdentifierExtension;
  /** ECDSA P-256 with SHA-256 over the bytes. @returns r || s, 64 bytes */
  sign(bytes: Buffer): Promise<Uint8Array>;
}

export interface Validity {
  /** UTC ms. */
  readonly notBefore: number;
  readonly notAfter: number;
}

/** Subject of an issuer of the utility's own authority. @param name the role it signs for, or `root` */
export function issuerSubject(name: string): string {
  return `CN=Joulekeep ${name}`;
}

/** @param spki DER of the issuer's public key */
export function authorityKeyOf(spki: Uint8Array): Promise<x509.AuthorityKeyIdentifierExtension> {
  return x509.AuthorityKeyIdentifierExtension.create(new x509.PublicKey(Buffer.from(spki)), false, webcrypto);
}

/**
 * Signs a certificate for client authentication, from an hour ago on. Only subject and key are taken from the request.
 * @param csr PKCS #10, DER, at most 4 KiB, subject exactly `CN=<name>`, P-256, signed by its key @param now UTC ms
 * @returns DER @throws ERR_CSR_REFUSED (no detail, by design)
 */
export async function issueLeaf(issuer: LeafIssuer, name: string, csr: Buffer, now: number, years: number): Promise<Buffer> {
  const publicKey = await checkRequest(name, csr).catch(() => {
    throw new JoulekeepError('ERR_CSR_REFUSED', 'certificate request refused');
  });
  const validity = { notBefore: now - HOUR, notAfter: now + years * YEAR };
  const certificate = await signLeaf(issuer, `CN=${name}`, publicKey, validity, CLIENT_AUTH);
  return Buffer.from(certificate.rawData);
}

export async function signLeaf(
  issuer: LeafIssuer,
  subject: string,
  publicKey: x509.PublicKey,
  validity: Validity,
  usage: string,
  more: readonly x509.Extension[] = [],
): Promise<x509.X509Certificate> {
  // The library signs through what it takes for a key in this process; ours may be in the key service.
  const subtle = { sign: (_algorithm: unknown, _key: unknown, bytes: ArrayBuffer) => issuer.sign(Buffer.from(bytes)) };
  return await x509.X509CertificateGenerator.create(
    {
      serialNumber: serialNumber(),
      subject,
      issuer: issuer.subject,
      notBefore: new Date(validity.notBefore),
      notAfter: new Date(validity.notAfter),
      publicKey,
      signingKey: { algorithm: ECDSA_P256 } as unknown as webcrypto.CryptoKey,
      signingAlgorithm: ECDSA_P256,
      extensions: [
        new x509.BasicConstraintsExtension(false, undefined, true),
        new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
        new x509.ExtendedKeyUsageExtension([usage], true),
        await x509.SubjectKeyIdentifierExtension.create(publicKey, false, webcrypto),
        issuer.authorityKey,
        ...more,
      ],
    },
    { subtle } as unknown as webcrypto.Crypto,
  );
}

/** 16 random bytes, positive, no leading zero. */
export function serialNumber(): string {
  const serial = randomBytes(16);
  serial[0] = (serial[0]! & 0x3f) | 0x40;
  return serial.toString('hex');
}

/** @returns the key asked for @throws Error when the request is not exactly what `issueLeaf` wants */
async function checkRequest(name: string, csr: Buffer): Promise<x509.PublicKey> {
  if (csr.length > CSR_BYTES) throw new Error('too long');
  const request = new x509.Pkcs10CertificateRequest(csr);
  if (request.subject !== `CN=${name}`) throw new Error('subject');
  const key = createPublicKey({ key: Buffer.from(request.publicKey.rawData), format: 'der', type: 'spki' });
  if (key.asymmetricKeyDetails?.namedCurve !== 'prime256v1') throw new Error('key');
  const algorithm = request.signatureAlgorithm as unknown as { name: string; hash?: { name: string } };
  if (algorithm.name !== 'ECDSA' || algorithm.hash?.name !== 'SHA-256') throw new Error('signature algorithm');
  if (!(await request.verify(webcrypto))) throw new Error('signature');
  return request.publicKey;
}
