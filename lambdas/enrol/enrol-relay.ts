import { JoulekeepError } from '../../events/index.ts';
import type { Platform } from '../../platform/ports/platform.ts';
import { concentratorThing } from '../../topology/device-access.ts';
import { noteEnds } from '../shared/devices/certificate-ends.ts';
import { fingerprintOf } from '../shared/devices/certificates.ts';
import { runRelay } from '../shared/devices/relays.ts';
import { registerDevices } from './register-device.ts';

/**
 * Registers a concentrator with its certificate. Again for a certificate it got since; else once, and repeated it finishes what broke off.
 * @throws ERR_RELAY_ID for an id that is not 1 to 32 of a-z, 0-9 and -
 */
export async function enrolRelay(platform: Platform, dcId: string, certificate: Buffer): Promise<void> {
  if (!/^[a-z0-9-]{1,32}$/.test(dcId)) throw new JoulekeepError('ERR_RELAY_ID', 'concentrator id of 1 to 32 of a-z, 0-9, - expected');
  const command = { type: 'RegisterRelay' as const, dcId, fingerprint: fingerprintOf(certificate), at: platform.clock.now() };
  const { state } = await runRelay(platform, dcId, command);
  const quarantined = state.standing === 'quarantined';
  const device = { thing: concentratorThing(dcId), role: 'concentrator', certificate } as const;
  await registerDevices(platform, [{ ...device, quarantined }]);
  await noteEnds(platform.directory, [device]);
}
