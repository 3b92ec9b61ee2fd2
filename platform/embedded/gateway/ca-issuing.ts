import 'reflect-metadata';
import { webcrypto, X509Certificate } from 'node:crypto';
import * as x509 from '@peculiar/x509';
import {
  authorityKeyOf,
  ECDSA_P256,
  issuerSubject,
  type LeafIssuer,
  serialNumber,
  signLeaf,
  type Validity,
} from '../../doors/leaf-certificates.ts';
import { openKeyPair, readCertificate, writeCertificate } from './ca-files.ts';

const SERVER_AUTH = '1.3.6.1.5.5.7.3.1';
const DAY = 86_400_000;

/** Private key and certificate of an issuer, prepared for signing. */
export interface Issuer extends LeafIssuer {
  readonly certificate: X509Certificate;
  readonly pem: string;
  readonly signingKey: webcrypto.CryptoKey;
}

/** TLS identity of the broker, PEM; the chain holds leaf and issuer, not the root. */
export interface ServerIdentity {
  readonly key: string;
  readonly chain: string;
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
        subject: issuerSubject(name),
        issuer: parent?.subject ?? issuerSubject(name),
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
  return {
    certificate: new X509Certificate(pem),
    pem,
    signingKey,
    subject: issuerSubject(name),
    authorityKey: await authorityKeyOf(pair.publicKey.export({ format: 'der', type: 'spki' })),
    sign: async (bytes) => new Uint8Array(await webcrypto.subtle.sign(ECDSA_P256, signingKey, bytes)),
  };
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
