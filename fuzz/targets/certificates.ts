import 'reflect-metadata';
import { webcrypto } from 'node:crypto';
import { cryptoProvider, ExtendedKeyUsageExtension, Pkcs10CertificateRequestGenerator, X509CertificateGenerator } from '@peculiar/x509';
import { certificateFault, readCertificate } from '../../lambdas/shared/devices/certificates.ts';
import { readRequest } from '../../lambdas/shared/devices/requests.ts';
import { leafFault } from '../../platform/doors/leaf-check.ts';
import { benchPair } from '../keys.ts';
import { Broken, type FuzzTarget } from '../target.ts';

const ES256 = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' };
const CLIENT = '1.3.6.1.5.5.7.3.2';
const NOW = Date.UTC(2026, 0, 5);
const { privateKey, publicKey } = benchPair('certificate');

async function webKeys(): Promise<webcrypto.CryptoKeyPair> {
  const read = (key: typeof privateKey, use: webcrypto.KeyUsage) =>
    webcrypto.subtle.importKey('jwk', key.export({ format: 'jwk' }) as webcrypto.JsonWebKey, ES256, true, [use]);
  return { privateKey: await read(privateKey, 'sign'), publicKey: await read(publicKey, 'verify') } as webcrypto.CryptoKeyPair;
}

async function requests(): Promise<Buffer[]> {
  cryptoProvider.set(webcrypto as never);
  const keys = await webKeys();
  const made = await Pkcs10CertificateRequestGenerator.create({ name: 'CN=dc-1', keys, signingAlgorithm: ES256 });
  return [Buffer.from(made.rawData)];
}

async function certificates(): Promise<Buffer[]> {
  cryptoProvider.set(webcrypto as never);
  const made = await X509CertificateGenerator.createSelfSigned({
    ...{ serialNumber: '01', name: 'CN=dc-1', keys: await webKeys(), signingAlgorithm: ES256 },
    ...{ notBefore: new Date(NOW - 86_400_000), notAfter: new Date(NOW + 86_400_000) },
    extensions: [new ExtendedKeyUsageExtension([CLIENT])],
  });
  return [Buffer.from(made.rawData)];
}

const oid = (hex: string) => Buffer.from(hex, 'hex');
/** P-256, secp256k1, RSA, Ed25519, basic constraints of a CA, and lengths of DER. */
const dictionary = [
  ...[oid('06082a8648ce3d030107'), oid('06052b8104000a'), oid('06092a864886f70d010101'), oid('06032b6570'), oid('06072a8648ce3d0201')],
  ...[oid('0603551d13'), oid('0101ff'), oid('3000'), oid('0500'), oid('3082ffff'), oid('3080'), oid('0000'), oid('308400000001')],
];

/** As a device's and as a caller's; what both let through they must agree on. */
function readCertificates(input: Buffer): boolean {
  const fault = certificateFault(input, { commonName: 'dc-1', at: NOW });
  const certificate = readCertificate(input);
  if (certificate === undefined) return false;
  const other = leafFault(certificate, NOW);
  if (fault === undefined && other !== undefined) throw new Broken(`one check lets through what is ${other} to the other`);
  return true;
}

export const CERTIFICATE_TARGETS: readonly FuzzTarget[] = [
  {
    ...{
      name: 'certificate',
      what: 'certificates of devices',
      covers: ['lambdas/shared/devices/certificates.ts', 'platform/doors/leaf-check.ts'],
      mostBytes: 1_024,
      share: 2,
    },
    ...{ dictionary, codes: [], seeds: certificates },
    run: readCertificates,
  },
  {
    ...{
      name: 'certificate-request',
      what: 'certificate requests of devices',
      covers: ['lambdas/shared/devices/requests.ts'],
      mostBytes: 1_024,
      share: 1,
    },
    ...{ dictionary, codes: [], seeds: requests },
    run: async (input) => (await readRequest(input)) !== undefined,
  },
];
