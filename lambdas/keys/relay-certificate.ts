import { TO_CONCENTRATOR } from '../../protocol/batch.ts';
import { concentratorThing } from '../../topology/device-access.ts';
import * as agenda from '../shared/devices/agenda.ts';
import { noteEnds } from '../shared/devices/certificate-ends.ts';
import { fingerprintOf, RELAY_CERTIFICATE_OVERLAP, readCertificate } from '../shared/devices/certificates.ts';
import { foldRelay, runRelay } from '../shared/devices/relays.ts';
import { readRequest } from '../shared/devices/requests.ts';
import { publish } from './answering.ts';
import type { KeysContext } from './context.ts';
import type { Arrival } from './junk.ts';
import { discard } from './refusing.ts';

/**
 * A concentrator asks, over its own authenticated link, for the certificate of a new key. The same request gets the same
 * certificate. @source X.1332 10.1 (concentrator keys made, stored, renewed, revoked)
 */
export async function onRelayRequest(context: KeysContext, arrival: Arrival): Promise<void> {
  const { dcId, brokerTime, bytes: csr } = arrival;
  const thing = concentratorThing(dcId);
  if (context.defences.rateLimits && !context.limits.relayCertificate.take(dcId, brokerTime))
    return discard(context, arrival, 'relay-throttled');
  const { state } = await foldRelay(context.platform, dcId, context.relays);
  if (state.standing !== 'registered') return discard(context, arrival, 'not-authentic');
  const device = await context.platform.devices.find(thing);
  const active = (device?.certificates ?? []).filter((certificate) => certificate.status === 'active');
  const request = await readRequest(csr);
  if (request === undefined || active.length === 0) return discard(context, arrival, 'not-authentic');
  const known = active.find(({ der }) => readCertificate(der)?.publicKey.equals(request.publicKey));
  const certificate = known?.der ?? (await context.platform.devices.issueCertificate(thing, 'concentrator', csr));
  const at = context.platform.clock.now();
  const command = { type: 'RegisterRelay' as const, dcId, fingerprint: fingerprintOf(certificate), at };
  await agenda.note(context.platform.directory, [{ who: thing, at: at + RELAY_CERTIFICATE_OVERLAP }]);
  if (known === undefined) await noteEnds(context.platform.directory, [{ thing, role: 'concentrator', certificate }]);
  const { events } = await runRelay(context.platform, dcId, command, context.relays);
  if (events.length > 0) context.counters.add('CertificateRenewed');
  await publish(context.platform, dcId, TO_CONCENTRATOR, Buffer.from(certificate));
}
