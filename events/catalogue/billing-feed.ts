import { z } from 'zod';
import { FEED_ITEM } from './feed-item.ts';

const WHOLE = z.string().regex(/^-?\d+$/);

const LINE = z.looseObject({
  code: z.string(),
  quantity: WHOLE,
  unit: z.string(),
  priceMicro: WHOLE.optional(),
  amountMicro: WHOLE,
  remainder: z.string(),
  corrects: z.string().optional(),
  from: z.iso.date().optional(),
  until: z.iso.date().optional(),
});

/** A bill as it went out, or as it was rated again: before, difference, reason. Money in micro-currency, whole numbers as texts. */
export const BILL_ITEM = FEED_ITEM.extend({
  kind: z.literal('bill'),
  fact: z.string().describe('stream and version of the fact: the same fact again is the same bill'),
  bill: z.looseObject({
    period: z.strictObject({ accountId: z.string(), usagePoint: z.string(), from: z.iso.date(), until: z.iso.date() }),
    currency: z.string(),
    lines: z.array(LINE),
    totalMicro: WHOLE,
    importWh: WHOLE.optional(),
    exportWh: WHOLE.optional(),
    estimatedPerMille: z.int(),
  }),
  /** Of a bill that was rated again. */
  change: z.strictObject({ beforeMicro: WHOLE, differenceMicro: WHOLE, reason: z.string() }).optional(),
});

/** What the receiver holds against what it got of one month. */
export const TOTALS_ITEM = FEED_ITEM.extend({
  kind: z.literal('totals'),
  period: z
    .string()
    .regex(/^\d{4}-\d{2}$/)
    .describe('month in which the periods begin'),
  through: z.int().min(1).describe('sequence of the newest item that counts'),
  erased: z.int().min(0).describe('bills of it whose content was erased since, which are not in the sums'),
  bills: z.int().min(0),
  importWh: WHOLE,
  exportWh: WHOLE,
  totalMicro: z.record(z.string(), WHOLE),
  settlingMicro: z.record(z.string(), WHOLE),
  digest: z.string().length(64).describe('SHA-256 over the sorted hashes of the bills, hex'),
});

export type BillItem = z.infer<typeof BILL_ITEM>;
export type TotalsItem = z.infer<typeof TOTALS_ITEM>;
