import * as z from 'zod';
import { Instant, LocalDate } from './common.ts';

const Name = z.string().regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/);
const HoldReason = z.enum(['missing', 'estimated', 'failed', 'not-final', 'demand-estimated', 'review']);

const HeldBill = z.object({
  account: z.string(),
  usagePoint: z.string(),
  /** As in the path that approves it. */
  bill: z.string(),
  from: LocalDate,
  /** The first date after it. */
  until: LocalDate,
  reasons: z.array(HoldReason),
  /** Slots without a value. */
  missing: z.int(),
  /** Slots that failed validation. */
  failed: z.int(),
  /** Parts per thousand. */
  estimatedShare: z.int(),
  /** When it was found to be so, and to come to this: an approval is one of what was seen. */
  heldAt: Instant,
  /** What it comes to; absent where it was held before this was kept, until it is rated again. ISO 4217. */
  currency: z.string().optional(),
  /** Millionths, decimal. */
  totalMicro: z.string().optional(),
  /** The same where a person lets demand stand on estimates; present where that holds it. */
  withDemandMicro: z.string().optional(),
  /** Wh, decimal. */
  importWh: z.string().optional(),
  exportWh: z.string().optional(),
  /** When it goes out on estimates, marked; one that waits for a person alone goes out then as well. */
  outAt: Instant,
  /** Another revision of it went out before. */
  billed: z.boolean(),
});

/** Oldest periods first. */
export const HeldBills = z.object({
  bills: z.array(HeldBill),
  /** So many more wait behind these. */
  more: z.int(),
});
export type HeldBills = z.infer<typeof HeldBills>;

export const HeldBillPath = z.strictObject({ account: Name, bill: z.string().regex(/^[A-Za-z0-9_-]{1,64}\.\d{4}-\d{2}-\d{2}$/) });

/** A person's word for a bill that waits for one. */
export const BillApproval = z.strictObject({
  /** Of the hold that was seen. */
  heldAt: Instant,
  /** For the record, and for whoever gets the bill. */
  reason: z.string().trim().min(1).max(500),
  /** Demand may stand on estimates. */
  demand: z.literal(true).optional(),
});

export const BillApproved = z.object({
  result: z.enum(['went-out', 'stays-held']),
  /** Of the bill that went out. */
  revision: z.int().optional(),
  /** What holds it besides: no person lets that go. */
  reasons: z.array(HoldReason),
});
export type BillApproved = z.infer<typeof BillApproved>;
