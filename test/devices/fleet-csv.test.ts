import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import { loadHalfHours, parseCsvWindow, partOf } from '../../devices/fleet/csv.ts';
import { makeTown } from '../../devices/fleet/town.ts';
import { describeShared } from '../support/shared.ts';

const HALF_HOUR = 1_800_000;
const DAY = 86_400_000;
const START = Date.UTC(2013, 0, 1);
const folder = mkdtempSync(join(tmpdir(), 'joulekeep-fleet-csv-'));
afterAll(() => rmSync(folder, { recursive: true }));

let files = 0;
function file(content: string | Buffer, name = `table-${files++}.csv`): string {
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
}

/** @param rows half-hours from 2013-01-01 on, '' = blank */
function table(homes: readonly string[], rows: readonly (readonly (number | '')[])[]): string {
  const lines = rows.map((row, i) => [`${new Date(START + i * HALF_HOUR).toISOString().slice(0, 16)}Z`, ...row].join(','));
  return `${['start_utc', ...homes].join(',')}\n${lines.join('\n')}\n`;
}

/** One home, one cell per day at 00:00, the rest of the day 7 Wh. */
function days(...midnights: (number | '')[]): string {
  return table(
    ['A'],
    midnights.flatMap((wh) => [[wh], ...Array.from({ length: 47 }, () => [7])]),
  );
}

const range = (from: number, to: number, step: number) => Array.from({ length: (to - from) / step }, (_, i) => from + (i + 1) * step);

describe('table of half-hours', () => {
  it('splits to finer intervals with the sum kept, the remainder to the first', () => {
    fc.assert(
      fc.property(fc.nat(65_534), fc.constantFrom(1, 2, 6), (total, parts) => {
        const split = Array.from({ length: parts }, (_, i) => partOf(total, parts, i));
        expect(split.reduce((sum, wh) => sum + wh, 0)).toBe(total);
        expect(split.toSorted((a, b) => b - a)).toEqual(split);
        expect(split[0]! - split.at(-1)!).toBeLessThanOrEqual(1);
      }),
    );
  });

  it.each([5, 15, 30] as const)('keeps every sum of any table at %i minutes, plain and gzip', async (minutes) => {
    const cell = fc.oneof({ weight: 5, arbitrary: fc.nat(5_000) }, { weight: 1, arbitrary: fc.constant('' as const) });
    const rows = fc.array(fc.tuple(cell, cell, cell), { minLength: 48, maxLength: 120 });
    await fc.assert(
      fc.asyncProperty(rows, fc.boolean(), async (cells, zipped) => {
        const text = table(['A', 'B', 'C'], cells);
        const town = await makeTown({
          kind: 'csv',
          seed: 's',
          file: file(zipped ? gzipSync(text) : text, 'any'),
          intervalMinutes: minutes,
        });
        for (const [i, row] of cells.entries()) {
          for (const [home, wh] of row.entries()) {
            const ends = range(START + i * HALF_HOUR, START + (i + 1) * HALF_HOUR, minutes * 60_000);
            const parts = ends.map((end) => town.measured(home, 0, end)!);
            if (wh === '') expect(parts.every((part) => part.value === null && part.advance >= 0)).toBe(true);
            else expect(parts.reduce((sum, part) => sum + part.value!, 0)).toBe(wh);
          }
        }
        expect(town.measured(0, 0, START)).toBeUndefined();
        expect(town.measured(0, 0, START + cells.length * HALF_HOUR + minutes * 60_000)).toBeUndefined();
      }),
      { numRuns: 15 },
    );
  });

  const substitute = async (text: string, window: { from?: number; days?: number }, day: number) => {
    const read = await loadHalfHours(file(text), { intervalMinutes: 30, ...window });
    return read.interval(0, START + day * DAY + HALF_HOUR, 30);
  };

  it('advances the register over a lost half-hour by the nearest day, the earlier one on a tie, and delivers nothing', async () => {
    expect(await substitute(days(100, '', 300), {}, 1)).toEqual({ value: null, advance: 100 });
    expect(await substitute(days(100, '', '', 300), {}, 2)).toEqual({ value: null, advance: 300 });
    expect(await substitute(days(100, '', '', '', 300), {}, 2)).toEqual({ value: null, advance: 100 });
    expect(await substitute(days('', '', 300), {}, 0)).toEqual({ value: null, advance: 300 });
    expect(await substitute(days(100, '', ''), {}, 2)).toEqual({ value: null, advance: 100 });
    expect(await substitute(days('', '', ''), {}, 1)).toEqual({ value: null, advance: 0 });
  });

  it('looks for the nearest day outside the days that are played', async () => {
    const text = days(100, '', '', '', '', 600, 700);
    for (const [day, wh] of [
      [1, 100],
      [2, 100],
      [3, 600],
      [4, 600],
    ] as const) {
      expect(await substitute(text, { from: START + day * DAY, days: 1 }, day)).toEqual({ value: null, advance: wh });
    }
    expect(await substitute(days('', 5, 6, ''), { from: START + 3 * DAY, days: 1 }, 3)).toEqual({ value: null, advance: 6 });
  });

  it('keeps the window, not the file, and stops reading when nothing behind it matters', async () => {
    // the bad cell at the end would be refused if it were read
    const text = days(1, 2, '', 4, 5, 6, 7, 8, 9).replace(/,7\n$/, ',broken\n');
    const read = await loadHalfHours(file(text), { from: START + DAY, days: 2, intervalMinutes: 15 });
    expect([read.count, read.start, read.end]).toEqual([96, START + DAY, START + 3 * DAY]);
    await expect(loadHalfHours(file(text), { intervalMinutes: 15 })).rejects.toThrow(/broken/);
  });

  it('takes Windows line ends, a byte order mark and blank lines at the end', async () => {
    const text = `\uFEFF${table(['A'], [[1], [''], [3]]).replaceAll('\n', '\r\n')}\r\n\r\n`;
    const read = await loadHalfHours(file(text), { intervalMinutes: 30 });
    expect(range(START, START + 3 * HALF_HOUR, HALF_HOUR).map((end) => read.interval(0, end, 30)!.value)).toEqual([1, null, 3]);
  });
});

describe('a table that cannot be played', () => {
  const row = (cells: string) => `start_utc,A,B\n2013-01-01T00:00Z,1,2\n${cells}\n`;
  it.each([
    ['an empty file', '', /the file is empty.*begins with "start_utc/],
    ['no header', '2013-01-01T00:00Z,1\n', /line 1, column 1: "2013-01-01T00:00Z" should be "start_utc"/],
    ['no home', 'start_utc\n', /line 1, column 2: there is no home/],
    ['a home without a name', 'start_utc,A,\n', /line 1, column 3: the column has no name/],
    ['the same home twice', 'start_utc,A,A\n', /line 1, column 3: "A" stands there twice/],
    ['no row', 'start_utc,A\n', /line 2: no rows follow/],
    [
      'a value that is no number',
      row('2013-01-01T00:30Z,1,n/a'),
      /line 3, column 3 \(B\): "n\/a" is not a whole number of Wh.*or leave the cell blank/,
    ],
    ['a decimal', row('2013-01-01T00:30Z,1.5,2'), /line 3, column 2 \(A\): "1.5" is not a whole number/],
    ['a negative value', row('2013-01-01T00:30Z,-1,2'), /line 3, column 2 \(A\): "-1"/],
    ['an exponent', row('2013-01-01T00:30Z,1e3,2'), /"1e3"/],
    ['a quoted value', row('2013-01-01T00:30Z,"1",2'), /line 3, column 2/],
    ['more than a home draws', row('2013-01-01T00:30Z,65535,2'), /"65535" is more than 65534 Wh/],
    ['digits without end', row(`2013-01-01T00:30Z,${'9'.repeat(400)},2`), /is more than/],
    ['a missing value', row('2013-01-01T00:30Z,1'), /line 3, column 3: the row has 1 values for 2 homes/],
    ['a value too many', row('2013-01-01T00:30Z,1,2,3'), /line 3, column 4: the row has 3 values for 2 homes/],
    ['a row without values', row('2013-01-01T00:30Z'), /line 3, column 2: the row has 0 values/],
    ['local time', row('2013-01-01T00:30,1,2'), /line 3, column 1 \(start_utc\): .* is not a half-hour in UTC. Write it like/],
    ['a date that is none', row('2013-02-30T00:30Z,1,2'), /is not a half-hour in UTC/],
    ['an hour that is none', row('2013-01-01T24:00Z,1,2'), /is not a half-hour in UTC/],
    ['a quarter hour', row('2013-01-01T00:15Z,1,2'), /is not a half-hour in UTC/],
    ['a missing row', row('2013-01-01T01:00Z,1,2'), /"2013-01-01T01:00Z" should be 2013-01-01T00:30Z.*fill a missing row with blanks/],
    ['a row twice', row('2013-01-01T00:00Z,1,2'), /should be 2013-01-01T00:30Z/],
    ['terminal escapes', row('2013-01-01T00:30Z,\u001b[2J,2'), /"\\u001b\[2J" is not a whole number/],
    ['binary junk', Buffer.alloc(3_000, 0xfe), /line 1, column 1/],
    ['a line without end', 'x'.repeat(1_200_000), /line 1 never ends/],
  ])('%s', async (_, content, message) => {
    const path = file(content);
    const failure = loadHalfHours(path, { intervalMinutes: 15 });
    await expect(failure).rejects.toMatchObject({ code: 'ERR_FLEET_INPUT', message: expect.stringMatching(message) });
    await expect(failure).rejects.toThrow(path);
  });

  it('gzip data that ends early or is damaged', async () => {
    const whole = gzipSync(days(...Array.from({ length: 40 }, (_, i) => i * 97)));
    await expect(loadHalfHours(file(whole.subarray(0, whole.length - 20)), { intervalMinutes: 15 })).rejects.toThrow(
      /gzip data is damaged or ends early/,
    );
    const damaged = Buffer.from(whole);
    damaged.fill(0xff, 40, 60);
    await expect(loadHalfHours(file(damaged), { intervalMinutes: 15 })).rejects.toThrow(/Copy the file again/);
  });

  it('no file, a folder', async () => {
    await expect(loadHalfHours(join(folder, 'nowhere.csv'), { intervalMinutes: 15 })).rejects.toThrow(/no such file/);
    await expect(loadHalfHours(folder, { intervalMinutes: 15 })).rejects.toThrow(/this is a folder/);
  });

  it('days outside the file', async () => {
    const path = file(days(1, 2, 3));
    const asked = (from: number, count?: number) =>
      loadHalfHours(path, { from, intervalMinutes: 15, ...(count === undefined ? {} : { days: count }) });
    await expect(asked(START - DAY, 1)).rejects.toThrow(/covers 2013-01-01T00:00Z to 2013-01-04T00:00Z. Choose --from and --days/);
    await expect(asked(START + 2 * DAY, 2)).rejects.toThrow(/not all in it/);
    await expect(asked(START + 9 * DAY)).rejects.toThrow(/not all in it/);
    expect((await asked(START + 2 * DAY, 1)).count).toBe(48);
  });

  it('options that are none', () => {
    expect(parseCsvWindow({ from: '2013-01-14', days: '7', interval: '5' })).toEqual({
      from: Date.UTC(2013, 0, 14),
      days: 7,
      intervalMinutes: 5,
    });
    expect(parseCsvWindow({})).toEqual({ intervalMinutes: 15 });
    expect(() => parseCsvWindow({ from: '14.1.2013' })).toThrow(/--from "14.1.2013" is no date/);
    expect(() => parseCsvWindow({ from: '2013-02-30' })).toThrow(/--from/);
    expect(() => parseCsvWindow({ days: '0' })).toThrow(/--days "0"/);
    expect(() => parseCsvWindow({ interval: '7' })).toThrow(/--interval "7" is not offered. Give 5, 15 or 30/);
  });
});

describe('days of a table', () => {
  const HALF_HOURS = 48 * 5;
  const text = (start: string) => {
    const rows = Array.from(
      { length: HALF_HOURS },
      (_, i) => `${new Date(Date.parse(start) + i * HALF_HOUR).toISOString().slice(0, 16)}Z,${i}`,
    );
    return ['start_utc,A', ...rows, ''].join('\n');
  };

  it('are local: in summer the first one begins where the zone begins it, not with the file', async () => {
    const town = await makeTown({ kind: 'csv', seed: 's', file: file(text('2013-06-01T00:00Z'), 'summer'), days: 2, intervalMinutes: 30 });
    expect([town.start, town.end].map((at) => new Date(at).toISOString())).toEqual([
      '2013-06-01T23:00:00.000Z',
      '2013-06-03T23:00:00.000Z',
    ]);
    expect(town.measured(0, 0, town.start + HALF_HOUR)?.value).toBe(46);
  });

  it('are as long as the clock makes them', async () => {
    const request = { kind: 'csv', seed: 's', file: file(text('2013-10-26T00:00Z'), 'autumn'), days: 1, intervalMinutes: 30 } as const;
    const town = await makeTown({ ...request, from: Date.UTC(2013, 9, 26, 23) });
    expect((town.end - town.start) / HALF_HOUR).toBe(50);
  });
});

/** Local midnight in London, in summer. */
const JUNE_3 = Date.UTC(2013, 5, 2, 23);

describeShared('London homes of 2013', 'data/london-2013/homes.csv.gz', (london) => {
  it('play a week, blanks as lost intervals, sums kept', async () => {
    const half = await makeTown({ kind: 'csv', seed: 'london', file: london, from: JUNE_3, days: 7, intervalMinutes: 30 });
    const quarter = await makeTown({ kind: 'csv', seed: 'london', file: london, from: JUNE_3, days: 7 });
    expect(half.homes).toHaveLength(80);
    const sum = (town: typeof half) => {
      const out = { wh: 0, advance: 0, lost: 0 };
      for (let home = 0; home < 80; home++) {
        for (const end of range(town.start, town.end, town.intervalMinutes * 60_000)) {
          const { value, advance } = town.measured(home, 0, end)!;
          out.wh += value ?? 0;
          out.advance += advance;
          out.lost += value === null ? 1 : 0;
        }
      }
      return out;
    };
    const [coarse, fine] = [sum(half), sum(quarter)];
    expect(fine).toEqual({ ...coarse, lost: coarse.lost * 2 });
    expect(coarse.wh).toBeGreaterThan(1_000_000);
    expect(coarse.advance).toBeGreaterThanOrEqual(coarse.wh);
  });
});
