import 'reflect-metadata';
import { createPublicKey, type KeyObject, webcrypto } from 'node:crypto';
import { cryptoProvider, Pkcs10CertificateRequest } from '@peculiar/x509';

cryptoProvider.set(webcrypto as never);

/** Largest certificate request we look at, bytes. A P-256 request needs 250. */
export const CSR_LIMIT = 2048;

export interface CertificateRequest {
  readonly publicKey: KeyObject;
  readonly subject: string;
}

/**
 * Reads a PKCS#10 request: P-256, signed by the key it asks for.
 * @returns undefined for everything else
 */
export async function readRequest(csr: Buffer): Promise<CertificateRequest | undefined> {
  if (csr.length > CSR_LIMIT) return undefined;
  try {
    const request = new Pkcs10CertificateRequest(csr);
    const publicKey = createPublicKey({ key: Buffer.from(request.publicKey.rawData), format: 'der', type: 'spki' });
    if (publicKey.asymmetricKeyType !== 'ec' || publicKey.asymmetricKeyDetails?.namedCurve !== 'prime256v1') return undefined;
    return (await request.verify()) ? { publicKey, subject: request.subject } : undefined;
  } catch {
    return undefined;
  }
}
