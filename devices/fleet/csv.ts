import { midnightFrom } from './calendar.ts';
import { HALF_HOUR_MS, halfHourRows, instantText, LOST } from './csv-rows.ts';
import { FleetInputError, quoted } from './fleet-input-error.ts';

const DAY_MS = 86_400_000;
const SLOTS = 48;

/** Which days of a table are played, and how finely. */
export interface CsvWindow {
  /** UTC ms of a midnight; absent = the first one in the file. */
  readonly from?: number;
  /** Absent = to the end of the file. */
  readonly days?: number;
  /** IANA zone whose midnights and days are meant; UTC when absent, and then a file may begin at any half-hour. */
  readonly zone?: string;
  readonly intervalMinutes: 5 | 15 | 30;
}

/** The options `--from DATE --days N --interval 15` as typed. @throws ERR_FLEET_INPUT naming the option */
export function parseCsvWindow(options: { from?: string; days?: string; interval?: string }): CsvWindow {
  const { from, days, interval = '15' } = options;
  const midnight = from === undefined ? undefined : Date.parse(`${from}T00:00Z`);
  if (from !== undefined && !(midnight !== undefined && instantText(midnight || 0).slice(0, 10) === from)) {
    throw new FleetInputError(`--from ${quoted(from)} is no date. Write it like 2013-01-14.`);
  }
  if (days !== undefined && !/^[1-9]\d{0,3}$/.test(days)) {
    throw new FleetInputError(`--days ${quoted(days)} is no number of days. Give a whole number from 1.`);
  }
  const minutes = Number(interval);
  if (minutes !== 5 && minutes !== 15 && minutes !== 30) {
    throw new FleetInputError(`--interval ${quoted(interval)} is not offered. Give 5, 15 or 30 minutes.`);
  }
  return {
    intervalMinutes: minutes,
    ...(midnight === undefined ? {} : { from: midnight }),
    ...(days === undefined ? {} : { days: Number(days) }),
  };
}

/** Part `index` of a total split evenly: the sum is kept, the remainder goes to the first parts. @source vee.md E9 */
export function partOf(total: number, parts: number, index: number): number {
  return Math.floor(total / parts) + (index < total % parts ? 1 : 0);
}

/**
 * The half-hours of a window, 4 bytes each: memory follows the window, not the file. A lost half-hour has no value
 * but a substitute by which the meter's register advances: the same time of day on the nearest day that has one.
 */
export class HalfHours {
  readonly homes: readonly string[];
  /** UTC ms. */
  readonly start: number;
  readonly count: number;
  /** Home by home; a lost half-hour is stored as -1 - substitute. */
  readonly #cells: Int32Array;

  constructor(homes: readonly string[], start: number, cells: Int32Array) {
    this.homes = homes;
    this.start = start;
    this.count = cells.length / homes.length;
    this.#cells = cells;
  }

  get end(): number {
    return this.start + this.count * HALF_HOUR_MS;
  }

  /** Energy of the interval that ends at `end`, in Wh, undefined outside the window. @param minutes 5, 15 or 30 */
  interval(home: number, end: number, minutes: number): { value: number | null; advance: number } | undefined {
    const begin = end - minutes * 60_000 - this.start;
    const index = Math.floor(begin / HALF_HOUR_MS);
    if (begin < 0 || index >= this.count) return undefined;
    const cell = this.#cells[home * this.count + index]!;
    const wh = partOf(cell < 0 ? -1 - cell : cell, 30 / minutes, Math.floor((begin % HALF_HOUR_MS) / (minutes * 60_000)));
    return { value: cell < 0 ? null : wh, advance: wh };
  }
}

/**
 * Reads a window of a table of half-hours; rows before it are parsed and dropped, rows behind it only as far as a
 * lost half-hour needs them for its substitute.
 * @throws ERR_FLEET_INPUT
 */
export async function loadHalfHours(file: string, window: CsvWindow): Promise<HalfHours> {
  let collector: Collector | undefined;
  let last = 0;
  for await (const row of halfHourRows(file)) {
    collector ??= new Collector(row.homes, window, row.start);
    last = row.start;
    collector.take(row.start, row.values);
    if (collector.complete) break;
  }
  return collector!.finish(file, last + HALF_HOUR_MS);
}

interface Lost {
  readonly day: number;
  readonly cell: number;
}

class Collector {
  readonly #homes: readonly string[];
  readonly #fileStart: number;
  readonly #from: number;
  readonly #to: number;
  /** Columns of the window, one Int32Array per half-hour. */
  readonly #window: Int32Array[] = [];
  /** Latest present value and its day, per home and time of day. */
  readonly #lastValue: Int32Array;
  readonly #lastDay: Int32Array;
  readonly #lost = new Map<number, Lost[]>();
  #behind = false;

  constructor(homes: readonly string[], window: CsvWindow, fileStart: number) {
    this.#homes = homes;
    this.#fileStart = fileStart;
    const { from, days, zone } = window;
    this.#from = from ?? (zone === undefined ? fileStart : midnightFrom(fileStart, zone));
    this.#to =
      days === undefined
        ? Number.POSITIVE_INFINITY
        : zone === undefined
          ? this.#from + days * DAY_MS
          : midnightFrom(this.#from, zone, days);
    this.#lastValue = new Int32Array(homes.length * SLOTS);
    this.#lastDay = new Int32Array(homes.length * SLOTS).fill(-1);
  }

  /** The window is over and every lost half-hour has its substitute. */
  get complete(): boolean {
    return this.#behind && this.#lost.size === 0 && this.#window.length > 0 && this.#fileStart <= this.#from;
  }

  take(start: number, values: Int32Array): void {
    const inside = start >= this.#from && start < this.#to;
    this.#behind = start + HALF_HOUR_MS >= this.#to;
    const column = inside ? values.slice() : undefined;
    if (column !== undefined) this.#window.push(column);
    const day = Math.floor(start / DAY_MS);
    const slot = Math.floor((start % DAY_MS) / HALF_HOUR_MS);
    for (let home = 0; home < values.length; home++) {
      const key = home * SLOTS + slot;
      const value = values[home]!;
      if (value === LOST) {
        if (column !== undefined) this.#lose(key, { day, cell: (this.#window.length - 1) * values.length + home });
        else this.#settle(key, day, undefined);
      } else {
        this.#settle(key, day, value);
        this.#lastValue[key] = value;
        this.#lastDay[key] = day;
      }
    }
  }

  #lose(key: number, lost: Lost): void {
    const waiting = this.#lost.get(key);
    if (waiting === undefined) this.#lost.set(key, [lost]);
    else waiting.push(lost);
  }

  /** The day has this value (or none): lost half-hours before it take it, or the earlier one where that is as near. */
  #settle(key: number, day: number, value: number | undefined): void {
    const waiting = this.#lost.get(key);
    if (waiting === undefined) return;
    const before = this.#lastDay[key]!;
    const left = waiting.filter((lost) => {
      const earlierWins = before >= 0 && lost.day - before <= day - lost.day;
      if (!earlierWins && value === undefined) return true;
      this.#substitute(lost, earlierWins ? this.#lastValue[key]! : value!);
      return false;
    });
    if (left.length === 0) this.#lost.delete(key);
    else this.#lost.set(key, left);
  }

  #substitute(lost: Lost, wh: number): void {
    const homes = this.#homes.length;
    this.#window[Math.floor(lost.cell / homes)]![lost.cell % homes] = -1 - wh;
  }

  /** @param fileEnd UTC ms, end of the last row read */
  finish(file: string, fileEnd: number): HalfHours {
    if (this.#window.length === 0 || this.#fileStart > this.#from || (Number.isFinite(this.#to) && !this.#behind)) {
      const span = `${instantText(this.#fileStart)} to ${instantText(fileEnd)}`;
      throw new FleetInputError(`${file}: the days asked for are not all in it: it covers ${span}. Choose --from and --days inside.`);
    }
    // nothing comes behind any more: the earlier day, or nothing known
    for (const [key, waiting] of this.#lost) {
      for (const lost of waiting) this.#substitute(lost, this.#lastDay[key]! >= 0 ? this.#lastValue[key]! : 0);
    }
    const count = this.#window.length;
    const cells = new Int32Array(this.#homes.length * count);
    for (const [index, column] of this.#window.entries()) {
      for (let home = 0; home < column.length; home++) cells[home * count + index] = column[home]!;
    }
    return new HalfHours(this.#homes, this.#from, cells);
  }
}
