import { LADDER } from '../../domain/enrolment/limits.ts';
import { meter } from '../../domain/enrolment/meter.ts';
import type { ActiveMeter, Identity, MeterState } from '../../domain/enrolment/meter-state.ts';
import { relayServes } from '../../domain/enrolment/relays.ts';
import { type SignedMessage, verifySigned } from '../../protocol/handshake.ts';
import { meterThing } from '../../topology/device-access.ts';
import { certificateFault, fingerprintOf, readCertificate } from '../shared/devices/certificates.ts';
import { foldStream } from '../shared/streams.ts';
import type { KeysContext } from './context.ts';
import type { Arrival } from './junk.ts';

export type Sender =
  | { readonly verified: true; readonly meter: ActiveMeter; readonly speaksAs: 'current' | 'previous' }
  | { readonly verified: false; readonly reason: string };

/**
 * Is this message from the meter it names? What is known here is looked at first, the signature after it, and the registry is
 * asked last and once, for the one certificate that verified: a forged message costs no call. A certificate that was
 * renewed counts beside its successor for 90 days, as long as nobody revoked it.
 * @source X.1332 10.1 (mutual authentication)
 */
export async function identify(context: KeysContext, arrival: Arrival, signed: SignedMessage<{ meterId: string }>): Promise<Sender> {
  const { meterId } = signed.message;
  const { state } = await foldStream(context.platform.events, `meter/${meterId}`, meter, context.meters);
  if (state.status !== 'active') return refused(standingReason(state));
  if (context.defences.relayAssignment && !relayServes(state.relays, arrival.dcId, arrival.brokerTime)) return refused('unassigned-relay');
  const now = context.platform.clock.now();
  let reason = 'not-authentic';
  for (const { der, speaksAs } of candidates(state.identity, now)) {
    const fault = certificateFault(der, { commonName: meterThing(meterId), at: now });
    if (speaksAs === 'current' && fault !== undefined) reason = fault;
    if (fault !== undefined || !isSignedBy(context, signed, der)) continue;
    const standing = await standingFault(context, der);
    return standing === undefined ? { verified: true, meter: state, speaksAs } : refused(standing);
  }
  return refused(reason);
}

function candidates(identity: Identity, now: number): { der: Uint8Array; speaksAs: 'current' | 'previous' }[] {
  const current = { der: identity.certificate, speaksAs: 'current' as const };
  const { previous } = identity;
  if (previous === undefined || now - previous.replacedAt > LADDER.previousCertificate) return [current];
  return [current, { der: previous.certificate, speaksAs: 'previous' }];
}

async function standingFault(context: KeysContext, der: Uint8Array): Promise<string | undefined> {
  if (!context.defences.certificateStatus) return undefined;
  const status = await context.platform.devices.certificateStatus(fingerprintOf(der));
  if (status === undefined) return 'certificate-unknown';
  return status === 'active' ? undefined : 'certificate-revoked';
}

function isSignedBy(context: KeysContext, signed: SignedMessage<unknown>, der: Uint8Array): boolean {
  if (!context.defences.helloSignature) return true;
  const certificate = readCertificate(der);
  return certificate !== undefined && verifySigned(signed, certificate.publicKey);
}

function standingReason(state: MeterState): string {
  if (state.status === 'unknown') return 'meter-unknown';
  return state.status === 'enrolled' ? 'meter-not-active' : `meter-${state.status}`;
}

function refused(reason: string): Sender {
  return { verified: false, reason };
}
