import { meter } from '../../domain/enrolment/meter.ts';
import type { Platform } from '../../platform/ports/platform.ts';
import { concentratorThing } from '../../topology/device-access.ts';
import type { Counters } from '../middleware/counters.ts';
import { keepingCutOff } from '../shared/devices/kept-standing.ts';
import type { KnownMeters } from '../shared/devices/known-meters.ts';
import { type Relays, runRelay } from '../shared/devices/relays.ts';
import { tellQuarantine } from '../shared/devices/tell-quarantine.ts';
import type { Segments } from '../shared/segments.ts';
import { runDecider } from '../shared/streams.ts';
import type { TelemetryMessage } from './telemetry-message.ts';
import type { Throttles } from './throttles.ts';

/** Where a worker sees who floods, and where it is told. */
interface Watched {
  readonly platform: Platform;
  readonly counters: Counters;
  readonly segments: Segments;
  readonly relays: Relays;
  readonly throttles: Throttles;
  readonly known: KnownMeters;
}

/**
 * Meters that went on flooding are quarantined, first in their own stream, then in the segment, which refuses them unopened
 * from then on; a concentrator's excess is reported to its stream, which decides what becomes of it.
 * @source X.1332 8.1, 10.1 (denial of service)
 */
export async function quarantineFlooders(
  { platform, counters, segments, relays, throttles, known }: Watched,
  { dcId, brokerTime: at }: TelemetryMessage,
): Promise<void> {
  const { log } = platform;
  for (const number of throttles.takeFlooding()) {
    const meterId = known.meterId(number);
    const command = { type: 'Quarantine' as const, reason: 'flooding', at };
    const kept = keepingCutOff(platform, 'meter', meterId);
    const { state, events } = await runDecider(platform.events, `meter/${meterId}`, meter, command, undefined, kept);
    for (const { type, data } of events) if (type === 'MeterQuarantined') tellQuarantine({ log, counters }, data.reason);
    if (state.status === 'unknown' || state.segment === undefined) continue;
    await segments.execute(state.segment, { type: 'AmendMember', meterId, status: 'quarantined', at });
  }
  const frames = throttles.takeRelayExcess(dcId);
  if (frames === 0) return;
  const report = { type: 'ReportFlood' as const, frames, at };
  const { events } = await runRelay(platform, dcId, report, relays, keepingCutOff(platform, 'relay', dcId));
  for (const { type, data } of events) {
    if (type !== 'RelayQuarantined') continue;
    await platform.devices.setQuarantined(concentratorThing(dcId), true);
    tellQuarantine({ log, counters }, data.reason);
  }
}
