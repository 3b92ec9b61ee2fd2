import { X509Certificate } from 'node:crypto';
import type { BillProof } from '../../api/bill-proof.ts';
import { isSealedWith } from '../../lambdas/bill-proof/certificates.ts';
import { verifyDay } from '../../lambdas/close-day/verify-day.ts';
import { localDay } from '../../lambdas/shared/days/local-days.ts';
import { meterThing } from '../../topology/device-access.ts';
import { decoded } from './open-commits.ts';
import { ProofFault } from './proof-fault.ts';
import type { BilledDay } from './proven-days.ts';
import { isCertifiedLater, type MeterCertificate, type SealKey, sealKeys } from './seal-keys.ts';
import type { Trust } from './trust.ts';

/** How the days of a bill stand against what their meters signed. */
export interface SealReport {
  /** Whole local days whose hourly chain leads to what the meter signed of them. */
  readonly sealed: number;
  /** Whole days whose seal is genuine, and of which not every record came. */
  readonly partlySealed: number;
  /** Days that a tenancy or an exchange divides: the seal covers all of the day, and the proof a part. */
  readonly divided: number;
  /** Days without a seal that could be believed: the utility's word alone. */
  readonly unsealed: readonly string[];
  /** All days of which something that counts is not shown to be what the meter signed, in the order of the bill. */
  readonly onWord: readonly OnWord[];
  /** Under which they are sealed. More than one of a meter, or one that was certified after the day, rests on the word of whoever certified it. */
  readonly keys: readonly SealKey[];
}

/** A day for which the utility's word has to do, in part or altogether. */
export interface OnWord {
  readonly stream: string;
  readonly why: Exclude<SealVerdict, 'sealed'> | 'replaced' | 'certifiedLater';
}

type SealVerdict = 'sealed' | 'partlySealed' | 'divided' | 'unsealed';

/** Holds each day against its meter's own word, by certificates of a trusted authority alone. @throws ProofFault */
export function checkSeals(days: readonly BilledDay[], certificates: BillProof['certificates'], trust: Trust): SealReport {
  const keys = trustedCertificates(certificates, days, trust);
  const byDay = Map.groupBy(days, ({ state: { frame } }) => `${frame.meterId} ${frame.day}`);
  const report = { sealed: 0, partlySealed: 0, divided: 0, unsealed: [] as string[], onWord: [] as OnWord[], keys: sealKeys(keys) };
  for (const parts of byDay.values()) {
    const [{ stream, state }] = parts as [BilledDay];
    const verdict = verdictOn(parts, keys.get(state.frame.meterId) ?? []);
    if (verdict === 'unsealed') report.unsealed.push(stream);
    else report[verdict]++;
    if (verdict !== 'sealed') report.onWord.push({ stream, why: verdict });
    else if (parts.some(isReplaced)) report.onWord.push({ stream, why: 'replaced' });
    if (verdict !== 'unsealed' && isCertifiedLater(parts, keys.get(state.frame.meterId) ?? []))
      report.onWord.push({ stream, why: 'certifiedLater' });
  }
  return report;
}

/** The seal covers what was measured; what stands in its place, and counts, is nobody's word but the utility's. */
function isReplaced({ state: { outcome } }: BilledDay): boolean {
  return outcome!.channels.some(({ estimated, edited, held, missing }) => estimated + edited + held + missing > 0);
}

function verdictOn(parts: readonly BilledDay[], certificates: readonly MeterCertificate[]): SealVerdict {
  const states = parts.map(({ state }) => state);
  const { frame, verified } = states.at(-1)!;
  if (verified === undefined || verified.seal !== 'verified') return 'unsealed';
  const { start, end } = localDay(frame.day, frame.zone);
  const keys = certificates.filter(({ validTo }) => validTo >= end * 1000).map(({ key }) => key);
  const covered = states.reduce((sum, { frame: part }) => sum + part.end - part.start, 0) === end - start;
  const { seal, chain } = verifyDay(states, { start, end }, keys, undefined);
  const { stream } = parts[0]!;
  if (seal !== 'verified') throw new ProofFault('seal', `${stream}: the meter's seal is not genuine, or not by a certificate that is here`);
  if (!covered) return 'divided';
  if (chain === verified.chain) return chain === 'verified' ? 'sealed' : 'partlySealed';
  throw new ProofFault('seal', `${stream}: its records do not lead to what the meter sealed`);
}

function trustedCertificates(
  certificates: BillProof['certificates'],
  days: readonly BilledDay[],
  { meterAuthorities }: Trust,
): ReadonlyMap<string, MeterCertificate[]> {
  const trusted = new Map<string, MeterCertificate[]>();
  const seen = new Set<string>();
  for (const { meterId, certificate } of certificates) {
    if (seen.size === seen.add(`${meterId} ${certificate}`).size) continue;
    const der = decoded(certificate);
    const leaf = parsed(der, meterId);
    const issued = meterAuthorities.some((authority) => leaf.checkIssued(authority) && leaf.verify(authority.publicKey));
    if (!issued || leaf.subject !== `CN=${meterThing(meterId)}`)
      throw new ProofFault('seal', `${meterId}: its certificate is of no authority of meters that is trusted`);
    if (!leaf.raw.equals(der)) throw new ProofFault('layout', `${meterId}: there is more than its certificate`);
    const of = days.filter(({ state }) => state.frame.meterId === meterId);
    if (!of.some(({ state }) => isSealedWith(state, leaf.publicKey)))
      throw new ProofFault('streams', `${meterId}: a certificate has sealed none of the days`);
    trusted.set(meterId, [
      ...(trusted.get(meterId) ?? []),
      { key: leaf.publicKey, validFrom: leaf.validFromDate.getTime(), validTo: leaf.validToDate.getTime() },
    ]);
  }
  return trusted;
}

function parsed(der: Buffer, meterId: string): X509Certificate {
  try {
    return new X509Certificate(der);
  } catch {
    throw new ProofFault('seal', `${meterId}: its certificate can not be read`);
  }
}
