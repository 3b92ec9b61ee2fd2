import { meter } from '../../domain/enrolment/meter.ts';
import type { MeterCommand } from '../../domain/enrolment/meter-command.ts';
import type { KnownMeter } from '../../domain/enrolment/meter-state.ts';
import type { MemberStatus } from '../../events/index.ts';
import type { Platform } from '../../platform/ports/platform.ts';
import { meterThing } from '../../topology/device-access.ts';
import type { Segments } from '../shared/segments.ts';
import { runDecider } from '../shared/streams.ts';
import { revokeCertificates } from './revoke-certificates.ts';

type StandingCommand = Extract<
  MeterCommand,
  { type: 'Quarantine' | 'Release' | 'Retire' | 'AssignRelay' | 'UnassignRelay' | 'ActivateMeter' }
>;

/**
 * Changes what enrolment says of one meter and tells its segment, which judges frames by it. A retired meter's
 * certificates are revoked. Repeating it repairs what a crash left undone.
 * @throws ERR_METER_UNKNOWN
 */
export async function amendMeter(
  platform: Platform,
  segments: Pick<Segments, 'execute'>,
  meterId: string,
  command: StandingCommand,
): Promise<KnownMeter> {
  const { state } = await runDecider(platform.events, `meter/${meterId}`, meter, command);
  const known = state as KnownMeter;
  if (known.segment !== undefined) {
    const { relays } = known;
    await segments.execute(known.segment, { type: 'AmendMember', meterId, relays, status: memberStatus(known), at: platform.clock.now() });
  }
  if (known.status === 'retired') await revokeCertificates(platform, meterThing(meterId));
  return known;
}

function memberStatus(state: KnownMeter): MemberStatus {
  return state.status === 'enrolled' ? 'active' : state.status;
}
