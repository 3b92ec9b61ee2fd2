import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { loadSeries } from '../../lambdas/billing/series-file.ts';
import { describeShared } from '../support/shared.ts';

const HOURS = Array.from({ length: 24 }, (_, i) => `2013-06-01T${String(i).padStart(2, '0')}:00`);

function bands(change: (line: string, i: number) => string): string {
  return `start_local,band\n${HOURS.map((hour, i) => change(`${hour},Normal`, i)).join('\n')}\n`;
}

describe('a series', () => {
  it('of bands has whole local days', () => {
    const series = loadSeries(
      bands((line, i) => (i === 5 ? line.replace('Normal', 'Low') : line)),
      's.csv',
    );
    expect(series).toMatchObject({ kind: 'bands', clock: 'local', stepMinutes: 60 });
    expect(series.kind === 'bands' && series.days.get('2013-06-01')?.[5]).toBe('Low');
  });

  it('of prices is exact, per kWh or per MWh', () => {
    const prices = (unit: string, ...values: string[]) => {
      const lines = values.map((value, i) => `2013-06-01T0${i}:00Z,${value}`);
      const series = loadSeries(`start_utc,${unit}\r\n${lines.join('\r\n')}\r\n`, 's.csv');
      return series.kind === 'prices' ? series.pricesMicroPerKWh : [];
    };
    expect(prices('price_per_kwh', '0.14228', '-0.000001', '12')).toEqual([142_280n, -1n, 12_000_000n]);
    expect(prices('price_per_mwh', '13.78', '-221.99', '0')).toEqual([13_780n, -221_990n, 0n]);
  });

  it.each<[what: string, text: string, fault: string]>([
    ['has no known header', 'a,b\n2013-06-01T00:00,x\n2013-06-01T01:00,x\n', 'line 1: the header is'],
    ['is empty', 'start_local,band\n', 'line 2: at least two lines'],
    ['has a gap', bands((line, i) => (i === 7 ? line.replace('T07', 'T08') : line)), 'line 9: not 60 minutes after'],
    ['has a broken line', bands((line, i) => (i === 3 ? '2013-06-01 03:00' : line)), 'line 5: a line like'],
    ['has a band without a name', bands((line, i) => (i === 3 ? line.replace('Normal', '') : line)), 'line 5: no name of a band'],
    ['ends within a day', `start_local,band\n${HOURS.slice(0, 23).join(',a\n')},a\n`, 'line 24: the last day is not whole'],
    [
      'begins within a day',
      'start_local,band\n2013-06-01T01:00,a\n2013-06-01T02:00,a\n',
      'line 2: the first line is not the begin of a day',
    ],
    ['has an odd step', 'start_utc,price_per_kwh\n2013-06-01T00:00Z,1\n2013-06-01T00:07Z,1\n', 'line 3: a step of 7 minutes'],
    [
      'has a price of too many digits',
      'start_utc,price_per_mwh\n2013-06-01T00:00Z,1.0001\n2013-06-01T01:00Z,1\n',
      'line 2: no price with at most 3 decimals',
    ],
    ['has a price that is none', 'start_utc,price_per_kwh\n2013-06-01T00:00Z,1\n2013-06-01T01:00Z,NaN\n', 'line 3: no price'],
  ])('that %s is refused with line and reason', (_what, text, fault) => {
    expect(() => loadSeries(text, 's.csv')).toThrow(
      expect.objectContaining({ code: 'ERR_SERIES_INVALID', message: expect.stringContaining(`s.csv: ${fault}`) }),
    );
  });
});

describeShared('the bands of the London trial', 'data/london-2013/tou-bands.csv.gz', (path) => {
  it('load as they are: a year of half-hours in three bands', () => {
    const series = loadSeries(gunzipSync(readFileSync(path)).toString(), path);
    if (series.kind !== 'bands') throw new Error('bands were expected');
    expect(series.days.size).toBe(365);
    const counts = new Map<string, number>();
    for (const day of series.days.values()) for (const band of day) counts.set(band, (counts.get(band) ?? 0) + 1);
    expect(Object.fromEntries(counts)).toEqual({ Normal: 15_072, Low: 1_660, High: 788 });
  });
});
