import 'reflect-metadata';
import { createPrivateKey, webcrypto } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as x509 from '@peculiar/x509';

const HOUR = 3_600_000;
const P256 = { name: 'ECDSA', namedCurve: 'P-256' } as const;
const CLIENT_AUTH = '1.3.6.1.5.5.7.3.2';

/** What our CA would never say of a leaf. */
export interface Forgery {
  readonly ca?: boolean;
  readonly usage?: string;
  readonly notBefore?: number;
  readonly notAfter?: number;
}

/** A leaf that a sub-CA of a state's CA signed, with what it never would. @param issuer name of the sub-CA's file @returns DER and key, PEM */
export async function forgedLeaf(directory: string, issuer: string, name: string, forgery: Forgery): Promise<{ der: Buffer; key: string }> {
  const { ca = false, usage = CLIENT_AUTH, notBefore = Date.now() - HOUR, notAfter = Date.now() + HOUR } = forgery;
  const keys = (await webcrypto.subtle.generateKey(P256, true, ['sign', 'verify'])) as webcrypto.CryptoKeyPair;
  const certificate = await x509.X509CertificateGenerator.create(
    {
      serialNumber: '01',
      subject: `CN=${name}`,
      issuer: `CN=Joulekeep ${issuer}`,
      notBefore: new Date(notBefore),
      notAfter: new Date(notAfter),
      publicKey: keys.publicKey,
      signingKey: createPrivateKey(readFileSync(join(directory, `${issuer}.key.pem`))).toCryptoKey(P256, true, ['sign']),
      signingAlgorithm: { ...P256, hash: 'SHA-256' },
      extensions: [new x509.BasicConstraintsExtension(ca, undefined, true), new x509.ExtendedKeyUsageExtension([usage], true)],
    },
    webcrypto,
  );
  const pkcs8 = Buffer.from(await webcrypto.subtle.exportKey('pkcs8', keys.privateKey)).toString('base64');
  return { der: Buffer.from(certificate.rawData), key: `-----BEGIN PRIVATE KEY-----\n${pkcs8}\n-----END PRIVATE KEY-----\n` };
}
