import { MILLISECONDS } from '../../domain/enrolment/limits.ts';
import { meter } from '../../domain/enrolment/meter.ts';
import type { ActiveMeter } from '../../domain/enrolment/meter-state.ts';
import { encodeCertificate } from '../../protocol/downlink.ts';
import type { Renewal, SignedMessage } from '../../protocol/handshake.ts';
import { meterThing } from '../../topology/device-access.ts';
import { readCertificate } from '../shared/devices/certificates.ts';
import { type CertificateRequest, readRequest } from '../shared/devices/requests.ts';
import { runDecider } from '../shared/streams.ts';
import type { KeysContext } from './context.ts';
import type { Arrival } from './junk.ts';
import { refuse } from './refusing.ts';
import { sendSealed } from './sealed-downlink.ts';
import { identify } from './sender.ts';

/**
 * A meter made a new identity key and asks for its certificate, signed by the old key: issued, recorded, sent back. The
 * same request gets the same certificate; another one within a day is turned away.
 * @source X.1332 10.1 (keys refreshed securely)
 */
export async function onRenewal(context: KeysContext, arrival: Arrival, renewal: SignedMessage<Renewal>): Promise<void> {
  const { meterId, csr } = renewal.message;
  const sender = await identify(context, arrival, renewal);
  if (!sender.verified) return refuse(context, arrival, meterId, sender.reason);
  const request = await readRequest(csr);
  if (request?.subject !== `CN=${meterThing(meterId)}`) return refuse(context, arrival, meterId, 'request-refused');
  const known = await issuedBefore(context, sender.meter, request);
  if (known === undefined && renewedToday(context, sender.meter)) return refuse(context, arrival, meterId, 'renewal-too-soon');
  const certificate = known ?? (await context.platform.devices.issueCertificate(meterThing(meterId), 'meter', csr));
  const command = { type: 'RenewCertificate' as const, certificate, at: context.platform.clock.now() };
  const { state, events } = await runDecider(context.platform.events, `meter/${meterId}`, meter, command, context.meters);
  if (events.length > 0) context.counters.add('CertificateRenewed');
  if (state.status === 'active') await sendSealed(context, state, arrival.dcId, 'certificate', encodeCertificate({ certificate }));
}

/** The certificate this very key has already: recorded, or issued before a crash. */
async function issuedBefore(context: KeysContext, from: ActiveMeter, request: CertificateRequest): Promise<Buffer | undefined> {
  const device = await context.platform.devices.find(meterThing(from.meterId));
  const found = device?.certificates.find(
    ({ der, status }) => status === 'active' && readCertificate(der)?.publicKey.equals(request.publicKey) === true,
  );
  return found && Buffer.from(found.der);
}

function renewedToday(context: KeysContext, from: ActiveMeter): boolean {
  const { previous } = from.identity;
  return previous !== undefined && context.platform.clock.now() - previous.replacedAt < MILLISECONDS.day;
}
