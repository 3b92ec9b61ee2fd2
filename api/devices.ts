import * as z from 'zod';
import { Cursor, Instant } from './common.ts';

const Kind = z.enum(['meter', 'concentrator']);

/** `by`: a share of readings or handshakes that it went beyond, the gateway's watch, or a person. */
const CutOff = z.object({ since: Instant, reason: z.string(), by: z.enum(['share', 'watch', 'person']), person: z.string().nullable() });

export const QuarantineQuery = z.strictObject({ cursor: Cursor.optional() });
export type QuarantineQuery = z.infer<typeof QuarantineQuery>;
/** Devices that are cut off, concentrators first, in the order of their ids: at most 100; a cursor where more are left. */
export const QuarantinedDevices = z.object({
  asOf: Instant,
  zone: z.string(),
  devices: z.array(CutOff.extend({ kind: Kind, id: z.string() })),
  cursor: z.string().optional(),
});
export type QuarantinedDevices = z.infer<typeof QuarantinedDevices>;

/** As the gateway names devices: `m-` and the id of a meter, `dc-` and that of a concentrator. */
export const DevicePath = z.strictObject({
  device: z.string().regex(/^(m-[0-9a-f]{16}|dc-[a-z0-9-]{1,32})$/, 'm- and the id of a meter, or dc- and that of a concentrator'),
});
/** A device as whoever looks after certificates and incidents sees it: no place, no customer, no energy. */
export const DeviceView = z.object({
  asOf: Instant,
  zone: z.string(),
  kind: Kind,
  id: z.string(),
  /** Of a meter: enrolled, active, quarantined, retired; of a concentrator: registered, quarantined. */
  status: z.enum(['enrolled', 'active', 'registered', 'quarantined', 'retired']),
  quarantine: CutOff.nullable(),
  /** Whether the gateway denies it everything; null where the gateway doesn't know it. */
  barred: z.boolean().nullable(),
  /** Such as its stream or the gateway has, newest first; `status` by the gateway, null where it has no such certificate. */
  certificates: z.array(
    z.object({
      /** SHA-256 of the DER, hex. */
      fingerprint: z.string(),
      subject: z.string().nullable(),
      from: Instant.nullable(),
      until: Instant.nullable(),
      status: z.enum(['active', 'revoked']).nullable(),
    }),
  ),
  /** Of a meter: the key epoch in use. */
  epoch: z.object({ epoch: z.int(), since: Instant, overdue: z.boolean() }).nullable(),
  /** Of a meter: concentrators that it may speak through. */
  concentrators: z.array(z.string()),
  /** What happened to it, newest first, at most 100; of a concentrator those of its newest commits. */
  incidents: z.array(
    z.object({
      at: Instant,
      what: z.enum([
        ...(['tamper', 'counter-reused', 'handshake-refused', 'epoch-overdue', 'certificate-renewed', 'throttled'] as const),
        ...(['quarantined', 'released', 'retired'] as const),
      ]),
      /** Reason, with the person in brackets where one said it, or what was tampered with; null where there is nothing more to say. */
      detail: z.string().nullable(),
    }),
  ),
});
export type DeviceView = z.infer<typeof DeviceView>;
