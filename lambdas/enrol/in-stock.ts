import { meter } from '../../domain/enrolment/meter.ts';
import type { DeviceRole, Platform } from '../../platform/ports/platform.ts';
import { certificateFault, fingerprintOf, readCertificate } from '../shared/devices/certificates.ts';
import { foldRelay } from '../shared/devices/relays.ts';
import { foldStream } from '../shared/streams.ts';

export interface StockedDevice {
  readonly thing: string;
  readonly role: DeviceRole;
}

/** For the record; the device hears nothing. */
export interface NotStocked {
  readonly refused: string;
}

const THING = /^CN=((dc|m)-([a-z0-9-]{1,32}))$/;

/**
 * Whose certificate this is, by the utility's own records: the device it names is in stock or in service, and this very
 * certificate stands there. A signature of the right CA alone makes nobody known.
 * @source X.1332 10.1 (mutual authentication)
 */
export async function inStock(platform: Platform, certificate: Buffer): Promise<StockedDevice | NotStocked> {
  const [, thing, kind, id] = THING.exec(readCertificate(certificate)?.subject ?? '') ?? [];
  if (thing === undefined || id === undefined) return { refused: 'certificate-wrong-subject' };
  const fault = certificateFault(certificate, { commonName: thing, at: platform.clock.now() });
  if (fault !== undefined) return { refused: fault };
  const refused = await (kind === 'dc' ? relayFault(platform, id, certificate) : meterFault(platform, id, certificate));
  return refused === undefined ? { thing, role: kind === 'dc' ? 'concentrator' : 'meter' } : { refused };
}

async function relayFault(platform: Platform, dcId: string, certificate: Buffer): Promise<string | undefined> {
  const { state } = await foldRelay(platform, dcId);
  if (state.standing === 'unregistered') return 'not-in-stock';
  if (state.standing === 'quarantined') return 'quarantined';
  const fingerprint = fingerprintOf(certificate);
  return state.certificates.some((known) => known.fingerprint === fingerprint) ? undefined : 'certificate-not-in-stock';
}

async function meterFault(platform: Platform, meterId: string, certificate: Buffer): Promise<string | undefined> {
  const { state } = await foldStream(platform.events, `meter/${meterId}`, meter);
  if (state.status === 'unknown') return 'not-in-stock';
  if (state.status === 'retired' || state.status === 'quarantined') return state.status;
  return certificate.equals(state.identity.certificate) ? undefined : 'certificate-not-in-stock';
}
