import 'reflect-metadata';
import { generateKeyPairSync, type KeyObject, randomBytes, webcrypto } from 'node:crypto';
import {
  BasicConstraintsExtension,
  cryptoProvider,
  ExtendedKeyUsageExtension,
  KeyUsageFlags,
  KeyUsagesExtension,
  Pkcs10CertificateRequest,
  Pkcs10CertificateRequestGenerator,
  type X509Certificate,
  X509CertificateGenerator,
} from '@peculiar/x509';
import { JoulekeepError } from '../../events/index.ts';
import type { DeviceRole } from '../../platform/ports/platform.ts';

cryptoProvider.set(webcrypto as never);

const ES256 = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' } as const;
const DAY = 86_400_000;

/** UTC ms. */
export interface Validity {
  readonly notBefore: number;
  readonly notAfter: number;
}

export interface LeafOptions extends Validity {
  readonly commonName: string;
  /** A leaf that claims to be a CA (hostile input D10). */
  readonly ca?: boolean;
  /** OIDs of extended key usage; client authentication unless told otherwise. */
  readonly extendedKeyUsage?: readonly string[];
}

/** A private CA in memory: one sub-CA per role, each under its own name. */
export class MemoryCa {
  readonly #roles = new Map<string, Promise<{ keys: webcrypto.CryptoKeyPair; certificate: X509Certificate }>>();

  /** Signs a CSR as a leaf of the role's sub-CA. @returns DER @throws ERR_CSR_REFUSED when its own signature is wrong */
  async issue(role: DeviceRole | 'stranger', csr: Buffer, options: LeafOptions): Promise<Buffer> {
    const request = new Pkcs10CertificateRequest(csr);
    if (!(await request.verify())) throw new JoulekeepError('ERR_CSR_REFUSED', 'request not signed by its key');
    const { keys, certificate } = await this.#subCa(role);
    const leaf = await X509CertificateGenerator.create({
      serialNumber: randomBytes(16)
        .toString('hex')
        .replace(/^[89a-f]/, '1'),
      subject: `CN=${options.commonName}`,
      issuer: certificate.subject,
      notBefore: new Date(options.notBefore),
      notAfter: new Date(options.notAfter),
      signingKey: keys.privateKey,
      publicKey: await request.publicKey.export(),
      signingAlgorithm: ES256,
      extensions: [
        new BasicConstraintsExtension(options.ca ?? false, undefined, true),
        new KeyUsagesExtension(KeyUsageFlags.digitalSignature, true),
        new ExtendedKeyUsageExtension([...(options.extendedKeyUsage ?? ['1.3.6.1.5.5.7.3.2'])]),
      ],
    });
    return Buffer.from(leaf.rawData);
  }

  /** The certificate of the role's sub-CA, DER. */
  async certificate(role: DeviceRole | 'stranger'): Promise<Buffer> {
    return Buffer.from((await this.#subCa(role)).certificate.rawData);
  }

  #subCa(role: string): Promise<{ keys: webcrypto.CryptoKeyPair; certificate: X509Certificate }> {
    const known = this.#roles.get(role) ?? makeSubCa(role);
    this.#roles.set(role, known);
    return known;
  }
}

async function makeSubCa(role: string): Promise<{ keys: webcrypto.CryptoKeyPair; certificate: X509Certificate }> {
  const keys = (await webcrypto.subtle.generateKey(ES256, true, ['sign', 'verify'])) as webcrypto.CryptoKeyPair;
  const certificate = await X509CertificateGenerator.createSelfSigned({
    serialNumber: '01',
    name: `CN=${role} sub-CA`,
    notBefore: new Date(0),
    notAfter: new Date(40_000 * DAY),
    keys,
    signingAlgorithm: ES256,
    extensions: [new BasicConstraintsExtension(true, 0, true), new KeyUsagesExtension(KeyUsageFlags.keyCertSign, true)],
  });
  return { keys, certificate };
}

/** A device's own ES256 key and a CSR for it. */
export async function deviceKey(commonName: string): Promise<{ privateKey: KeyObject; publicKey: KeyObject; csr: Buffer }> {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  return { privateKey, publicKey, csr: await csrFor(commonName, privateKey, publicKey) };
}

/** A CSR for a key pair. The two may be strangers: then the request's own signature is wrong. */
export async function csrFor(commonName: string, privateKey: KeyObject, publicKey: KeyObject): Promise<Buffer> {
  const pkcs8 = privateKey.export({ format: 'der', type: 'pkcs8' });
  const spki = publicKey.export({ format: 'der', type: 'spki' });
  const keys = {
    privateKey: await webcrypto.subtle.importKey('pkcs8', pkcs8, ES256, true, ['sign']),
    publicKey: await webcrypto.subtle.importKey('spki', spki, ES256, true, ['verify']),
  };
  const request = await Pkcs10CertificateRequestGenerator.create({ name: `CN=${commonName}`, keys, signingAlgorithm: ES256 });
  return Buffer.from(request.rawData);
}

/** Self-made certificates with algorithms nobody may use any more, for hostile inputs. */
export async function outdatedCertificate(commonName: string, kind: 'rsa-1024' | 'sha-1', validity: Validity): Promise<Buffer> {
  const rsa = { name: 'RSASSA-PKCS1-v1_5', hash: 'SHA-256', publicExponent: new Uint8Array([1, 0, 1]), modulusLength: 1024 } as const;
  const algorithm = kind === 'rsa-1024' ? rsa : { ...ES256, hash: 'SHA-1' };
  const keys = (await webcrypto.subtle.generateKey(algorithm, true, ['sign', 'verify'])) as webcrypto.CryptoKeyPair;
  const certificate = await X509CertificateGenerator.createSelfSigned({
    serialNumber: '02',
    name: `CN=${commonName}`,
    notBefore: new Date(validity.notBefore),
    notAfter: new Date(validity.notAfter),
    keys,
    signingAlgorithm: algorithm,
    extensions: [new ExtendedKeyUsageExtension(['1.3.6.1.5.5.7.3.2'])],
  });
  return Buffer.from(certificate.rawData);
}
