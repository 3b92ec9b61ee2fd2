import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { servesPurpose } from '../../domain/consent/purposes.ts';
import { readScope, spanOf } from '../../lambdas/authorization/scope.ts';
import { ALL_DEFENCES } from '../../topology/defences.ts';

const read = (text: string) => readScope(text, ALL_DEFENCES);

describe('a scope', () => {
  it('as Green Button writes it says purpose, classes of data, resolution and window', () => {
    expect(read('FB=4_5_15;IntervalDuration=3600;BlockDuration=monthly;HistoryLength=13')).toEqual({
      ...{ purpose: 'load-shifting', dataClasses: ['usage'], resolution: 'hour', historyMonths: 13, months: 12 },
    });
    expect(read('FB=1_4_5_7;IntervalDuration=2592000;Months=1')).toMatchObject({
      purpose: 'bill-check',
      dataClasses: ['usage', 'generation'],
      months: 1,
    });
  });

  it.each([
    '',
    'FB=4_5',
    'IntervalDuration=3600',
    'FB=4;IntervalDuration=3600',
    'FB=4_5;IntervalDuration=900',
    'FB=4_5;IntervalDuration=3600;Purpose=efficiency',
    'FB=4_5;IntervalDuration=3600;Purpose=research',
    'FB=4_5;IntervalDuration=3600;Purpose=everything',
    'FB=4_5;IntervalDuration=3600;IntervalDuration=86400',
    'FB=4_5;IntervalDuration=3600;HistoryLength=-1',
    'FB=4_5;IntervalDuration=3600;HistoryLength=99',
    'FB=4_5;IntervalDuration=3600;Months=0',
    'FB=4_5;IntervalDuration=3600;Months=14',
    'FB=4_5;IntervalDuration=3600;Surprise=1',
    'FB=4_5;IntervalDuration=toString',
    'FB=4_5=6;IntervalDuration=3600',
  ])('%j is none', (text) => {
    expect(read(text)).toBeUndefined();
  });

  it('T8-P7: whatever is read never asks for finer than its purpose needs', () => {
    const value = fc.constantFrom('900', '3600', '86400', '2592000');
    const purpose = fc.constantFrom('', ';Purpose=bill-check', ';Purpose=efficiency', ';Purpose=load-shifting', ';Purpose=research');
    let understood = 0;
    fc.assert(
      fc.property(value, purpose, (duration, words) => {
        const scope = read(`FB=4_5;IntervalDuration=${duration}${words}`);
        if (scope === undefined) return;
        understood++;
        expect(servesPurpose(scope.purpose, scope.resolution)).toBe(true);
      }),
    );
    expect(understood).toBeGreaterThan(10);
  });

  it('spans months of the calendar and never more than thirteen ahead', () => {
    const now = Date.UTC(2026, 0, 31, 12);
    const scope = read('FB=4_5;IntervalDuration=86400;HistoryLength=2;Months=1')!;
    expect(spanOf(scope, now)).toEqual({ from: Date.UTC(2025, 10, 30, 12), until: Date.UTC(2026, 1, 28, 12) });
    const { until } = spanOf({ ...scope, months: 13 }, now);
    expect(until - now).toBeLessThanOrEqual(397 * 86_400_000);
  });
});
