import { describe, expect, it } from 'vitest';
import { closableSince, livingSpanOf, spanOf } from '../../bin/town/span.ts';
import type { Stock } from '../../devices/fleet/protocol.ts';

const DAY = 86_400_000;
const NOW = Date.parse('2026-06-15T13:00:00Z');

/** A town that began so many days of books ago, and was left at an instant. */
function stockOf(start: number, resumedAt?: number): Stock {
  return { type: 'stock', concentrators: [], meters: [], start, ...(resumedAt === undefined ? {} : { resumedAt }) };
}

describe('what a town plays at speed', () => {
  const start = closableSince(NOW, 7);

  it('is whole days that can be closed by now, all it was asked for', () => {
    const span = livingSpanOf(stockOf(start), 7, NOW);
    expect(span).toEqual(spanOf(stockOf(start), 7));
    expect([(span.to - span.from) / DAY, span.to < NOW]).toEqual([7, true]);
  });

  it('is nothing for one that was left a moment ago: it would pass the present', () => {
    const left = NOW - 60_000;
    expect(livingSpanOf(stockOf(start, left), 7, NOW)).toEqual({ since: start, from: left, to: left });
  });

  it('ends with the last day that can be closed for one that was left in the middle of its play, and never behind the present', () => {
    const whole = livingSpanOf(stockOf(start), 7, NOW);
    for (let left = start; left < NOW; left += 7 * 3_600_000) {
      const { from, to } = livingSpanOf(stockOf(start, left), 7, NOW);
      expect([from, to]).toEqual([left, Math.max(left, whole.to)]);
    }
  });

  it('is so many days on for one that ends with its play, wherever that leads', () => {
    expect(spanOf(stockOf(start, NOW), 2).to).toBeGreaterThan(NOW);
  });
});
