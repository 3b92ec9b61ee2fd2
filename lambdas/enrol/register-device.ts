import type { Platform, RegisteredDevice } from '../../platform/ports/platform.ts';
import { fingerprintOf } from '../shared/certificates.ts';

export interface StockedIdentity extends Pick<RegisteredDevice, 'thing' | 'role'> {
  /** DER, as the utility's own records have it. */
  readonly certificate: Buffer;
  /** By the same records; a thing that the gateway keeps in quarantine stays there in any case. */
  readonly quarantined?: boolean;
}

/**
 * Tells the gateway of a device and its certificate. Repeated it finishes what broke off between two steps; where the certificate is
 * in force nothing is done, and one that was revoked stays revoked.
 * @throws ERR_CERTIFICATE_ATTACHED when another thing holds the certificate
 */
export async function registerDevice(
  platform: Platform,
  { thing, role, certificate, quarantined = false }: StockedIdentity,
): Promise<void> {
  const fingerprint = fingerprintOf(certificate);
  const known = await platform.devices.find(thing);
  // To be in force is the last step of all.
  if (known?.certificates.some((other) => other.fingerprint === fingerprint && other.status === 'active')) return;
  const certificates = [{ fingerprint, der: certificate, status: 'active' as const }];
  await platform.devices.register({ thing, role, quarantined: quarantined || (known?.quarantined ?? false), certificates });
}
