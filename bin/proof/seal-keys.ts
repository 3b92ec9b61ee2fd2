import { createHash, type KeyObject } from 'node:crypto';
import { isSealedWith } from '../../lambdas/bill-proof/certificates.ts';
import { localDay } from '../../lambdas/shared/days/local-days.ts';
import type { BilledDay } from './proven-days.ts';

/** A key that an authority says is a meter's. UTC ms. */
export interface MeterCertificate {
  readonly key: KeyObject;
  readonly validFrom: number;
  readonly validTo: number;
}

/** A key under which days are sealed. */
export interface SealKey {
  readonly meterId: string;
  /** SHA-256 over the key as SPKI DER, hex. */
  readonly fingerprint: string;
}

/** Each key once, by its meter. */
export function sealKeys(certificates: ReadonlyMap<string, readonly MeterCertificate[]>): readonly SealKey[] {
  return [...certificates].flatMap(([meterId, of]) =>
    [...new Set(of.map(({ key }) => fingerprintOf(key)))].map((fingerprint) => ({ meterId, fingerprint })),
  );
}

/** Meters with more than one key. */
export function renewedMeters(keys: readonly SealKey[]): readonly string[] {
  const meters = keys.map(({ meterId }) => meterId);
  return [...new Set(meters.filter((one, i) => meters.indexOf(one) < i))];
}

/**
 * No certificate of a key that sealed the day had begun when the day was over. A meter that renewed its certificate before it could seal looks so, and
 * so does a key that somebody else made for it.
 */
export function isCertifiedLater(parts: readonly BilledDay[], certificates: readonly MeterCertificate[]): boolean {
  const { frame } = parts[0]!.state;
  const { end } = localDay(frame.day, frame.zone);
  const own = certificates.filter(({ key }) => parts.some(({ state }) => isSealedWith(state, key)));
  return own.every(({ validFrom }) => validFrom > end * 1000);
}

function fingerprintOf(key: KeyObject): string {
  return createHash('sha256')
    .update(key.export({ type: 'spki', format: 'der' }))
    .digest('hex');
}
