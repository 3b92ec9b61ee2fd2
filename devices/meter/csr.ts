import 'reflect-metadata';
import { createPublicKey, type KeyObject, type webcrypto } from 'node:crypto';
import { Pkcs10CertificateRequestGenerator } from '@peculiar/x509';

const ES256 = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' } as const;

/**
 * A certificate request for a key made in the device. @param thing `m-<meterId>` or `dc-<dcId>`, becomes the common name
 * @param privateKey P-256 @returns PKCS #10 DER @source X.1332 10.1 (keys generated securely)
 */
export async function createCsr(thing: string, privateKey: KeyObject): Promise<Buffer> {
  const keys = { privateKey: cryptoKey(privateKey, 'sign'), publicKey: cryptoKey(createPublicKey(privateKey), 'verify') };
  const request = await Pkcs10CertificateRequestGenerator.create({ name: `CN=${thing}`, keys, signingAlgorithm: ES256 });
  return Buffer.from(request.rawData);
}

function cryptoKey(key: KeyObject, usage: 'sign' | 'verify'): webcrypto.CryptoKey {
  return key.toCryptoKey(ES256, true, [usage]);
}
