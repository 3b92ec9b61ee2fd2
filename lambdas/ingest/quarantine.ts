import { meter } from '../../domain/enrolment/meter.ts';
import type { Platform } from '../../platform/ports/platform.ts';
import { keepingCutOff } from '../shared/devices/kept-standing.ts';
import type { KnownMeters } from '../shared/devices/known-meters.ts';
import { type Relays, runRelay } from '../shared/devices/relays.ts';
import type { Segments } from '../shared/segments.ts';
import { runDecider } from '../shared/streams.ts';
import type { TelemetryMessage } from './telemetry-message.ts';
import type { Throttles } from './throttles.ts';

/**
 * Meters that went on flooding are quarantined, first in their own stream, then in the segment, which refuses them unopened
 * from then on; a concentrator's excess is reported to its stream, which decides what becomes of it.
 * @source X.1332 8.1, 10.1 (denial of service)
 */
export async function quarantineFlooders(
  platform: Platform,
  segments: Segments,
  relays: Relays,
  throttles: Throttles,
  known: KnownMeters,
  message: TelemetryMessage,
): Promise<void> {
  const at = message.brokerTime;
  for (const number of throttles.takeFlooding()) {
    const meterId = known.meterId(number);
    const command = { type: 'Quarantine' as const, reason: 'flooding', at };
    const kept = keepingCutOff(platform, 'meter', meterId);
    const { state, events } = await runDecider(platform.events, `meter/${meterId}`, meter, command, undefined, kept);
    if (events.length > 0) tell(platform);
    if (state.status === 'unknown' || state.segment === undefined) continue;
    await segments.execute(state.segment, { type: 'AmendMember', meterId, status: 'quarantined', at });
  }
  const frames = throttles.takeRelayExcess(message.dcId);
  if (frames === 0) return;
  const report = { type: 'ReportFlood' as const, frames, at };
  const { events } = await runRelay(platform, message.dcId, report, relays, keepingCutOff(platform, 'relay', message.dcId));
  if (!events.some((event) => event.type === 'RelayQuarantined')) return;
  await platform.devices.setQuarantined(`dc-${message.dcId}`, true);
  tell(platform);
}

function tell({ log }: Platform): void {
  log.warn('device quarantined', { code: 'DEVICE_QUARANTINED', reason: 'flooding' });
}
