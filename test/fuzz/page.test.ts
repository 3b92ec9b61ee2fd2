import { describe, expect, it } from 'vitest';
import { fuzzSection, USUAL } from '../../fuzz/page.ts';

describe('the section on fuzzing', () => {
  it.each([
    [USUAL, '`npm run fuzz`'],
    [{ ...USUAL, runs: 10_600_000, seconds: 7_200 }, '`npm run fuzz -- --runs 10600000 --seconds 7200`'],
    [{ ...USUAL, seed: 7 }, '`npm run fuzz -- --seed 7`'],
  ])('names the command that measured it, with its flags: %o', (asked, command) => {
    expect(fuzzSection([], asked)).toContain(`Measured by\n${command} (seed ${asked.seed}).`);
  });
});
