import { type KeyObject, X509Certificate } from 'node:crypto';
import type { BillProof } from '../../api/bill-proof.ts';
import type { OpenDay } from '../../domain/meterday/state.ts';
import type { Platform } from '../../platform/ports/platform.ts';
import { parseSeal, verifySeal } from '../../protocol/profile.ts';

/** Certificates under whose keys the meters sealed these days: none that sealed nothing. */
export async function certificatesOf({ events }: Pick<Platform, 'events'>, days: readonly OpenDay[]): Promise<BillProof['certificates']> {
  const sealed = days.filter(({ seals }) => seals.length > 0);
  const certificates: BillProof['certificates'] = [];
  for (const [meterId, ofMeter] of Map.groupBy(sealed, ({ frame }) => frame.meterId)) {
    for await (const { events: recorded } of events.read(`meter/${meterId}`)) {
      for (const event of recorded) {
        if (event.type !== 'MeterEnrolled' && event.type !== 'CertificateRenewed') continue;
        const der = Buffer.from(event.data.certificate);
        const key = publicKeyIn(der);
        if (key !== undefined && ofMeter.some((day) => isSealedWith(day, key)))
          certificates.push({ meterId, certificate: der.toString('base64') });
      }
    }
  }
  return certificates;
}

/** Whether a key has made a seal of the day. */
export function isSealedWith({ seals }: OpenDay, key: KeyObject): boolean {
  return seals.some((bytes) => {
    try {
      return verifySeal(parseSeal(Buffer.from(bytes)), key);
    } catch {
      return false;
    }
  });
}

function publicKeyIn(der: Buffer): KeyObject | undefined {
  try {
    return new X509Certificate(der).publicKey;
  } catch {
    return undefined;
  }
}
