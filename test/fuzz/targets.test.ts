import { describe, expect, it } from 'vitest';
import { corpusOf, hashOf } from '../../fuzz/corpus.ts';
import { fuzz } from '../../fuzz/loop.ts';
import { TARGETS } from '../../fuzz/targets.ts';

/** Executions of one part; a target has as many parts as its share of a long run. */
const PART = 150;

describe('whatever a stranger writes is answered', () => {
  it.each(TARGETS)('$name: $what', async (target) => {
    const corpus = [...(await target.seeds()), ...corpusOf(target.name)];
    const runs = corpus.length + PART * target.share;
    const { executions, understood, findings } = await fuzz(target, { runs, seed: 7, corpus });
    expect(findings).toEqual([]);
    expect(executions).toBe(runs);
    // A reader that refuses everything proves nothing.
    expect(understood).toBeGreaterThan(0);
  });

  it.each(['payload', 'webhook', 'id-token', 'id-token-claims', 'proof', 'proof-claims', 'envelope', 'jws'])(
    'begins with inputs that are read, every one of them, where one refusal hides the rest: %s',
    async (name) => {
      const target = TARGETS.find((one) => one.name === name)!;
      const seeds = await target.seeds();
      expect(seeds.length).toBeGreaterThan(0);
      for (const seed of seeds) expect(await target.run(Buffer.from(seed))).toBe(true);
    },
  );

  it('is kept in the tree under its hash, short, and for targets that exist', () => {
    for (const { name } of TARGETS) {
      const inputs = corpusOf(name);
      expect(inputs.length).toBeLessThanOrEqual(25);
      for (const input of inputs) expect(input.length).toBeLessThanOrEqual(1_024);
      expect(new Set(inputs.map(hashOf)).size).toBe(inputs.length);
    }
    expect(new Set(TARGETS.map(({ name }) => name)).size).toBe(TARGETS.length);
  });
});
