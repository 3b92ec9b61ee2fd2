import * as z from 'zod';
import { Note } from './common.ts';
import { ChannelStanding } from './days.ts';

/** Why somebody edits. `other` wants a note. */
export const EDIT_REASONS = [
  'meter-read',
  'meter-fault',
  'communication-fault',
  'supply-outage',
  'validation-too-strict',
  'customer-agreed',
  'mistake',
  'other',
] as const;

/** Methods of the estimation ladder that a person may choose. */
export const EDIT_METHODS = ['E1', 'E2', 'E3', 'E4', 'E5', 'E7', 'E8', 'E9', 'E10'] as const;

const SLOTS_MOST = 300;
const Reasoned = { reason: z.enum(EDIT_REASONS), note: Note };
const OfSlots = {
  channel: z.int().min(0).max(15),
  slots: z
    .array(
      z
        .int()
        .min(0)
        .max(SLOTS_MOST - 1),
    )
    .min(1)
    .max(SLOTS_MOST),
};
/** In the channel's unit, a whole number of counts each. */
const Values = { energyWh: z.array(z.int().min(0)).min(1).max(SLOTS_MOST) };

const Accept = z.strictObject({ kind: z.literal('accept'), ...OfSlots, ...Reasoned });
const Estimate = z.strictObject({ kind: z.literal('estimate'), ...OfSlots, method: z.enum(EDIT_METHODS), ...Reasoned });
const EditValues = z.strictObject({ kind: z.literal('values'), ...OfSlots, ...Values, ...Reasoned });
const Agreed = z.strictObject({ kind: z.literal('agreed'), ...OfSlots, ...Values, ...Reasoned });

const noted = (edit: { readonly kind?: string; readonly reason?: string; readonly note?: string }) =>
  edit.reason !== 'other' || edit.note?.trim() !== '';
const NOTED = { message: 'the reason other wants a note', path: ['note'] };

/** accept: measured values count though held; estimate: by a method; values: by hand; agreed: with the customer. Slots rise. */
export const EditRequest = z.discriminatedUnion('kind', [Accept, Estimate, EditValues, Agreed]).refine(noted, NOTED);
export type EditRequest = z.infer<typeof EditRequest>;

export const UndoRequest = z.strictObject(Reasoned).refine(noted, NOTED);
export type UndoRequest = z.infer<typeof UndoRequest>;

const Undo = z.strictObject({ kind: z.literal('undo'), edit: z.int().min(1), ...Reasoned });
/** Makes the day final with its flags, before it is whole or due. */
export const FinalizeRequest = z.strictObject(Reasoned).refine(noted, NOTED);
export type FinalizeRequest = z.infer<typeof FinalizeRequest>;

const Finalize = z.strictObject({ kind: z.literal('finalize'), ...Reasoned });
/** What waits for a second person, as if that one had approved. */
const Approve = z.strictObject({ kind: z.literal('approve'), edit: z.int().min(1) });
/** Any edit, the undoing of one, the approval of one that waits, or making the day final, without saving it. */
export const PreviewRequest = z
  .discriminatedUnion('kind', [Accept, Estimate, EditValues, Agreed, Undo, Approve, Finalize])
  .refine(noted, NOTED);
export type PreviewRequest = z.infer<typeof PreviewRequest>;

export const Decision = z.strictObject({});

const Money = z.object({
  currency: z.string(),
  /** Billing period: local dates, `until` is the first day after. */
  from: z.string(),
  until: z.string(),
  /** Decimal integers of micro-currency: the whole period before and after, with the day as it would be final. */
  beforeMicro: z.string(),
  afterMicro: z.string(),
  differenceMicro: z.string(),
  /** Other days of the period that are not final yet; they count for nothing on either side unless a bill went out without them. */
  notFinal: z.int(),
});

/** What saving would do. Money is absent where nobody is billed for the day, with the code of the reason. */
export const Preview = z.object({
  /** Somebody else has to approve. */
  needsSecondPerson: z.boolean(),
  /** Nothing would be recorded: it is so already. */
  unchanged: z.boolean(),
  before: z.array(ChannelStanding),
  after: z.array(ChannelStanding),
  heldBefore: z.boolean(),
  heldAfter: z.boolean(),
  slots: z.array(z.object({ slot: z.int(), channel: z.int(), beforeWh: z.number().nullable(), afterWh: z.number().nullable() })),
  money: Money.optional(),
  noMoneyBecause: z.string().optional(),
});
export type Preview = z.infer<typeof Preview>;

export const Edited = z.object({
  /** `unchanged`: it was so already, or this very request was done before and left nothing to do. */
  result: z.enum(['recorded', 'proposed', 'rejected', 'finalized', 'unchanged']),
  /** Number of the edit. */
  edit: z.int().optional(),
  /** The request was done before; this is what came of it. */
  repeated: z.boolean(),
  revision: z.int(),
  held: z.boolean(),
  channels: z.array(ChannelStanding),
});
export type Edited = z.infer<typeof Edited>;
