import { describe, expect, it } from 'vitest';
import { balanceOf } from '../../domain/demand/balance.ts';
import { behindMs, dueUntil, isLate, LATENCY_MS } from '../../domain/demand/lateness.ts';
import { quarterAt, quarterEnd, quarterStart } from '../../domain/demand/quarter.ts';

const NOON = Date.UTC(2026, 0, 15, 12);

describe('when an interval is told', () => {
  it('is its latency after its end, on the grid of the area', () => {
    expect(dueUntil(NOON + LATENCY_MS, 15)).toBe(NOON / 1000);
    expect(dueUntil(NOON + LATENCY_MS - 1, 15)).toBe(NOON / 1000 - 900);
    expect(dueUntil(NOON + LATENCY_MS + 29 * 60_000, 30)).toBe(NOON / 1000);
  });

  it('a feed is behind by what is due and not told, and late from more than half an hour on', () => {
    const now = NOON + LATENCY_MS;
    expect(behindMs(NOON / 1000, now, 15)).toBe(0);
    expect(behindMs(NOON / 1000 - 1_800, now, 15)).toBe(1_800_000);
    expect([isLate(NOON / 1000 - 1_800, now, 15), isLate(NOON / 1000 - 2_700, now, 15)]).toEqual([false, true]);
  });

  it('quarters are those of UTC', () => {
    expect([Date.UTC(2026, 2, 31, 23, 59), Date.UTC(2026, 3, 1)].map(quarterAt)).toEqual(['2026-Q1', '2026-Q2']);
    expect([quarterStart('2026-Q4'), quarterEnd('2026-Q4')]).toEqual([Date.UTC(2026, 9, 1), Date.UTC(2027, 0, 1)]);
  });
});

describe('the balance of a feeder', () => {
  const counts = { expected: 200, measured: 200, expectedExporting: 100, exporting: 100 };
  const homes = { homesImportWh: 100_000, homesExportWh: 20_000, ...counts, headExportWh: 0 };

  it.each([
    [80_000, undefined],
    [87_000, undefined],
    [95_000, 'less-than-the-feeder'],
    [78_000, undefined],
    [74_000, 'more-than-the-feeder'],
  ])('a head of %i Wh over homes of 80,000 net: %s', (headImportWh, cause) => {
    const balance = balanceOf({ ...homes, headImportWh });
    expect(balance).toEqual({ unaccountedWh: headImportWh - 80_000, ...(cause === undefined ? {} : { cause }) });
  });

  it('says nothing where more than one home in a hundred is missing, or nobody is there', () => {
    expect(balanceOf({ ...homes, headImportWh: 200_000, measured: 197 }).cause).toBeUndefined();
    expect(balanceOf({ ...homes, headImportWh: 200_000, measured: 198 }).cause).toBe('less-than-the-feeder');
    expect(balanceOf({ ...homes, headImportWh: 200_000, expected: 0, measured: 0 }).cause).toBeUndefined();
  });

  it('says nothing where what is fed in has not come: without it homes seem to take more than they do', () => {
    const late = { ...homes, headImportWh: 80_000, homesExportWh: 5_000 };
    expect(balanceOf({ ...late, exporting: 25 }).cause).toBeUndefined();
    expect(balanceOf({ ...late, exporting: 99 }).cause).toBe('more-than-the-feeder');
    expect(balanceOf({ ...late, expectedExporting: 0, exporting: 0 }).cause).toBe('more-than-the-feeder');
  });
});
