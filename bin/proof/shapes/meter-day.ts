import * as z from 'zod';
import { LocalDate } from '../../../api/common.ts';
import type { MeterDayEvent } from '../../../events/index.ts';
import { Channel, ChannelUnit, Direction } from './asset.ts';
import { eventsOf } from './events-of.ts';
import { Bytes, ChannelNumber, Count, columnOf, Finite, Instant, Minutes, Name, Ordinal, Whole, Words } from './values.ts';

const [U8, U16, U32] = [Bytes, columnOf(2), columnOf(4)];
/** Counts of a register, -1 where it is not known. */
const Register = Whole.min(-1);

/** No local day is longer; readers make a place for each of its intervals, of a minute or more. s */
const LONGEST_DAY = 172_800;

const DayFrame = z
  .strictObject({
    usagePoint: Name,
    meterId: Name,
    day: LocalDate,
    part: Ordinal,
    subject: Name,
    start: Instant,
    end: Instant,
    minutes: Minutes,
    zone: Name,
  })
  .refine(({ start, end }) => start < end && end - start <= LONGEST_DAY);

/** A meter makes one a day, and sends it again; each is held against its key. */
const MOST_SEALS = 64;

const CollectedChannel = z.strictObject({
  channel: ChannelNumber,
  asset: Channel,
  capacity: Count,
  records: columnOf(13),
  annotations: U32,
  heads: columnOf(12),
  registerBefore: Register,
  registerAfter: Count.exactOptional(),
  offGrid: z.literal(true).exactOptional(),
});

const ProfileFault = z.strictObject({
  channel: ChannelNumber,
  from: Instant,
  until: Instant,
  what: z.enum(['chain-head', 'seal-head', 'seal-register', 'seal-slots', 'seal-channel', 'seal-signature', 'seal-order']),
});

const ValidatedChannel = z.strictObject({
  channel: ChannelNumber,
  slots: U16,
  errors: U32,
  warnings: U32,
  dayErrors: Count,
  dayWarnings: Count,
  bracket: Register,
});

const EstimatedChannel = z.strictObject({ channel: ChannelNumber, slots: U16, counts: U32, sources: U8, confidence: U8, inputs: Words });

const EDIT = {
  edit: Ordinal,
  kind: z.enum(['accept', 'estimate', 'values', 'agreed', 'undo']),
  channel: ChannelNumber,
  slots: U16,
  counts: U32,
  sources: U8,
  confidence: U8,
  reason: Words,
  note: Words,
  by: Name,
  undoes: Ordinal.exactOptional(),
  at: Instant,
};

const ChannelOutcome = z.strictObject({
  channel: ChannelNumber,
  direction: Direction,
  unit: ChannelUnit,
  perCount: Finite,
  energyWh: Finite,
  measured: Count,
  estimated: Count,
  edited: Count,
  held: Count,
  missing: Count,
});

const OUTCOME = { revision: Ordinal, channels: z.array(ChannelOutcome), held: z.boolean(), at: Instant };

const History: z.ZodType<readonly MeterDayEvent[]> = z.lazy(() => z.array(METER_DAY_EVENT));

export const METER_DAY_EVENT: z.ZodType<MeterDayEvent> = eventsOf<MeterDayEvent>()({
  ReadingsCollected: z.strictObject({
    frame: DayFrame,
    through: z.strictObject({ segment: Name, version: Count, since: Instant.exactOptional() }),
    channels: z.array(CollectedChannel),
    seals: z.array(Bytes).max(MOST_SEALS),
    outages: z.array(z.strictObject({ from: Instant, until: Instant })),
    at: Instant,
  }),
  DayVerified: z.strictObject({
    seal: z.enum(['verified', 'absent', 'refused']),
    chain: z.enum(['verified', 'unverified', 'broken']),
    at: Instant,
  }),
  ProfileChainBroken: ProfileFault,
  SealMismatch: ProfileFault,
  DayValidated: z.strictObject({ policy: Name, channels: z.array(ValidatedChannel), at: Instant }),
  SlotsEstimated: z.strictObject({ channels: z.array(EstimatedChannel), at: Instant }),
  EditProposed: z.strictObject(EDIT),
  EditRejected: z.strictObject({ edit: Ordinal, by: Name, at: Instant }),
  SlotsEdited: z.strictObject({ ...EDIT, approvedBy: Name.exactOptional() }),
  DayProvisional: z.strictObject(OUTCOME),
  DayFinalized: z.strictObject({ ...OUTCOME, word: z.strictObject({ reason: Words, note: Words, by: Name }).exactOptional() }),
  DayRestated: z.strictObject({ ...OUTCOME, before: z.array(ChannelOutcome), reason: Words, by: Name }),
  DaySettled: z.strictObject({ run: Name, revision: Ordinal, at: Instant }),
  DayResealed: z.strictObject({ frame: DayFrame, history: History, reason: Words, at: Instant }),
});
