import { X509Certificate } from 'node:crypto';
import type { BillProof } from '../../api/bill-proof.ts';
import type { OpenDay } from '../../domain/meterday/state.ts';
import type { Platform } from '../../platform/ports/platform.ts';
import { parseSeal, type SignedSeal, verifySeal } from '../../protocol/profile.ts';

/** Certificates under whose keys the meters sealed these days: none that sealed nothing. */
export async function certificatesOf({ events }: Pick<Platform, 'events'>, days: readonly OpenDay[]): Promise<BillProof['certificates']> {
  const seals = new Map<string, SignedSeal[]>();
  for (const { frame, seals: bytes } of days) seals.set(frame.meterId, [...(seals.get(frame.meterId) ?? []), ...bytes.flatMap(readable)]);
  const certificates: BillProof['certificates'] = [];
  for (const [meterId, ofMeter] of seals) {
    if (ofMeter.length === 0) continue;
    for await (const { events: recorded } of events.read(`meter/${meterId}`)) {
      for (const event of recorded) {
        if (event.type !== 'MeterEnrolled' && event.type !== 'CertificateRenewed') continue;
        const der = Buffer.from(event.data.certificate);
        if (sealedAny(der, ofMeter)) certificates.push({ meterId, certificate: der.toString('base64') });
      }
    }
  }
  return certificates;
}

function sealedAny(der: Buffer, seals: readonly SignedSeal[]): boolean {
  try {
    const { publicKey } = new X509Certificate(der);
    return seals.some((seal) => verifySeal(seal, publicKey));
  } catch {
    return false;
  }
}

function readable(bytes: Uint8Array): SignedSeal[] {
  try {
    return [parseSeal(Buffer.from(bytes))];
  } catch {
    return [];
  }
}
