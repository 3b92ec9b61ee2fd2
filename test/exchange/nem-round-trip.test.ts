import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { importFile } from '../../exchange/import.ts';
import { LineSplitter } from '../../exchange/lines.ts';
import { NemReader } from '../../exchange/nem/reader.ts';
import { Problems } from '../../exchange/problem.ts';
import { type NemCall, recorder } from './given.ts';
import { nem12, nem13, written } from './nem-files.ts';

function readBack(bytes: Uint8Array, sizes: readonly number[]): { calls: NemCall[]; problems: Problems } {
  const { calls, visitor } = recorder();
  const problems = new Problems();
  const lines = new LineSplitter(new NemReader(visitor, problems), problems);
  for (let at = 0, i = 0; at < bytes.length; i++) {
    const size = sizes[i % sizes.length]!;
    lines.push(bytes.subarray(at, at + size));
    at += size;
  }
  lines.end();
  return { calls, problems };
}

describe('NEM12 and NEM13', () => {
  it.each([
    ['NEM12', nem12],
    ['NEM13', nem13],
  ])('%s: what is written is read as the same, whatever pieces it comes in', (_, file) => {
    fc.assert(
      fc.property(file, fc.array(fc.integer({ min: 1, max: 5_000 }), { minLength: 1, maxLength: 5 }), (calls, sizes) => {
        const back = readBack(Buffer.from(written(calls)), sizes);
        expect(back.problems.listed).toEqual([]);
        expect(back.calls).toEqual(calls);
      }),
      { numRuns: 150 },
    );
  });

  it('a file cut anywhere before its end is refused', async () => {
    await fc.assert(
      fc.asyncProperty(nem12, fc.double({ min: 0, max: 1, noNaN: true }), async (calls, share) => {
        const whole = Buffer.from(written(calls));
        const cut = whole.subarray(0, Math.floor(share * (whole.length - 5)));
        expect(await importFile([cut])).toMatchObject({ ok: false });
      }),
    );
  });
});
