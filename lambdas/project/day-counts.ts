import type { NewItem, ReadTable, UpTo } from '../../platform/ports/read-models.ts';
import { dayOfStream } from '../shared/days/day-streams.ts';
import type { DayView } from './day-view.ts';
import { jsonKind } from './item-changes.ts';

/** How many slots of each day are what: partition local date and first digit of the meter. No values, no customer. */
export const DAY_COUNTS = 'day-counts';

/** Slots over all channels of a day. */
export interface DayCounts {
  readonly measured: number;
  readonly estimated: number;
  readonly edited: number;
  readonly missing: number;
  /** Came, and wait for a person. */
  readonly waiting: number;
  readonly held: boolean;
}

const KIND = jsonKind<DayCounts>();
const DIGITS = [...'0123456789abcdef'];

/** A day without an outcome has none. */
export function countsItem({ frame, outcome }: DayView, upTo: UpTo): NewItem[] {
  if (frame === undefined) return [];
  const { meterId, day, part } = dayOfStream(upTo.stream);
  const key = { partition: `${day}/${meterId.slice(0, 1)}`, sort: `${meterId}.${part}`, upTo };
  if (outcome === undefined) return [{ ...key, value: undefined }];
  const sum = (name: 'measured' | 'estimated' | 'edited' | 'missing' | 'held') =>
    outcome.channels.reduce((total, channel) => total + channel[name], 0);
  const slots = { measured: sum('measured'), estimated: sum('estimated'), edited: sum('edited'), missing: sum('missing') };
  return [{ ...key, value: KIND.write({ ...slots, waiting: sum('held'), held: outcome.held }) }];
}

/** Of all days of a date that have an outcome, added up. */
export async function countsOfDate(table: ReadTable, date: string): Promise<{ days: number; held: number } & Omit<DayCounts, 'held'>> {
  const total = { days: 0, held: 0, measured: 0, estimated: 0, edited: 0, missing: 0, waiting: 0 };
  const add = async (digit: string) => {
    for await (const { value } of table.query(`${date}/${digit}`, '')) {
      const { measured, estimated, edited, missing, waiting, held } = KIND.read(value);
      total.days += 1;
      total.held += Number(held);
      total.measured += measured;
      total.estimated += estimated;
      total.edited += edited;
      total.missing += missing;
      total.waiting += waiting;
    }
  };
  await Promise.all(DIGITS.map(add));
  return total;
}
