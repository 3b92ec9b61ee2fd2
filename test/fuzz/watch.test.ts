import { spawnSync } from 'node:child_process';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';

const ROOT = dirname(dirname(import.meta.dirname));
const fuzzing = (...words: string[]) => spawnSync(process.execPath, [join(ROOT, 'fuzz/main.ts'), ...words], { encoding: 'utf8' });

describe('npm run fuzz', () => {
  it('counts what it tries, guided by the places the reader has', () => {
    const { status, stdout } = fuzzing('--only', 'batch', '--runs', '3000');
    expect(status).toBe(0);
    expect(stdout).toMatch(/^batch +3000 executions .* corpus (?!1 )\d+ .* findings 0\n3000 executions, 0 findings\n$/);
    const [, reached] = /(\d+) of \d+ places/.exec(stdout)!;
    expect(Number(reached)).toBeGreaterThan(50);
  });

  it('says what is wrong with its arguments, and what there is', () => {
    expect(fuzzing('--only', 'nothing')).toMatchObject({ status: 2, stderr: expect.stringContaining('no target is called nothing') });
    expect(fuzzing('--runs', '-5').status).toBe(2);
    expect(fuzzing('--list').stdout).toContain('frame ');
  });
});
