import { describe, expect, it } from 'vitest';
import { feedPieces, writeFeed } from '../../exchange/espi/feed.ts';
import type { SharedRow, SharedSeries } from '../../exchange/usage/shared-usage.ts';
import { usageCsvLines } from '../../exchange/usage/usage-files.ts';
import { joinedInTurns } from '../../lambdas/usage-api/joined.ts';

const STEP = 900;
const BEGIN = Date.parse('2025-10-01T00:00:00Z') / 1_000;
const DAYS = 400;
const TERMS = { base: 'urn:joulekeep:usage:home-1', title: 'Energy usage', updatedAt: Date.parse('2026-11-06T00:00:00Z') };

const rows = Array.from({ length: DAYS * 96 }, (_, i): SharedRow => {
  const start = BEGIN + i * STEP;
  return { start, end: start + STEP, energyWh: i % 1_000, quality: { measured: 1, estimated: 0, edited: 0, missing: 0 } };
});
const of = {
  usagePoint: 'home-1',
  zone: 'Europe/London',
  direction: 'import',
  unit: 'Wh',
  resolution: 'interval',
  intervalMinutes: 15,
} as const;
const usage = { series: [{ ...of, rows } satisfies SharedSeries], bills: [] };

/** Counts what is made between two turns. */
async function stretches(pieces: Iterable<string>, what: RegExp): Promise<{ readonly text: string; readonly made: readonly number[] }> {
  const made = [0];
  const counted = function* () {
    for (const piece of pieces) {
      made.push(made.pop()! + (piece.match(what)?.length ?? 0));
      yield piece;
    }
  };
  const text = await joinedInTurns(counted(), async () => void made.push(0));
  return { text, made };
}

describe('a file of 400 days of quarter-hours', () => {
  it('as Green Button lets others have their turn at least every four days, and is the same to the byte', async () => {
    const { text, made } = await stretches(feedPieces(usage, TERMS), /<IntervalReading>/g);
    expect(made.reduce((sum, one) => sum + one, 0)).toBe(rows.length);
    expect(Math.max(...made)).toBeLessThanOrEqual(4 * 100);
    expect(made.length).toBeGreaterThan(DAYS / 4);
    expect(text).toBe(writeFeed(usage, TERMS));
  });

  it('as CSV does so as well', async () => {
    const { made } = await stretches(usageCsvLines(usage, { localTime: true }), /\n/g);
    expect(made.reduce((sum, one) => sum + one, 0)).toBe(rows.length + 1);
    expect(Math.max(...made)).toBeLessThanOrEqual(4 * 100);
  });

  it('is written while others are served: the loop turns in between', async () => {
    let served = 0;
    let over = false;
    const serve = () => {
      served++;
      if (!over) setImmediate(serve);
    };
    setImmediate(serve);
    await joinedInTurns(feedPieces(usage, TERMS));
    over = true;
    expect(served).toBeGreaterThan(DAYS / 4);
  });
});
