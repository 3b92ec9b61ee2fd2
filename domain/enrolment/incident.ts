import type { DeviceReleased, DomainEvent, MeterRetired } from '../../events/index.ts';

/** Something that happened to a device and that whoever looks into it wants to know. */
export interface Incident {
  readonly what:
    | 'tamper'
    | 'counter-reused'
    | 'handshake-refused'
    | 'epoch-overdue'
    | 'certificate-renewed'
    | 'throttled'
    | 'quarantined'
    | 'released'
    | 'retired';
  /** UTC ms. */
  readonly at: number;
  /** Reason, or what was tampered with. */
  readonly detail: string | undefined;
}

/** By code of the device's event (docs/protocol.md). */
const TAMPERING: Readonly<Record<number, string>> = { 1: 'cover', 2: 'magnet' };

/** What a fact of a device's stream is to whoever looks into it; undefined of what is everyday. */
export function incidentOf({ type, data }: DomainEvent): Incident | undefined {
  switch (type) {
    case 'TamperReported':
      return { what: 'tamper', at: data.at, detail: TAMPERING[data.code] ?? `code ${data.code}` };
    case 'CounterReused':
      return { what: 'counter-reused', at: data.at, detail: `epoch ${data.epoch}, counter ${data.counter}` };
    case 'EpochRefused':
      return { what: 'handshake-refused', at: data.at, detail: data.reason };
    case 'EpochOverdue':
      return { what: 'epoch-overdue', at: data.at, detail: `epoch ${data.epoch}` };
    case 'CertificateRenewed':
      return { what: 'certificate-renewed', at: data.at, detail: undefined };
    case 'RelayThrottled':
      return { what: 'throttled', at: data.at, detail: `${data.frames} beyond its share` };
    case 'MeterQuarantined':
    case 'RelayQuarantined':
      return { what: 'quarantined', at: data.at, detail: data.reason };
    case 'MeterReleased':
    case 'RelayReleased':
      return { what: 'released', at: data.at, detail: byPerson(data) };
    case 'MeterRetired':
      return { what: 'retired', at: data.at, detail: byPerson(data) };
    default:
      return undefined;
  }
}

/** As it stands with a quarantine that a person said: the reason, and who. */
function byPerson({ reason, by }: DeviceReleased | MeterRetired): string | undefined {
  return reason === undefined || by === undefined ? undefined : `${reason} (${by})`;
}
