import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { importFile } from '../../exchange/import.ts';

describe('any file', () => {
  const line = fc.oneof(
    fc.string({ unit: 'binary', maxLength: 60 }),
    fc.constantFrom(
      '100,NEM12,202001010000,a,b',
      '100,NEM13,202001010000,a,b',
      '200,NMI1,,,E1,,,kWh,30,',
      '900',
      'meterId,channel,end_utc,wh',
      '250',
      '"',
      '""",',
    ),
    fc
      .array(
        fc.oneof(fc.constantFrom('300', '400', '500', '20200101', 'A', 'V', 'S14', '', '1', '48', '1e9', '-'), fc.string({ maxLength: 5 })),
        { maxLength: 60 },
      )
      .map((f) => f.join(',')),
  );

  it('of text or bytes ends in an outcome: blocks, or problems with a place inside the file', async () => {
    const bytes = fc.oneof(
      fc.uint8Array({ maxLength: 400 }),
      fc.array(line, { maxLength: 12 }).map((lines) => Buffer.from(lines.join('\n'))),
    );
    await fc.assert(
      fc.asyncProperty(bytes, async (content) => {
        const outcome = await importFile([content]);
        if (outcome.ok) return;
        expect(outcome.problems.length).toBeGreaterThan(0);
        for (const { line: at, column, reason, remedy } of outcome.problems) {
          expect(at).toBeGreaterThanOrEqual(1);
          expect(at).toBeLessThanOrEqual(Math.max(1, Buffer.from(content).toString('latin1').split('\n').length));
          expect(column).toBeGreaterThanOrEqual(1);
          expect(`${reason}${remedy}`).not.toMatch(/\n|undefined|NaN,/);
        }
      }),
      { numRuns: 2_000 },
    );
  });
});
