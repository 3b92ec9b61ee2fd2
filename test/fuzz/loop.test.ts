import { describe, expect, it } from 'vitest';
import type { Coverage } from '../../fuzz/coverage.ts';
import { fuzz } from '../../fuzz/loop.ts';
import { type FuzzTarget, same } from '../../fuzz/target.ts';

const SECRET = Buffer.from('JK1!?');

/** Breaks on five bytes that nothing but their order of discovery gives away. */
class Planted {
  matched = 0;
  readonly target: FuzzTarget = {
    ...{ name: 'planted', what: 'five bytes', covers: [], mostBytes: 16, share: 1, dictionary: [], codes: ['ERR_REFUSED'] },
    seeds: () => [],
    run: (input) => {
      this.matched = 0;
      while (this.matched < SECRET.length && input[this.matched] === SECRET[this.matched]) this.matched++;
      if (this.matched === SECRET.length) throw new TypeError('planted');
      throw Object.assign(new Error('refused'), { code: 'ERR_REFUSED' });
    },
  };

  coverage(): Coverage {
    let most = -1;
    const isNew = () => {
      const fresh = this.matched > most;
      most = Math.max(most, this.matched);
      return fresh;
    };
    return { isNew, steps: 0, reached: 0 };
  }
}

const options = { runs: 60_000, seed: 1, corpus: [Buffer.alloc(8)] };
const throwing = (error: unknown): FuzzTarget => ({
  ...new Planted().target,
  run: () => {
    throw error;
  },
});

describe('the search', () => {
  it('finds by what it reaches what it does not find blindly', async () => {
    const guided = new Planted();
    const found = await fuzz(guided.target, { ...options, coverage: guided.coverage() });
    expect(found.findings.map(({ what }) => what)).toEqual(['TypeError in the bench: planted']);
    expect(found.findings[0]!.input.subarray(0, 5)).toEqual(SECRET);
    expect((await fuzz(new Planted().target, options)).findings).toEqual([]);
  });

  it('is the same for the same seed', async () => {
    const run = async (seed: number) => {
      const inputs: string[] = [];
      await fuzz(new Planted().target, { ...options, runs: 500, seed, before: (input) => inputs.push(input.toString('hex')) });
      return inputs;
    };
    expect(await run(5)).toEqual(await run(5));
    expect(await run(5)).not.toEqual(await run(6));
  });

  it('keeps every input within its bound', async () => {
    let longest = 0;
    const before = (input: Buffer) => {
      longest = Math.max(longest, input.length);
    };
    await fuzz(new Planted().target, { ...options, runs: 5_000, before });
    expect(longest).toBeGreaterThan(8);
    expect(longest).toBeLessThanOrEqual(16);
  });

  it('takes a declared error for an answer, and no other', async () => {
    const declared = Object.assign(new Error('refused'), { code: 'ERR_REFUSED' });
    expect((await fuzz(throwing(declared), { ...options, runs: 50 })).findings).toEqual([]);
    for (const error of [new RangeError('out of range'), Object.assign(new Error('other'), { code: 'ERR_OTHER' }), 'a text', undefined])
      expect((await fuzz(throwing(error), { ...options, runs: 50 })).findings).toHaveLength(1);
  });

  it('calls understood what was read as something, and no refusal, thrown or told', async () => {
    const understood = async (run: FuzzTarget['run']) =>
      (await fuzz({ ...new Planted().target, run }, { ...options, runs: 50 })).understood;
    expect(await understood(() => true)).toBe(50);
    expect(await understood(async () => true)).toBe(50);
    expect(await understood(() => false)).toBe(0);
    expect(await understood(async () => false)).toBe(0);
    expect(await understood(throwing(Object.assign(new Error('refused'), { code: 'ERR_REFUSED' })).run)).toBe(0);
  });

  it('calls another reading of the same bytes broken', async () => {
    const target: FuzzTarget = { ...new Planted().target, run: (input) => same('copy', input.subarray(1), input) };
    expect((await fuzz(target, { ...options, runs: 50 })).findings[0]!.what).toContain('written again it is other bytes');
  });

  it('calls too many steps a finding, by the length of what was read', async () => {
    const quick = { ...new Planted().target, run: () => true };
    const told = async (steps: number) =>
      (await fuzz(quick, { ...options, runs: 1, coverage: { isNew: () => false, steps, reached: 0 } })).findings;
    expect(await told(200_000 + 8 * 4_000)).toEqual([]);
    expect((await told(200_001 + 8 * 4_000))[0]!.what).toContain('too many steps');
  });
});
