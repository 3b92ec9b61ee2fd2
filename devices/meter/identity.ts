import { type KeyObject, X509Certificate } from 'node:crypto';

/** The meter's identity in its secure element: it survives a reboot and changes only by renewal. */
export interface MeterIdentity {
  /** P-256. */
  privateKey: KeyObject;
  /** X.509 DER. */
  certificate: Buffer;
}

/** @returns UTC ms */
export function expiryOf(certificate: Buffer): number {
  return new X509Certificate(certificate).validToDate.getTime();
}

/** Is this certificate for this thing and for this key? */
export function certifies(der: Buffer, privateKey: KeyObject, thing: string): boolean {
  try {
    const certificate = new X509Certificate(der);
    return certificate.subject === `CN=${thing}` && certificate.checkPrivateKey(privateKey);
  } catch {
    return false;
  }
}
