import type { AssetRecord } from '../../events/index.ts';
import { meterThing } from '../../topology/device-access.ts';
import { certificateFault } from '../shared/devices/certificates.ts';

/** One line of the utility's stock list. */
export interface StockEntry {
  /** EUI-64, 16 lowercase hex digits. */
  readonly meterId: string;
  /** X.509 DER: the meter's identity, ES256, subject CN = `m-<meterId>`. */
  readonly certificate: Buffer;
  readonly asset: AssetRecord;
  /** Concentrators that may speak for the meter; the first one is its home. */
  readonly relays: readonly string[];
}

const INTERVALS = [5, 15, 30];

/** Why an entry can't be enrolled. @param issuer certificate of the meters' sub-CA, DER @param at UTC ms */
export function stockFault(entry: StockEntry, at: number, issuer?: Buffer): string | undefined {
  if (!/^[0-9a-f]{16}$/.test(entry.meterId)) return 'meter-id';
  if (entry.relays.length === 0 || !entry.relays.every((dcId) => /^[a-z0-9-]{1,32}$/.test(dcId))) return 'relays';
  if (!INTERVALS.includes(entry.asset.intervalMinutes)) return 'interval';
  if (entry.asset.channels.length === 0) return 'channels';
  if (!isZone(entry.asset.zone)) return 'zone';
  return certificateFault(entry.certificate, { commonName: meterThing(entry.meterId), at, ...(issuer && { issuer }) });
}

const zones = new Map<string, boolean>();

function isZone(zone: string): boolean {
  const known = zones.get(zone);
  if (known !== undefined) return known;
  const valid = canFormat(zone);
  zones.set(zone, valid);
  return valid;
}

function canFormat(zone: string): boolean {
  try {
    new Intl.DateTimeFormat('en', { timeZone: zone });
    return true;
  } catch {
    return false;
  }
}
