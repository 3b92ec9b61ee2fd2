import type { DeviceRole, Platform } from '../../platform/ports/platform.ts';
import { fingerprintOf } from '../shared/certificates.ts';

/** Tells the gateway of a device, once: a device it knows keeps its certificates as they are, revoked ones revoked. */
export async function registerDevice(platform: Platform, thing: string, role: DeviceRole, certificate: Buffer): Promise<void> {
  if ((await platform.devices.find(thing)) !== undefined) return;
  const certificates = [{ fingerprint: fingerprintOf(certificate), der: certificate, status: 'active' as const }];
  await platform.devices.register({ thing, role, quarantined: false, certificates });
}
