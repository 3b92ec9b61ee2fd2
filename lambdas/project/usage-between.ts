import { addMonths } from '../../domain/tariff/dates.ts';
import type { ReadTable } from '../../platform/ports/read-models.ts';
import type { SubjectAccess } from '../../platform/ports/subject-access.ts';
import { type DayOwner, type DayUsage, readUsage, usagePartition } from './day-usage.ts';
import { type MonthDay, monthsFrom } from './month-usage.ts';

export interface NamedUsage extends DayUsage {
  /** Local date. */
  readonly day: string;
  readonly meterId: string;
}

/** Local dates; `until` is the first that is not asked for. */
interface Dates {
  readonly from: string;
  readonly until: string;
}

/**
 * Days of a usage point that are one subject's, by local date, in no order. Erased ones are gone. Of months that are asked for as a whole
 * and are one item each no day is looked for.
 */
export async function usageBetween(table: ReadTable, owner: DayOwner, dates: Dates, access: SubjectAccess): Promise<readonly NamedUsage[]> {
  const found: NamedUsage[] = [];
  const whole = new Set<string>();
  const months = { from: firstOfMonthFrom(dates.from).slice(0, 7), until: dates.until.slice(0, 7) };
  if (months.from < months.until)
    for await (const { month, days } of monthsFrom(table, owner, months, access)) {
      whole.add(month);
      for (const day of days) found.push(named(day));
    }
  for (const { from, until } of without(whole, dates))
    for await (const item of table.range(usagePartition(owner), from, until, access)) if (!item.erased) found.push(named(item));
  return found;
}

function named({ sort, value }: MonthDay): NamedUsage {
  return { day: sort.slice(0, 10), meterId: sort.slice(sort.indexOf('/') + 1), ...readUsage(value) };
}

/** Stretches of the dates that lie in none of the months. */
function without(months: ReadonlySet<string>, { from, until }: Dates): readonly Dates[] {
  const stretches: Dates[] = [];
  let begin = from;
  for (const month of [...months].sort()) {
    const first = `${month}-01`;
    if (begin < first) stretches.push({ from: begin, until: first });
    begin = addMonths(first, 1);
  }
  if (begin < until) stretches.push({ from: begin, until });
  return stretches;
}

function firstOfMonthFrom(date: string): string {
  return date.endsWith('-01') ? date : addMonths(`${date.slice(0, 7)}-01`, 1);
}
