import 'reflect-metadata';
import * as x509 from '@peculiar/x509';

/** Client authentication: what certificates of devices, concentrators and people are for. */
export const CLIENT_AUTH = '1.3.6.1.5.5.7.3.2';

/**
 * Whether a certificate says of itself that it is a CA: OpenSSL calls it one only when its key usage agrees, and what it says is enough to refuse it.
 * @throws where DER is broken, also in ways that OpenSSL overlooks
 */
export function saysItIsCa(der: Uint8Array): boolean {
  return new x509.X509Certificate(der as Uint8Array<ArrayBuffer>).getExtension(x509.BasicConstraintsExtension)?.ca ?? false;
}
