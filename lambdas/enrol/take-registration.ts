import { JoulekeepError } from '../../events/index.ts';
import type { PendingCertificates } from '../../platform/ports/pending-certificates.ts';
import type { Log, Platform } from '../../platform/ports/platform.ts';
import type { Counters } from '../middleware/counters.ts';
import { fingerprintOf } from '../shared/devices/certificates.ts';
import { inStock } from './in-stock.ts';

export interface EnrolContext {
  readonly platform: Platform;
  readonly pending: PendingCertificates;
  readonly counters: Counters;
  readonly log: Log;
}

/**
 * A certificate was shown for the first time and waits: it is put in force when its device is in stock with it, and left waiting
 * otherwise. Delivered again it finishes what broke off. One that was revoked comes back by no way: the registry brings back none.
 * @param certificateId SHA-256 of the DER, hex
 * @throws ERR_REGISTRATION when the gateway hands out another certificate than it was asked for
 */
export async function takeRegistration(context: EnrolContext, certificateId: string): Promise<void> {
  const { platform, pending, counters, log } = context;
  const der = await pending.find(certificateId);
  if (der === undefined) return counters.add('RegistrationRepeated');
  if (fingerprintOf(der) !== certificateId) throw new JoulekeepError('ERR_REGISTRATION', 'certificate is not the one that was asked for');
  const refuse = (reason: string) => {
    log.warn('certificate left waiting', { code: 'REGISTRATION_REFUSED', reason });
    counters.add('RegistrationRefused');
  };
  const stocked = await inStock(platform, der);
  if ('refused' in stocked) return refuse(stocked.refused);
  const { thing, role } = stocked;
  const device = await platform.devices.find(thing);
  const certificates = [{ fingerprint: certificateId, der, status: 'active' as const }];
  await platform.devices.register({ thing, role, quarantined: device?.quarantined ?? false, certificates });
  // Told by what holds now: before, one whose registering broke off looks like a revoked one.
  if ((await platform.devices.certificateStatus(certificateId)) !== 'active') return refuse('revoked');
  counters.add('RegistrationAccepted');
}
