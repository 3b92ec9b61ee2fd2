import * as z from 'zod';

const Name = z.string().regex(/^[A-Za-z0-9_-]{1,64}$/);
const Signed = z.string().regex(/^[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+$/);
const ObjectId = z.string().regex(/^[A-Za-z0-9_-]{1,128}$/);

export const ZonePath = z.strictObject({ zone: Name });
export const ProgramPath = z.strictObject({ program: Name });

/** From where a chain goes on: the sequence that the device took last. */
export const ChainQuery = z.strictObject({ after: z.coerce.number().int().min(0).max(Number.MAX_SAFE_INTEGER).optional() });

/** Everything a display needs just now, as it was signed: compact JWS each. Nothing here is believed but by its signature. */
export const PriceBundle = z.object({
  /** Key list by the offline root. */
  keys: Signed.optional(),
  /** Day-ahead tariffs that are not over, oldest first. */
  tariffs: z.array(Signed),
  /** Real-time prices in order; all but the last are links of the chain. */
  prices: z.array(Signed),
});

export const DemandResponseBundle = z.object({ keys: Signed.optional(), events: z.array(Signed) });

const Skip = z.coerce.number().int().min(0).max(1_000_000).default(0);
const Limit = z.coerce.number().int().min(1).max(50).default(50);

export const AdrPage = z.strictObject({ skip: Skip, limit: Limit });
export const AdrEventQuery = z.strictObject({ programID: ObjectId.optional(), skip: Skip, limit: Limit });
export const AdrProgramPath = z.strictObject({ programID: ObjectId });
export const AdrEventPath = z.strictObject({ eventID: ObjectId });

const Metadata = { id: ObjectId, createdDateTime: z.iso.datetime(), modificationDateTime: z.iso.datetime() };
const Descriptor = z.object({
  objectType: z.literal('EVENT_PAYLOAD_DESCRIPTOR'),
  payloadType: z.string(),
  units: z.string().optional(),
  currency: z.string().optional(),
});

/** @source OpenADR 3.1.0, schema `program` */
export const AdrProgram = z.object({
  ...Metadata,
  objectType: z.literal('PROGRAM'),
  programName: z.string(),
  payloadDescriptors: z.array(Descriptor),
});
export type AdrProgram = z.infer<typeof AdrProgram>;
export const AdrPrograms = z.array(AdrProgram);

/** @source OpenADR 3.1.0, schema `event` */
export const AdrEvent = z.object({
  ...Metadata,
  objectType: z.literal('EVENT'),
  programID: ObjectId,
  eventName: z.string(),
  priority: z.int().optional(),
  payloadDescriptors: z.array(Descriptor).optional(),
  intervalPeriod: z.object({ start: z.iso.datetime(), duration: z.string(), randomizeStart: z.string() }),
  intervals: z.array(
    z.object({
      id: z.int(),
      payloads: z.array(z.object({ type: z.string(), values: z.array(z.union([z.number(), z.string(), z.boolean()])) })),
    }),
  ),
});
export type AdrEvent = z.infer<typeof AdrEvent>;
export const AdrEvents = z.array(AdrEvent);
