import type { RelayCommand, RelayState } from '../../domain/enrolment/relay.ts';
import type { Platform } from '../../platform/ports/platform.ts';
import { concentratorThing } from '../../topology/device-access.ts';
import { keepingCutOff, keepLetIn } from '../shared/devices/kept-standing.ts';
import { runRelay } from '../shared/devices/relays.ts';

/** Cuts a concentrator off at the gateway, or lets it in again. What it brought before stays as it was judged. What cuts it off is kept beside its stream as well, so that no restore lets it in. */
export async function amendRelay(
  platform: Platform,
  dcId: string,
  command: Extract<RelayCommand, { type: 'QuarantineRelay' | 'ReleaseRelay' }>,
): Promise<RelayState> {
  const { state, events } = await runRelay(platform, dcId, command, undefined, keepingCutOff(platform, 'relay', dcId));
  await keepLetIn(platform, 'relay', dcId, events);
  await platform.devices.setQuarantined(concentratorThing(dcId), state.standing === 'quarantined');
  return state;
}
