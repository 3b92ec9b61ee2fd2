import * as z from 'zod';
import { Hours, Instant, LocalDate, PageSize, PersonName } from './common.ts';

const Status = z.enum(['open', 'assigned', 'closed']);
const Cause = z.string().regex(/^[A-Za-z0-9:/-]{1,64}$/);

/** Which rows of the queue. `from` and `until` are local dates, `until` not included; at most 400 days. */
export const ExceptionQuery = z.strictObject({
  from: LocalDate.optional(),
  until: LocalDate.optional(),
  status: Status.optional(),
  /** How the cause begins, e.g. `rule/V15`, `outage`, `gap`, `profile`. */
  cause: Cause.optional(),
  area: z
    .string()
    .regex(/^[A-Za-z0-9._-]{1,64}$/)
    .optional(),
  assignee: PersonName.optional(),
  /** Oldest thing in the row at least so old. */
  olderThanHours: Hours.optional(),
  limit: PageSize.optional(),
  cursor: z
    .string()
    .regex(/^[A-Za-z0-9_-]{1,400}\.[A-Za-z0-9_-]{22}$/)
    .optional(),
});
export type ExceptionQuery = z.infer<typeof ExceptionQuery>;

export const RowPath = z.strictObject({ row: z.string().regex(/^[A-Za-z0-9_-]{1,128}$/) });

const ExceptionDay = z.object({
  meterId: z.string(),
  usagePoint: z.string(),
  day: z.string(),
  status: Status,
  since: Instant,
  /** Slots without a billable value. */
  slots: z.int(),
  /** Who proposed what waits for a second person. */
  proposedBy: z.string().optional(),
});

/** One row of the queue: one outage, or one cause of one day, with all the meters it hit. */
export const ExceptionRow = z.object({
  row: z.string(),
  cause: z.string(),
  days: z.array(LocalDate),
  meters: z.int(),
  /** Of the meters, those that have a day that is not closed yet. */
  openMeters: z.int(),
  status: Status,
  oldest: Instant,
  /** When the first of its days that wait becomes final as it is. */
  dueAt: Instant,
  assignee: z.string().optional(),
  /** Meter days of the row; in a page the first few of them. */
  exceptions: z.array(ExceptionDay),
  more: z.int(),
});
export type ExceptionRow = z.infer<typeof ExceptionRow>;

export const ExceptionPage = z.object({ rows: z.array(ExceptionRow), cursor: z.string().optional() });
export type ExceptionPage = z.infer<typeof ExceptionPage>;

/** null takes the row from whoever has it. */
export const Assignment = z.strictObject({ to: PersonName.nullable() });
export type Assignment = z.infer<typeof Assignment>;
