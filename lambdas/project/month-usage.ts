import { addDays, addMonths } from '../../domain/tariff/dates.ts';
import type { Platform } from '../../platform/ports/platform.ts';
import type { Item, ItemKey, ReadTable } from '../../platform/ports/read-models.ts';
import { openSubjectData } from '../shared/access/subject-data.ts';
import { dayOfStream } from '../shared/days/day-streams.ts';
import { type DayOwner, usagePartition } from './day-usage.ts';

/** What sort keys of months begin with, in the partition of their days and behind them. */
const MONTHS = 'month/';

/** A calendar month of one subject at a usage point. */
export interface UsageMonth extends DayOwner {
  /** `yyyy-mm`. */
  readonly month: string;
}

/** A day of the register that the table has taken up. */
export interface TakenDay {
  readonly stream: string;
  readonly version: number;
  /** Everybody whose the stream said it was, at any time. */
  readonly owners: readonly DayOwner[];
  /** Whose it is when it is the last of its month and final. */
  readonly endsMonth?: DayOwner;
}

/**
 * Months of `day-usage` that are over, each of them one item: the items of its days, one behind the other, under the same key. A month is
 * one from the day on on which its last day is final, and is made anew whenever one of its days grows.
 *
 * Many streams add to it, in many processes. Its version is twice the sum of the versions of its days, those that were taken away among
 * them, so that whoever has seen more comes later. It is announced before the days are looked at (one less than that, and empty): whoever
 * writes a day and finds no month then has written it before they were looked at.
 */
export class MonthItems {
  readonly #platform: Platform;
  readonly #table: ReadTable;

  constructor(platform: Platform, table: ReadTable) {
    this.#platform = platform;
    this.#table = table;
  }

  /** Brings months up to days that the table has. @returns streams of days whose month could not be, each with what came in the way */
  async keepUp(days: readonly TakenDay[]): Promise<ReadonlyMap<string, unknown>> {
    const faults = new Map<string, unknown>();
    const keep = async ({ month, ends, streams }: Touched) => {
      try {
        if (ends) await this.#announce(month);
        if (await this.#isThere(month)) await this.#write(month);
      } catch (fault) {
        for (const stream of streams) faults.set(stream, fault);
      }
    };
    await Promise.all(touchedBy(days).map(keep));
    return faults;
  }

  async #isThere(month: UsageMonth): Promise<boolean> {
    const { partition, sort } = keyOf(month);
    for await (const _key of this.#table.keys(partition, sort)) return true;
    return false;
  }

  async #announce(month: UsageMonth): Promise<void> {
    if (await this.#isThere(month)) return;
    const version = (await this.#versionOf(month)) - 1;
    await this.#table.put([{ ...keyOf(month), upTo: { stream: nameOf(month), version }, value: Buffer.alloc(0), owner: ownerOf(month) }]);
  }

  /** The version is looked at first: what comes to the days behind it makes the next one. */
  async #write(month: UsageMonth): Promise<void> {
    const { from, until } = datesOf(month);
    const window = { from: Date.parse(from), until: Date.parse(until) };
    const access = await openSubjectData(this.#platform, { purpose: 'projection', ...window, subjects: [month.subject] });
    const version = await this.#versionOf(month);
    const days: Item[] = [];
    for await (const item of this.#table.range(usagePartition(month), from, until, access)) if (!item.erased) days.push(item);
    const upTo = { stream: nameOf(month), version };
    const made = days.length === 0 ? { value: undefined } : { value: writeMonth(days), owner: ownerOf(month) };
    await this.#table.put([{ ...keyOf(month), upTo, ...made }]);
  }

  async #versionOf(month: UsageMonth): Promise<number> {
    const { from, until } = datesOf(month);
    const versions = await this.#table.versions(usagePartition(month), from, until);
    return 2 * versions.reduce((sum, { version }) => sum + version + 1, 0);
  }
}

interface Touched {
  readonly month: UsageMonth;
  ends: boolean;
  readonly streams: string[];
}

function touchedBy(days: readonly TakenDay[]): readonly Touched[] {
  const touched = new Map<string, Touched>();
  for (const { stream, owners, endsMonth } of days) {
    for (const { usagePoint, subject } of owners) {
      const month = { usagePoint, subject, month: dayOfStream(stream).day.slice(0, 7) };
      const one = touched.get(nameOf(month)) ?? { month, ends: false, streams: [] };
      touched.set(nameOf(month), one);
      one.ends ||= endsMonth?.usagePoint === usagePoint && endsMonth.subject === subject;
      one.streams.push(stream);
    }
  }
  return [...touched.values()];
}

/** @param day local date */
export function endsItsMonth(day: string): boolean {
  return addDays(day, 1).endsWith('-01');
}

/** Months from the one on up to but without the other that are an item each, with the items of their days. @param months `yyyy-mm` */
export async function* monthsFrom(
  table: ReadTable,
  owner: DayOwner,
  months: { readonly from: string; readonly until: string },
  access: Parameters<ReadTable['range']>[3],
): AsyncGenerator<{ readonly month: string; readonly days: Iterable<MonthDay> }, void, void> {
  for await (const { sort, value, erased } of table.range(usagePartition(owner), MONTHS + months.from, MONTHS + months.until, access)) {
    if (!erased && value.length > 0) yield { month: sort.slice(MONTHS.length), days: readMonth(value) };
  }
}

function keyOf(month: UsageMonth): ItemKey {
  return { partition: usagePartition(month), sort: MONTHS + month.month };
}

function nameOf(month: UsageMonth): string {
  return `usage-month/${usagePartition(month)}/${month.month}`;
}

function datesOf({ month }: UsageMonth): { readonly from: string; readonly until: string } {
  return { from: `${month}-01`, until: addMonths(`${month}-01`, 1) };
}

/** Who may see all of a month may see its last day, also who moved in on the way. */
function ownerOf(month: UsageMonth): { readonly subject: string; readonly day: string } {
  return { subject: month.subject, day: addDays(datesOf(month).until, -1) };
}

/** The item of a day: its sort key and its value. */
export type MonthDay = Pick<Item, 'sort' | 'value'>;

/** Of each day: length of its sort key, u8, and of its value, u16, then both. */
function writeMonth(days: readonly MonthDay[]): Buffer {
  return Buffer.concat(
    days.flatMap(({ sort, value }) => {
      const name = Buffer.from(sort);
      const head = Buffer.alloc(3);
      head.writeUInt8(name.length, 0);
      head.writeUInt16LE(value.length, 1);
      return [head, name, value];
    }),
  );
}

function* readMonth(bytes: Buffer): Generator<MonthDay, void, void> {
  for (let at = 0; at < bytes.length; ) {
    const named = at + 3 + bytes.readUInt8(at);
    const end = named + bytes.readUInt16LE(at + 1);
    yield { sort: bytes.toString('utf8', at + 3, named), value: bytes.subarray(named, end) };
    at = end;
  }
}
