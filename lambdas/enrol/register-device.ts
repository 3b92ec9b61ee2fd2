import type { Platform, RegisteredDevice } from '../../platform/ports/platform.ts';
import { fingerprintOf } from '../shared/devices/certificates.ts';

export interface StockedIdentity extends Pick<RegisteredDevice, 'thing' | 'role'> {
  /** DER, as the utility's own records have it. */
  readonly certificate: Buffer;
  /** By the same records; a thing that the gateway keeps in quarantine stays there in any case. */
  readonly quarantined?: boolean;
}

/** Where a registration stands, by certificate: what was begun and broke off looks to the gateway like what a person took out of force. */
const STANDING = 'registration/';
const BEGUN = Buffer.from('begun');
const DONE = Buffer.from('done');

/**
 * Tells the gateway of devices and their certificates. Repeated it finishes what broke off between two steps, and nothing else: where the
 * certificate is in force nothing is done, one that was revoked stays revoked, and one that a person made inactive stays inactive.
 * @throws ERR_CERTIFICATE_ATTACHED when another thing holds a certificate
 */
export async function registerDevices(platform: Platform, identities: readonly StockedIdentity[]): Promise<void> {
  if (identities.length === 0) return;
  const fingerprints = identities.map(({ certificate }) => fingerprintOf(certificate));
  const notes = await platform.directory.getMany(fingerprints.map((fingerprint) => STANDING + fingerprint));
  const found = await Promise.all(identities.map(({ thing }) => platform.devices.find(thing)));
  const all = identities.map((identity, i) => {
    const fingerprint = fingerprints[i]!;
    const status = found[i]?.certificates.find((other) => other.fingerprint === fingerprint)?.status;
    return { identity, fingerprint, known: found[i], status, isBegun: notes[i]?.equals(BEGUN) ?? false };
  });
  const open = all.filter(({ status, isBegun }) => status === undefined || (status !== 'active' && isBegun));
  const note = (of: readonly { readonly fingerprint: string }[], value: Buffer) =>
    platform.directory.put(of.map(({ fingerprint }) => ({ key: STANDING + fingerprint, value })));
  if (open.length > 0) await note(open, BEGUN);
  await Promise.all(
    open.map(({ identity: { thing, role, certificate, quarantined = false }, fingerprint, known }) => {
      const certificates = [{ fingerprint, der: certificate, status: 'active' as const }];
      return platform.devices.register({ thing, role, quarantined: quarantined || (known?.quarantined ?? false), certificates });
    }),
  );
  // Also of those whose last step was done while its answer was lost.
  const finished = [...open, ...all.filter(({ status, isBegun }) => status === 'active' && isBegun)];
  if (finished.length > 0) await note(finished, DONE);
}
