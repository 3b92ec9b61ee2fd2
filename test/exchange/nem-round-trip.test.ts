import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { importFile } from '../../exchange/import.ts';
import { LineSplitter } from '../../exchange/lines.ts';
import { NemReader } from '../../exchange/nem/reader.ts';
import { Problems } from '../../exchange/problem.ts';
import { CHANNEL, day, file, HEADER, type NemCall, READ, recorder, valuesWith } from './given.ts';
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

  it.each<[string, string[], NemCall[0][]]>([
    ['a day', [HEADER, CHANNEL, day(), day({ date: '20040202', values: valuesWith(1, 'x') }), '900'], ['header', 'channel', 'day']],
    ['a day whose 400 record is bad', [HEADER, CHANNEL, day({ tail: 'V,,,,' }), '400,1,48,X,,', '900'], ['header', 'channel']],
    ['a day whose 500 record is bad', [HEADER, CHANNEL, day(), '500,7,,,', '900'], ['header', 'channel']],
    ['a channel and its days', [HEADER, CHANNEL.replace('kWh', 'l'), day(), CHANNEL, day(), '900'], ['header', 'channel', 'day']],
    ['a read whose 550 record is bad', ['100,NEM13,200401101030,A,B', READ, '550,7,,E,', READ, '550,N,,E,', '900'], ['header', 'read']],
  ])('of a file with problems, nobody is handed %s', (_, records, handed) => {
    const { calls, problems } = readBack(Buffer.from(file(...records)), [1_000]);
    expect(problems.count).toBe(1);
    expect(calls.map(([what]) => what)).toEqual(handed);
  });
});
