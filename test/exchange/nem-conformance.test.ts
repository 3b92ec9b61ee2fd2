import { createReadStream, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { importFile } from '../../exchange/import.ts';
import { LineSplitter } from '../../exchange/lines.ts';
import { NemReader } from '../../exchange/nem/reader.ts';
import { NemWriter } from '../../exchange/nem/writer.ts';
import { Problems } from '../../exchange/problem.ts';
import { describeShared } from '../support/shared.ts';
import { recorder } from './given.ts';

/** Blocks, reads, channels set aside, and Wh and varh in all: summed with exact decimals of another language. */
const HOLDS: Readonly<Record<string, readonly [number, number, number, number]>> = {
  'Example_NEM12_actual_interval.csv': [2, 0, 0, 48 * 1_111 + 48 * 2_222],
  'Example_NEM12_different_interval_length.csv': [2, 0, 1, 374_000],
  'Example_NEM12_month_solar.csv': [62, 0, 0, 859_910],
  'Example_NEM12_multiple_meters.csv': [12, 0, 0, 2 * 96 * (10 + 10 + 50 + 100 + 20 + 50)],
  'Example_NEM12_multiple_quality.csv': [1, 0, 0, 896_990],
  'Example_NEM12_no_scheduled_read.csv': [1, 0, 0, 5_840],
  'Example_NEM12_partialchannel.csv': [32, 0, 0, 293_904],
  'Example_NEM12_substituted_interval.csv': [2, 0, 0, 48 * 2_312 + 16 * 34_567 + 12 * 22_123 + 20 * 2_311_765],
  'Example_NEM12_upper_case_units.csv': [2, 0, 0, 48 * 1_111 + 48 * 2_222],
  'Example_NEM13_consumption_data.csv': [0, 1, 0, 1_312_100],
  'Example_NEM13_forward_estimate.csv': [0, 2, 0, 111_000 + 65_000],
  'Example_WesternPower.csv': [4, 0, 0, 0],
};

describeShared('NEM12 and NEM13 examples', 'conformance/nem12', (folder) => {
  it('are the ones we know', () => {
    expect(readdirSync(folder).filter((name) => name.endsWith('.csv'))).toEqual(Object.keys(HOLDS));
  });

  describe.each(Object.entries(HOLDS))('%s', (name, [blocks, reads, setAside, energy]) => {
    it('is read whole', async () => {
      const outcome = await importFile(createReadStream(join(folder, name)));
      if (!outcome.ok) throw new Error(JSON.stringify(outcome.problems));
      expect([outcome.blocks.length, outcome.reads.length, outcome.setAside.length]).toEqual([blocks, reads, setAside]);
      const values = [...outcome.blocks.flatMap((block) => block.values), ...outcome.reads.map(({ quantity }) => quantity)];
      expect(values.reduce<number>((sum, value) => sum + (value ?? 0), 0)).toBe(energy);
      for (const block of outcome.blocks) expect(block.values).toHaveLength(1_440 / block.minutes);
    });

    it('written again says the same', async () => {
      const calls = async (chunks: AsyncIterable<Buffer> | Iterable<Buffer>) => {
        const { calls: heard, visitor } = recorder();
        const problems = new Problems();
        const lines = new LineSplitter(new NemReader(visitor, problems), problems);
        for await (const chunk of chunks) lines.push(chunk);
        lines.end();
        expect(problems.listed).toEqual([]);
        return heard;
      };
      const first = await calls(createReadStream(join(folder, name)));
      const lines: string[] = [];
      const writer = new NemWriter((line) => lines.push(line));
      for (const [what, data] of first) (writer[what] as (data: unknown, line: number) => void)(data, 0);
      writer.end();
      expect(await calls([Buffer.from(lines.join(''))])).toEqual(first);
    });
  });
});
