import type { Platform } from '../../platform/ports/platform.ts';
import { RELAY_CERTIFICATE_OVERLAP } from '../shared/devices/certificates.ts';
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
    ({ fingerprint, status }) => status === 'active' && fingerprint !== newest.fingerprint,
  );
  for (const { fingerprint } of replaced) await platform.devices.revoke(fingerprint);
  return replaced.length;
}
