import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { addDays } from '../../domain/tariff/dates.ts';
import { DAY_USAGE, usagePartition } from '../../lambdas/project/day-usage.ts';
import { endsItsMonth, MonthItems, monthsFrom, type TakenDay } from '../../lambdas/project/month-usage.ts';
import { usageBetween } from '../../lambdas/project/usage-between.ts';
import { openSubjectData } from '../../lambdas/shared/access/subject-data.ts';
import type { ReadTable } from '../../platform/ports/read-models.ts';
import { MemoryWorld } from '../support/memory-platform.ts';

const METER = '00124b0000000001';
const ANNA = { usagePoint: 'home-1', subject: 'anna' };
const BEN = { usagePoint: 'home-1', subject: 'ben' };
const MONTH = 'month/2026-02';
const FEBRUARY = Array.from({ length: 28 }, (_, i) => addDays('2026-02-01', i));

function streamOf(day: string): string {
  return `meterday/${METER}/${day}`;
}

function sortOf(day: string): string {
  return `${day}.1/${METER}`;
}

function taken(day: string, version: number, ...owners: readonly (typeof ANNA)[]): TakenDay {
  const [owner = ANNA] = owners;
  return { stream: streamOf(day), version, owners: owners.length === 0 ? [ANNA] : owners, ...(endsItsMonth(day) && { endsMonth: owner }) };
}

/** A table of days whose values are no more than a text, and the months of it. */
class Shelf {
  readonly world = new MemoryWorld();
  readonly platform = this.world.as('project');
  readonly table: ReadTable;
  readonly months: MonthItems;

  constructor(through: (table: ReadTable) => ReadTable = (table) => table) {
    this.table = through(this.platform.models.table(DAY_USAGE));
    this.months = new MonthItems(this.platform, this.table);
  }

  async put(day: string, version: number, value: string | undefined, owner = ANNA): Promise<void> {
    const place = { partition: usagePartition(owner), sort: sortOf(day), upTo: { stream: streamOf(day), version } };
    const owned = { value: Buffer.from(value ?? ''), owner: { subject: owner.subject, day } };
    await this.table.put([{ ...place, ...(value === undefined ? { value } : owned) }]);
  }

  /** As the projection of days does. */
  async take(day: string, version: number, value: string | undefined): Promise<void> {
    await this.put(day, version, value);
    expect((await this.months.keepUp([taken(day, version)])).size).toBe(0);
  }

  async wholeMonth(version = 0): Promise<void> {
    for (const day of FEBRUARY) await this.take(day, version, `${day} ${version}`);
  }

  /** What the month's item says of its days; undefined = there is none. */
  async told(owner = ANNA): Promise<readonly string[] | undefined> {
    const window = { from: Date.UTC(2026, 1, 1), until: Date.UTC(2026, 2, 1) };
    const access = await openSubjectData(this.platform, { purpose: 'projection', ...window, subjects: [owner.subject] });
    const months = monthsFrom(this.table, owner, { from: '2026-02', until: '2026-03' }, access);
    for await (const { days } of months) return [...days].map(({ sort, value }) => `${sort.slice(0, 10)}=${value}`);
    return undefined;
  }

  keys(): string[] {
    return this.world.models.dump(DAY_USAGE).map(({ key }) => key.split('\0')[1]!);
  }
}

describe('a month of a home', () => {
  it('is an item from its last day on, with what all of its days say', async () => {
    const shelf = new Shelf();
    for (const day of FEBRUARY.slice(0, -1)) await shelf.take(day, 0, day);
    expect(await shelf.told()).toBeUndefined();
    await shelf.take('2026-02-28', 0, '2026-02-28');
    expect(await shelf.told()).toEqual(FEBRUARY.map((day) => `${day}=${day}`));
  });

  it('says what a day says that grew afterwards', async () => {
    const shelf = new Shelf();
    await shelf.wholeMonth();
    await shelf.take('2026-02-07', 1, 'again');
    expect((await shelf.told())![6]).toBe('2026-02-07=again');
  });

  it('loses a day that is another’s now, and is none when all of them are', async () => {
    const shelf = new Shelf();
    await shelf.wholeMonth();
    await shelf.put('2026-02-07', 1, undefined);
    await shelf.put('2026-02-07', 1, 'ben’s', BEN);
    await shelf.months.keepUp([{ ...taken('2026-02-07', 1, ANNA, BEN) }]);
    expect(await shelf.told()).toHaveLength(27);
    expect(await shelf.told(BEN)).toBeUndefined();
    for (const day of FEBRUARY) await shelf.take(day, 2, undefined);
    expect(await shelf.told()).toBeUndefined();
    expect(shelf.keys()).toEqual([sortOf('2026-02-07')]);
    await shelf.wholeMonth(3);
    expect(await shelf.told()).toHaveLength(28);
  });

  it('R9.1-3: is gone with the key of its days, and what comes of others’ days then is in nobody’s way', async () => {
    const shelf = new Shelf();
    await shelf.wholeMonth();
    shelf.world.models.erase('anna', '2026-02');
    expect(await shelf.told()).toBeUndefined();
    await shelf.take('2026-02-07', 1, undefined);
    expect(shelf.keys()).not.toContain(MONTH);
  });

  it('R9.1-3: is opened by nobody whose access does not name its subject, and made behind a record', async () => {
    const shelf = new Shelf();
    await shelf.wholeMonth();
    const window = { from: Date.UTC(2026, 1, 1), until: Date.UTC(2026, 2, 1) };
    const access = await openSubjectData(shelf.platform, { purpose: 'projection', ...window, subjects: ['ben'] });
    const months = monthsFrom(shelf.table, ANNA, { from: '2026-02', until: '2026-03' }, access);
    await expect(Array.fromAsync(months)).rejects.toMatchObject({ code: 'ERR_SUBJECT_SEALED' });
    const streams = await Array.fromAsync(shelf.world.events.streams('access/'));
    expect(streams.flatMap((stream) => shelf.world.events.eventsOf(stream))[0]).toMatchObject({
      data: { principal: 'project', purpose: 'projection', subjects: ['anna'], ...window },
    });
  });

  it('that could not be made is a fault of the days that it was to be made of', async () => {
    const shelf = new Shelf();
    await shelf.wholeMonth();
    shelf.world.models.beforePut = (_, { sort }) => {
      if (sort === MONTH) throw new Error('full');
    };
    await shelf.put('2026-02-07', 1, 'again');
    const faults = await shelf.months.keepUp([taken('2026-02-07', 1), taken('2026-03-01', 0)]);
    expect([...faults.keys()]).toEqual([streamOf('2026-02-07')]);
  });

  it('misses no day that another process writes between the look at the days and the month', async () => {
    let meanwhile: (() => Promise<void>) | undefined;
    const shelf = new Shelf((table) => ({
      ...table,
      range: async function* (...of) {
        yield* table.range(...of);
        const work = meanwhile;
        meanwhile = undefined;
        await work?.();
      },
    }));
    await shelf.take('2026-02-03', 0, 'before');
    meanwhile = () => shelf.take('2026-02-03', 1, 'after');
    await shelf.take('2026-02-28', 0, 'last');
    expect(meanwhile).toBeUndefined();
    expect(await shelf.told()).toEqual(['2026-02-03=after', '2026-02-28=last']);
  });

  it('says in the end what its days say, in whatever order many processes write and look', async () => {
    const write = fc.record({ day: fc.constantFrom('2026-02-03', '2026-02-14', '2026-02-28'), gone: fc.boolean() });
    await fc.assert(
      fc.asyncProperty(fc.scheduler(), fc.array(write, { minLength: 1, maxLength: 7 }), async (scheduler, writes) => {
        const shelf = new Shelf((table) => scheduled(table, scheduler));
        const versions = new Map<string, number>();
        const works = writes.map(({ day, gone }, n) => {
          const version = (versions.get(day) ?? -1) + 1;
          versions.set(day, version);
          return shelf.take(day, version, gone ? undefined : `${n}`);
        });
        await scheduler.waitFor(Promise.all(works));
        const last = [...versions.keys()].sort().flatMap((day) => {
          const n = writes.findLastIndex((one) => one.day === day);
          return writes[n]!.gone ? [] : [`${day}=${n}`];
        });
        const told = await scheduler.waitFor(shelf.told());
        // Where there is none the days themselves are asked; where one was never taken out, there is one.
        const sure = versions.has('2026-02-28') && writes.every(({ gone }) => !gone);
        if (told !== undefined || sure) expect(told).toEqual(last);
      }),
      { numRuns: 300 },
    );
  });
});

/** Every call waits for its turn, of which the scheduler says when it is. */
function scheduled(table: ReadTable, scheduler: fc.Scheduler): ReadTable {
  const turn = (what: string) => scheduler.schedule(Promise.resolve(), what);
  return {
    ...table,
    put: async (items) => {
      await turn('put');
      await table.put(items);
    },
    versions: async (...of) => {
      await turn('versions');
      return await table.versions(...of);
    },
    keys: async function* (...of) {
      await turn('keys');
      yield* table.keys(...of);
    },
    range: async function* (...of) {
      await turn('range');
      yield* table.range(...of);
    },
  };
}

describe('usage of a home between two dates', () => {
  const dates = (from: string, until: string) => ({ from, until });

  /** What is looked for, and what was found. */
  async function lookedFor(from: string, until: string, months: readonly string[]) {
    const shelf = new Shelf();
    const value = Buffer.from([1, 0, 15, 0, 0, 0, 0, 0, 0, 0]);
    for (let day = '2025-12-30'; day < '2026-04-02'; day = addDays(day, 1)) {
      await shelf.put(day, 0, value.toString('latin1'));
      if (months.includes(day.slice(0, 7))) await shelf.months.keepUp([taken(day, 0)]);
    }
    const window = { from: Date.parse(from), until: Date.parse(until) };
    const access = await openSubjectData(shelf.platform, { purpose: 'customer-view', ...window, subjects: ['anna'] });
    const ranges: string[] = [];
    const watched: ReadTable = {
      ...shelf.table,
      range: (partition, first, last, given) => {
        ranges.push(`${first} ${last}`);
        return shelf.table.range(partition, first, last, given);
      },
    };
    const found = await usageBetween(watched, ANNA, dates(from, until), access);
    return { ranges, days: found.map(({ day }) => day).sort() };
  }

  it.each([
    ['2026-01-01', '2026-04-01', ['month/2026-01 month/2026-04']],
    ['2025-12-31', '2026-04-02', ['month/2026-01 month/2026-04', '2025-12-31 2026-01-01', '2026-04-01 2026-04-02']],
    ['2026-01-02', '2026-03-31', ['month/2026-02 month/2026-03', '2026-01-02 2026-02-01', '2026-03-01 2026-03-31']],
    ['2026-02-02', '2026-02-28', ['2026-02-02 2026-02-28']],
    ['2026-02-28', '2026-03-02', ['2026-02-28 2026-03-02']],
  ])('from %s to %s looks for whole months first, and for no day that is in one', async (from, until, expected) => {
    const { ranges, days } = await lookedFor(from, until, ['2026-01', '2026-02', '2026-03']);
    expect(ranges).toEqual(expected);
    const all: string[] = [];
    for (let day = from; day < until; day = addDays(day, 1)) all.push(day);
    expect(days).toEqual(all);
  });

  it('takes the days of months that are no item', async () => {
    const { ranges, days } = await lookedFor('2026-01-01', '2026-04-01', ['2026-02']);
    expect(ranges).toEqual(['month/2026-01 month/2026-04', '2026-01-01 2026-02-01', '2026-03-01 2026-04-01']);
    expect(days).toHaveLength(90);
  });
});
