import { meter } from '../../domain/enrolment/meter.ts';
import type { MeterCommand } from '../../domain/enrolment/meter-command.ts';
import type { KnownMeter } from '../../domain/enrolment/meter-state.ts';
import type { MemberStatus } from '../../events/index.ts';
import type { Platform } from '../../platform/ports/platform.ts';
import { meterThing } from '../../topology/device-access.ts';
import { keepingCutOff, keepLetIn } from '../shared/devices/kept-standing.ts';
import type { Segments } from '../shared/segments.ts';
import { runDecider } from '../shared/streams.ts';
import { revokeCertificates } from './revoke-certificates.ts';

type StandingCommand = Extract<
  MeterCommand,
  { type: 'Quarantine' | 'Release' | 'Retire' | 'AssignRelay' | 'UnassignRelay' | 'ActivateMeter' }
>;

/**
 * Changes what enrolment says of one meter and tells its segment, which judges frames by it. A retired meter's
 * certificates are revoked. What cuts it off is kept beside the stream as well, so that no restore lets it in. Repeating it repairs what a crash left undone.
 * @throws ERR_METER_UNKNOWN
 */
export async function amendMeter(
  platform: Platform,
  segments: Pick<Segments, 'execute'>,
  meterId: string,
  command: StandingCommand,
): Promise<KnownMeter> {
  const kept = keepingCutOff(platform, 'meter', meterId);
  const { state, events } = await runDecider(platform.events, `meter/${meterId}`, meter, command, undefined, kept);
  await keepLetIn(platform, 'meter', meterId, events);
  const known = state as KnownMeter;
  await tellOfStanding(platform, segments, known);
  return known;
}

/** What follows from what a meter's stream says, in its segment and at the gateway. Can be repeated. */
export async function tellOfStanding(platform: Platform, segments: Pick<Segments, 'execute'>, known: KnownMeter): Promise<void> {
  const { meterId, segment, relays, status } = known;
  if (segment !== undefined)
    await segments.execute(segment, { type: 'AmendMember', meterId, relays, status: memberStatus(known), at: platform.clock.now() });
  if (status === 'retired') await revokeCertificates(platform, meterThing(meterId));
}

export function memberStatus(state: KnownMeter): MemberStatus {
  return state.status === 'enrolled' ? 'active' : state.status;
}
