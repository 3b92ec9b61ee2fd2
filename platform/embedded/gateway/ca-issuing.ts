import 'reflect-metadata';
import { createPublicKey, randomBytes, webcrypto, X509Certificate } from 'node:crypto';
import * as x509 from '@peculiar/x509';
import { openKeyPair, readCertificate, writeCertificate } from './ca-files.ts';

const ECDSA_P256 = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' } as const;
const SERVER_AUTH = '1.3.6.1.5.5.7.3.1';
const CSR_BYTES = 4_096;
const DAY = 86_400_000;

/** Extended key usage of a device's certificate. */
export const CLIENT_AUTH = '1.3.6.1.5.5.7.3.2';

/** Private key and certificate of an issuer, prepared for signing. */
export interface Issuer {
  readonly certificate: X509Certificate;
  readonly pem: string;
  readonly signingKey: webcrypto.CryptoKey;
  readonly authorityKey: x509.AuthorityKeyIdentifierExtension;
}

/** TLS identity of the broker, PEM; the chain holds leaf and issuer, not the root. */
export interface ServerIdentity {
  readonly key: string;
  readonly chain: string;
}

export interface Validity {
  /** UTC ms. */
  readonly notBefore: number;
  readonly notAfter: number;
}

/** @returns the key asked for @throws Error when the request is not exactly what `CertificateAuthority.issue` wants */
export async function checkRequest(thing: string, csr: Buffer): Promise<x509.PublicKey> {
  if (csr.length > CSR_BYTES) throw new Error('too long');
  const request = new x509.Pkcs10CertificateRequest(csr);
  if (request.subject !== `CN=${thing}`) throw new Error('subject');
  const key = createPublicKey({ key: Buffer.from(request.publicKey.rawData), format: 'der', type: 'spki' });
  if (key.asymmetricKeyDetails?.namedCurve !== 'prime256v1') throw new Error('key');
  const algorithm = request.signatureAlgorithm as unknown as { name: string; hash?: { name: string } };
  if (algorithm.name !== 'ECDSA' || algorithm.hash?.name !== 'SHA-256') throw new Error('signature algorithm');
  if (!(await request.verify(webcrypto))) throw new Error('signature');
  return request.publicKey;
}

/** Reads an issuer from its files, making it the first time. @param parent absent for the root */
export async function openIssuer(
  directory: string,
  name: string,
  spec: Validity & { pathLength: number },
  parent?: Issuer,
): Promise<Issuer> {
  const pair = openKeyPair(directory, name);
  const signingKey = pair.privateKey.toCryptoKey(ECDSA_P256, false, ['sign']);
  const publicKey = new x509.PublicKey(pair.publicKey.export({ format: 'der', type: 'spki' }));
  let pem = readCertificate(directory, name);
  if (pem === undefined) {
    const certificate = await x509.X509CertificateGenerator.create(
      {
        serialNumber: serialNumber(),
        subject: `CN=Joulekeep ${name}`,
        issuer: parent?.certificate.subject ?? `CN=Joulekeep ${name}`,
        notBefore: new Date(spec.notBefore),
        notAfter: new Date(spec.notAfter),
        publicKey,
        signingKey: parent?.signingKey ?? signingKey,
        signingAlgorithm: ECDSA_P256,
        extensions: [
          new x509.BasicConstraintsExtension(true, spec.pathLength, true),
          new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.cRLSign, true),
          await x509.SubjectKeyIdentifierExtension.create(publicKey, false, webcrypto),
          ...(parent === undefined ? [] : [parent.authorityKey]),
        ],
      },
      webcrypto,
    );
    pem = certificate.toString('pem');
    writeCertificate(directory, name, pem);
  }
  const authorityKey = await x509.AuthorityKeyIdentifierExtension.create(publicKey, false, webcrypto);
  return { certificate: new X509Certificate(pem), pem, signingKey, authorityKey };
}

/** The broker's certificate, made anew when the one on file doesn't cover the present. */
export async function openServer(directory: string, issuer: Issuer, validity: Validity): Promise<ServerIdentity> {
  const pair = openKeyPair(directory, 'broker');
  let pem = readCertificate(directory, 'broker');
  const onFile = pem === undefined ? undefined : new X509Certificate(pem);
  const covers =
    onFile !== undefined &&
    onFile.validFromDate.getTime() <= validity.notBefore + DAY &&
    onFile.validToDate.getTime() > validity.notAfter - 4 * 365 * DAY;
  if (pem === undefined || !covers) {
    const publicKey = new x509.PublicKey(pair.publicKey.export({ format: 'der', type: 'spki' }));
    const names = new x509.SubjectAlternativeNameExtension([
      { type: 'dns', value: 'localhost' },
      { type: 'ip', value: '127.0.0.1' },
    ]);
    pem = (await signLeaf(issuer, 'CN=localhost', publicKey, validity, SERVER_AUTH, [names])).toString('pem');
    writeCertificate(directory, 'broker', pem);
  }
  return { key: pair.privateKey.export({ format: 'pem', type: 'pkcs8' }) as string, chain: `${pem}\n${issuer.pem}` };
}

export async function signLeaf(
  issuer: Issuer,
  subject: string,
  publicKey: x509.PublicKey,
  validity: Validity,
  usage: string,
  more: readonly x509.Extension[] = [],
): Promise<x509.X509Certificate> {
  return await x509.X509CertificateGenerator.create(
    {
      serialNumber: serialNumber(),
      subject,
      issuer: issuer.certificate.subject,
      notBefore: new Date(validity.notBefore),
      notAfter: new Date(validity.notAfter),
      publicKey,
      signingKey: issuer.signingKey,
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
    webcrypto,
  );
}

/** 16 random bytes, positive, no leading zero. */
function serialNumber(): string {
  const serial = randomBytes(16);
  serial[0] = (serial[0]! & 0x3f) | 0x40;
  return serial.toString('hex');
}
