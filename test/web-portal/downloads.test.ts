import { describe, expect, test } from 'vitest';
import { DownloadQuery } from '../../api/customer-usage.ts';
import { writeFeed } from '../../exchange/espi/feed.ts';
import { usageCsvLines, usageJson } from '../../exchange/usage/usage-files.ts';
import { curlCommand, faultOf, fileCall, fileName, PRESETS, presetDays } from '../../web/portal/views/downloads/file-request.ts';
import { hasReadings } from '../../web/portal/views/downloads/has-readings.ts';

const CHOICE = { form: 'espi', from: '2026-10-01', last: '2026-10-31' } as const;

describe('a period for a file', () => {
  test('the last day is included, the route’s `until` is the day after', () => {
    const { path, query } = fileCall('p1', CHOICE);
    expect(path).toBe('/v1/me/points/p1/download');
    expect(DownloadQuery.parse(query)).toEqual({ form: 'espi', from: '2026-10-01', until: '2026-11-01' });
  });

  test('four hundred days fit, one more does not', () => {
    expect(faultOf({ ...CHOICE, from: '2025-01-01', last: '2026-02-04' })).toBeUndefined();
    expect(faultOf({ ...CHOICE, from: '2025-01-01', last: '2026-02-05' })).toBe('long');
    expect(faultOf({ ...CHOICE, last: '2026-09-30' })).toBe('order');
    expect(faultOf({ ...CHOICE, from: '' })).toBe('incomplete');
    expect(faultOf({ ...CHOICE, last: '2026-10-01' })).toBeUndefined();
  });

  test('usual periods are ones that the route takes, on every day of a leap year', () => {
    for (let at = Date.UTC(2028, 0, 1); at < Date.UTC(2029, 0, 1); at += 86_400_000) {
      const today = new Date(at).toISOString().slice(0, 10);
      for (const preset of PRESETS)
        expect([today, preset, faultOf({ form: 'csv', ...presetDays(preset, today) })]).toEqual([today, preset, undefined]);
    }
    expect(presetDays('last-month', '2026-03-15')).toEqual({ from: '2026-02-01', last: '2026-02-28' });
    expect(presetDays('last-year', '2026-11-26')).toEqual({ from: '2025-11-01', last: '2026-10-31' });
    expect(presetDays('this-year', '2026-01-01')).toEqual({ from: '2026-01-01', last: '2026-01-01' });
    expect(presetDays('last-30', '2026-11-26')).toEqual({ from: '2026-10-27', last: '2026-11-25' });
  });
});

describe('a file', () => {
  test('is named by what is in it, with nothing that a file system takes amiss', () => {
    expect(fileName('p1/../x', CHOICE)).toBe('usage-p1____x-2026-10-01-2026-10-31.xml');
  });

  test('the command for a shell names no token, and quotes what it is given', () => {
    const command = curlCommand('https://portal.example', "p1'; rm -rf ~", CHOICE);
    expect(command).toContain('"Authorization: DPoP $TOKEN"');
    expect(command).toContain(
      "'https://portal.example/v1/me/points/p1'\\''%3B%20rm%20-rf%20~/download?form=espi&from=2026-10-01&until=2026-11-01'",
    );
    expect(command.split('\n')).toHaveLength(3);
  });
});

describe('a period without readings', () => {
  const START = Date.UTC(2026, 9, 1) / 1_000;
  const filesOf = (energies: readonly (number | null)[]) => {
    const rows = energies.map((energyWh, i) => {
      const quality = { measured: energyWh === null ? 0 : 1, estimated: 0, edited: 0, missing: energyWh === null ? 1 : 0 };
      return { start: START + i * 900, end: START + (i + 1) * 900, energyWh, quality };
    });
    const of = { usagePoint: 'p1', zone: 'Europe/Berlin', unit: 'Wh', resolution: 'interval', intervalMinutes: 15 } as const;
    const usage = { series: energies.length === 0 ? [] : [{ ...of, direction: 'import' as const, rows }], bills: [] };
    const feed = writeFeed(usage, { base: 'urn:joulekeep:usage:p1', title: 'Energy usage', updatedAt: START * 1_000 });
    return [
      ['csv', [...usageCsvLines(usage, { localTime: true })].join('')],
      ['json', usageJson(usage)],
      ['espi', feed],
    ] as const;
  };

  test('is known by every kind of file that the service writes', () => {
    for (const energies of [[], [null, null]])
      for (const [form, text] of filesOf(energies)) expect([form, hasReadings(form, text)]).toEqual([form, false]);
    for (const energies of [[null, 120], [0]])
      for (const [form, text] of filesOf(energies)) expect([form, hasReadings(form, text)]).toEqual([form, true]);
  });
});
