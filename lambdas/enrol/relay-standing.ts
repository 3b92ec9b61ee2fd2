import type { RelayCommand, RelayState } from '../../domain/enrolment/relay.ts';
import type { Platform } from '../../platform/ports/platform.ts';
import { concentratorThing } from '../../topology/device-access.ts';
import { runRelay } from '../shared/devices/relays.ts';

/** Cuts a concentrator off at the gateway, or lets it in again. What it brought before stays as it was judged. */
export async function amendRelay(
  platform: Platform,
  dcId: string,
  command: Extract<RelayCommand, { type: 'QuarantineRelay' | 'ReleaseRelay' }>,
): Promise<RelayState> {
  const { state } = await runRelay(platform, dcId, command);
  await platform.devices.setQuarantined(concentratorThing(dcId), state.standing === 'quarantined');
  return state;
}
