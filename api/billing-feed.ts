import * as z from 'zod';
import { LocalDate } from './common.ts';

const sequence = z.coerce
  .string()
  .regex(/^\d{1,12}$/)
  .transform(Number);

/** Items behind a sequence, 0 for all. */
export const BillingItemsQuery = z.strictObject({
  after: sequence.optional(),
  limit: sequence.pipe(z.number().int().min(1).max(100)).optional(),
});
export type BillingItemsQuery = z.infer<typeof BillingItemsQuery>;

/** A signed item, or place and hash of one whose content was erased. */
const Item = z.union([z.string(), z.strictObject({ feed: z.string(), seq: z.int(), prevHash: z.string(), erased: z.string() })]);

/** In order; `more` says that there are others behind. */
export const BillingItems = z.object({ items: z.array(Item), more: z.boolean() });
export type BillingItems = z.infer<typeof BillingItems>;

export const BillingMonthPath = z.strictObject({
  month: z
    .string()
    .regex(/^\d{4}-\d{2}$/)
    .refine((month) => LocalDate.safeParse(`${month}-01`).success, 'there is no such month'),
});

/** Newest signed control totals of a month. */
export const BillingTotals = z.object({ item: z.string() });
export type BillingTotals = z.infer<typeof BillingTotals>;

export const BillingReplay = z.strictObject({ after: z.int().min(0) });
export type BillingReplay = z.infer<typeof BillingReplay>;

export const DeliveryStanding = z.object({
  /** Everything up to here was pushed. */
  through: z.int(),
  setAside: z.array(z.object({ from: z.int(), through: z.int() })),
});
export type DeliveryStanding = z.infer<typeof DeliveryStanding>;
