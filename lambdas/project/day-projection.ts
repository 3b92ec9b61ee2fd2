import { meterDay } from '../../domain/meterday/meterday.ts';
import type { MeterDayState } from '../../domain/meterday/state.ts';
import type { Platform } from '../../platform/ports/platform.ts';
import type { ReadTable } from '../../platform/ports/read-models.ts';
import type { SubjectAccess } from '../../platform/ports/subject-access.ts';
import { type DayStream, dayOfStream, isSealedFromReader, openDays } from '../shared/days/day-streams.ts';
import { countsItem, DAY_COUNTS } from './day-counts.ts';
import { DAY_SUMMARIES, summaryItem } from './day-summaries.ts';
import { DAY_USAGE, type DayOwner, usageItems } from './day-usage.ts';
import { type DayView, evolveDay, NO_DAY } from './day-view.ts';
import { EXCEPTIONS, exceptionItems } from './exceptions.ts';
import { endsItsMonth, MonthItems, type TakenDay } from './month-usage.ts';

/** Tables that are made from streams of meter days. */
export const DAY_TABLES = [DAY_SUMMARIES, DAY_USAGE, EXCEPTIONS, DAY_COUNTS] as const;

export type DayTables = Readonly<Record<(typeof DAY_TABLES)[number], ReadTable>>;

/** Summaries, usage, exceptions and counts of days. A day is short: it is read whole each time, so nothing depends on what was read before. */
export class DayProjection {
  readonly #platform: Platform;
  readonly #tables: DayTables;
  readonly #months: MonthItems;

  constructor(platform: Platform, tables: DayTables) {
    this.#platform = platform;
    this.#tables = tables;
    this.#months = new MonthItems(platform, tables[DAY_USAGE]);
  }

  /**
   * Takes days up as they stand.
   * @param taken hears up to which version @returns those that could not be, each with what came in the way
   */
  async follow(days: readonly DayStream[], taken?: (stream: string, version: number) => void): Promise<ReadonlyMap<string, unknown>> {
    const faults = new Map<string, unknown>();
    if (days.length === 0) return faults;
    const access = await openDays(this.#platform, 'projection', days);
    const took: TakenDay[] = [];
    const take = async ({ stream }: DayStream) => {
      try {
        took.push(await this.#takeWith(stream, access));
      } catch (fault) {
        faults.set(stream, fault);
      }
    };
    await Promise.all(days.map(take));
    for (const [stream, fault] of await this.#months.keepUp(took)) faults.set(stream, fault);
    for (const { stream, version } of took) if (!faults.has(stream)) taken?.(stream, version);
    return faults;
  }

  /** A day that was somebody else's before it was sealed again, whose key is not destroyed yet, is asked for by its rows. */
  async #takeWith(stream: string, access: SubjectAccess): Promise<TakenDay> {
    try {
      return await this.#take(stream, access);
    } catch (error) {
      if (!isSealedFromReader(error)) throw error;
      return await this.#take(stream, await openDays(this.#platform, 'projection', [{ stream }]));
    }
  }

  async #take(stream: string, access: SubjectAccess): Promise<TakenDay> {
    let view = NO_DAY;
    let day: MeterDayState = meterDay.initial;
    let version = -1;
    const owners: DayOwner[] = [];
    for await (const commit of this.#platform.events.read(stream, 0, access)) {
      for (const event of commit.events) {
        view = evolveDay(view, event);
        day = meterDay.evolve(day, event);
        if (view.frame !== undefined && view.frame !== owners.at(-1)) owners.push(view.frame);
      }
      version = commit.head.version;
    }
    const upTo = { stream, version };
    const { [DAY_SUMMARIES]: summaries, [DAY_USAGE]: usage, [EXCEPTIONS]: exceptions, [DAY_COUNTS]: counts } = this.#tables;
    await Promise.all([
      summaries.put(summaryItem(view, upTo)),
      usage.put(usageItems(view.outcome === undefined ? meterDay.initial : day, owners, upTo)),
      exceptions.put(exceptionItems(view, upTo)),
      counts.put(countsItem(view, upTo)),
    ]);
    const endsMonth = view.frame !== undefined && isFinal(view) && endsItsMonth(dayOfStream(stream).day) ? view.frame : undefined;
    return { stream, version, owners, ...(endsMonth && { endsMonth }) };
  }
}

/** Final, or final and stated again. */
function isFinal({ state }: DayView): boolean {
  return state === 'final' || state === 'restated';
}
