import { describe, expect, it } from 'vitest';
import { fuzzSection, USUAL } from '../../fuzz/page.ts';
import type { FuzzTarget } from '../../fuzz/target.ts';

describe('the section on fuzzing', () => {
  it.each([
    [USUAL, '`npm run fuzz`'],
    [{ ...USUAL, runs: 10_600_000, seconds: 7_200 }, '`npm run fuzz -- --runs 10600000 --seconds 7200`'],
    [{ ...USUAL, seed: 7 }, '`npm run fuzz -- --seed 7`'],
  ])('names the command that measured it, with its flags: %o', (asked, command) => {
    expect(fuzzSection([], asked)).toContain(`Measured by\n${command} (seed ${asked.seed}).`);
  });

  it.each([
    [0, '0 findings.'],
    [1, '1 finding.'],
    [2, '2 findings.'],
  ])('counts %i as %s', (findings, words) => {
    const reads = { covers: [], mostBytes: 1, share: 1, seeds: () => [], dictionary: [], codes: [], run: () => true };
    const target: FuzzTarget = { name: 'frame', what: 'sealed frame', ...reads };
    const row = { target, executions: 10, understood: 1, places: 5, reached: 4, findings, seconds: 1 };
    expect(fuzzSection([row], USUAL)).toContain(`**10 executions, ${words}**`);
  });
});
