import type { DayOutcome } from '../../events/index.ts';
import type { NewItem, ReadTable, UpTo } from '../../platform/ports/read-models.ts';
import type { SubjectAccess } from '../../platform/ports/subject-access.ts';
import { dayOfStream } from '../shared/days/day-streams.ts';
import type { DayView } from './day-view.ts';

/** How each day stands: partition usage point, in the order of days. Sealed under the subject's key of the month. */
export const DAY_SUMMARIES = 'day-summaries';

export interface DaySummary {
  readonly usagePoint: string;
  readonly meterId: string;
  readonly day: string;
  readonly part: number;
  readonly subject: string;
  readonly state: DayView['state'];
  readonly outcome: DayOutcome;
  /** An edit waits for a second person. */
  readonly waits?: true;
}

/** A day without an outcome has none, and loses what it had: it may have been somebody else's. */
export function summaryItem({ frame, state, outcome, proposals }: DayView, upTo: UpTo): NewItem[] {
  if (frame === undefined) return [];
  const { usagePoint, subject } = frame;
  const { meterId, day, part } = dayOfStream(upTo.stream);
  const key = { partition: usagePoint, sort: `${day}.${part}/${meterId}`, upTo };
  if (outcome === undefined) return [{ ...key, value: undefined }];
  const { revision, channels, held, at } = outcome;
  const summary: DaySummary = {
    ...{ usagePoint, meterId, day, part, subject, state, outcome: { revision, channels, held, at } },
    ...(proposals.size > 0 && { waits: true }),
  };
  return [{ ...key, value: Buffer.from(JSON.stringify(summary)), owner: { subject, day } }];
}

/** Days of a usage point from one date on to another that is not among them; those of erased subjects are gone. */
export async function daysBetween(
  table: ReadTable,
  usagePoint: string,
  { from, until }: { readonly from: string; readonly until: string },
  access: SubjectAccess,
): Promise<readonly DaySummary[]> {
  const found: DaySummary[] = [];
  for await (const { value, erased } of table.range(usagePoint, from, until, access)) {
    if (erased === undefined) found.push(JSON.parse(value.toString()) as DaySummary);
  }
  return found;
}

/** Days of a usage point whose date begins so, oldest first; those of erased subjects are gone. @param dates `2026-11` or `2026-11-05` */
export async function daysOf(table: ReadTable, usagePoint: string, dates: string, access: SubjectAccess): Promise<readonly DaySummary[]> {
  const found: DaySummary[] = [];
  for await (const { value, erased } of table.query(usagePoint, dates, access)) {
    if (erased === undefined) found.push(JSON.parse(value.toString()) as DaySummary);
  }
  return found;
}
