import type { Platform } from '../../platform/ports/platform.ts';
import { RELAY_CERTIFICATE_OVERLAP, readCertificate } from '../shared/devices/certificates.ts';
import { foldRelay } from '../shared/devices/relays.ts';

/**
 * Revokes what a concentrator's renewed certificate replaced, seven days after: by then the new one has arrived, or the
 * concentrator has asked for it again. @source X.1332 10.1 (concentrator keys renewed, revoked)
 */
export async function revokeReplaced(platform: Platform, dcId: string): Promise<number> {
  const { state } = await foldRelay(platform, dcId);
  if (state.standing === 'unregistered') return 0;
  const newest = state.certificates.at(-1);
  if (newest === undefined || platform.clock.now() < newest.at + RELAY_CERTIFICATE_OVERLAP) return 0;
  const device = await platform.devices.find(`dc-${dcId}`);
  const replaced = (device?.certificates ?? []).filter(
    ({ fingerprint, status, der }) => status === 'active' && fingerprint !== newest.fingerprint && !isLaterThan(der, newest.at),
  );
  for (const { fingerprint } of replaced) await platform.devices.revoke(fingerprint);
  return replaced.length;
}

/** Issued since: a restore took that back, and the concentrator has no other. */
function isLaterThan(der: Uint8Array, at: number): boolean {
  return (readCertificate(Buffer.from(der))?.validFromDate.getTime() ?? 0) > at;
}
