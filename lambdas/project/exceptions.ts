import type { NewItem, ReadTable, UpTo } from '../../platform/ports/read-models.ts';
import { dayOfStream } from '../shared/days/day-streams.ts';
import { plusDays } from '../shared/days/local-days.ts';
import { type DayView, openCauses, outageCause, PROPOSAL } from './day-view.ts';

/** Days that a person should look at: partition local date, one item per cause and meter. No values, no customer. */
export const EXCEPTIONS = 'exceptions';

export type ExceptionStatus = 'open' | 'assigned' | 'closed';

export interface Exception {
  readonly cause: string;
  readonly usagePoint: string;
  readonly meterId: string;
  readonly day: string;
  readonly part: number;
  readonly status: ExceptionStatus;
  /** UTC ms. */
  readonly since: number;
  /** Slots without a billable value. */
  readonly slots: number;
  /** Of an outage, as far as it lies in the day: UTC s. */
  readonly outage?: { readonly from: number; readonly until: number };
  /** Who proposed what waits for a second person. */
  readonly by?: string;
}

/** One row of the queue: one outage, or one cause of one day, with all the meters it hit. */
export interface ExceptionGroup {
  readonly cause: string;
  readonly days: readonly string[];
  readonly meters: number;
  readonly status: ExceptionStatus;
  /** Of what is not closed; of everything where all is. UTC ms. */
  readonly oldest: number;
  /** The first of its days, of what is not closed; of everything where all is. Local date. */
  readonly firstDay: string;
  readonly exceptions: readonly Exception[];
}

/** Every cause the day ever had: those that ended are closed. A proposal takes up the other causes of its day, and is itself open until decided. */
export function exceptionItems(view: DayView, upTo: UpTo): NewItem[] {
  if (view.frame === undefined) return [];
  const { usagePoint } = view.frame;
  const { meterId, day, part } = dayOfStream(upTo.stream);
  const open = openCauses(view);
  const by = view.proposals.values().next().value;
  const slots = view.outcome?.channels.reduce((sum, { held, missing }) => sum + held + missing, 0) ?? 0;
  const outages = new Map([...view.outages].map(([from, until]) => [outageCause(from), { outage: { from, until } }]));
  return [...view.causes].map(([cause, since]) => {
    const taken = by === undefined || cause === PROPOSAL ? 'open' : 'assigned';
    const status: ExceptionStatus = open.has(cause) ? taken : 'closed';
    const assigned = status === 'closed' || by === undefined ? {} : { by };
    const value: Exception = { cause, usagePoint, meterId, day, part, status, since, slots, ...outages.get(cause), ...assigned };
    return { partition: day, sort: `${cause}/${meterId}.${part}`, upTo, value: Buffer.from(JSON.stringify(value)) };
  });
}

/** Days that the queue shows where nobody asks for others. */
export const QUEUE_DAYS = 45;

/** An outage is followed back so many days. */
const OUTAGE_DAYS = 45;

/**
 * The queue, oldest first. An outage is one row over all days it touched, also those before the window; any other cause one row a day.
 * @param from, until local dates, `until` not included @param status which rows; all when absent
 */
export async function exceptionGroups(
  table: ReadTable,
  from: string,
  until: string,
  status?: ExceptionStatus,
): Promise<readonly ExceptionGroup[]> {
  const groups = new Map<string, Exception[]>();
  const outages = new OutageRows();
  for (let day = plusDays(from, -OUTAGE_DAYS); day < until; day = plusDays(day, 1)) {
    for await (const { value } of table.query(day, day < from ? OUTAGE : '')) {
      const exception = JSON.parse(value.toString()) as Exception;
      const row = exception.cause.startsWith(OUTAGE) ? outages.rowOf(exception) : `${exception.cause} ${exception.day}`;
      groups.set(row, [...(groups.get(row) ?? []), exception]);
    }
  }
  const there = [...groups.values()].filter((exceptions) => exceptions.at(-1)!.day >= from);
  const rows = there.map(grouped).filter((group) => status === undefined || group.status === status);
  return rows.sort((a, b) => a.oldest - b.oldest);
}

const OUTAGE = 'outage/';

/** Rows of outages by the day on which they began: what begins at midnight where the day before ended without power goes on. */
class OutageRows {
  readonly #lasting = new Map<string, string>();

  rowOf({ cause, meterId, outage }: Exception): string {
    if (outage === undefined) return cause;
    const row = this.#lasting.get(`${meterId} ${outage.from}`) ?? cause;
    this.#lasting.set(`${meterId} ${outage.until}`, row);
    return row;
  }
}

/** The row of these: open while anything of it is; assigned when all that is left waits for somebody. */
export function grouped(exceptions: readonly Exception[]): ExceptionGroup {
  const left = exceptions.filter(({ status }) => status !== 'closed');
  const status = left.length === 0 ? 'closed' : left.some((exception) => exception.status === 'open') ? 'open' : 'assigned';
  const waiting = left.length === 0 ? exceptions : left;
  const oldest = Math.min(...waiting.map(({ since }) => since));
  const firstDay = waiting.map(({ day }) => day).sort()[0]!;
  const days = [...new Set(exceptions.map(({ day }) => day))].sort();
  const meters = new Set(exceptions.map(({ meterId }) => meterId)).size;
  return { cause: exceptions[0]!.cause, days, meters, status, oldest, firstDay, exceptions };
}
