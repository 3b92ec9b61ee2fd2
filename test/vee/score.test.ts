import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Result } from '../../bench/measure.ts';
import { describeShared } from '../support/shared.ts';

const ROOT = join(import.meta.dirname, '..', '..');
const COMMAND = [join(ROOT, 'bench', 'score-vee.ts')];

let folder = '';
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'score-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function refused(...args: string[]): { status: number | null; line: string } {
  const { status, stderr } = spawnSync(process.execPath, [...COMMAND, ...args], { encoding: 'utf8' });
  return { status, line: stderr.trim() };
}

function file(name: string, text: string): string {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
}

it('says in one line what is missing or malformed, and ends with 2', () => {
  const missing = join(folder, 'none.csv');
  expect(refused('--data', missing)).toEqual({ status: 2, line: expect.stringContaining(`no file ${missing}; name one with --data`) });
  expect(refused('--data', file('head.csv', 'time,a\n'))).toEqual({
    status: 2,
    line: expect.stringContaining('first line must be start_utc'),
  });
  expect(refused('--data', file('noon.csv', 'start_utc,a\n2013-01-01T12:00Z,1\n'))).toEqual({
    status: 2,
    line: expect.stringContaining('midnight'),
  });
  expect(refused('--data', file('wide.csv', 'start_utc,a\n2013-01-01T00:00Z,1\n2013-01-01T00:30Z,1,2\n'))).toEqual({
    status: 2,
    line: expect.stringContaining('line 3 has 3 columns, not 2'),
  });
  expect(refused('--gaps', 'many').status).toBe(2);
});

describeShared('the score on the London homes', 'data/london-2013/homes.csv.gz', (path) => {
  const run = (seed: string, gaps: number): Result[] =>
    JSON.parse(
      execFileSync(process.execPath, [...COMMAND, '--json', '--data', path, '--seed', seed, '--gaps', String(gaps)], { encoding: 'utf8' }),
    );

  it('is one array of results that a seed repeats, with energy exact, registers better than none, and clean bills not held', () => {
    const results = run('3', 1_600);
    const value = (name: string) => results.find((result) => result.name === name)!.value;
    for (const hours of [0.5, 1, 2, 3, 6, 12, 24]) {
      expect(value(`gap ${hours} h: ladder, registers, energy`)).toBe(0);
      expect(value(`gap ${hours} h: interpolation`)).toBeGreaterThan(20);
      expect(value(`gap ${hours} h: ladder, registers`)).toBeLessThanOrEqual(value(`gap ${hours} h: E3, registers`));
    }
    expect(value('gap 0.5 h: ladder, registers')).toBe(0);
    expect(value('gap 1 h: ladder')).toBe(1);
    expect(value('held home-months, clean, register at midnight')).toBe(0);
    expect(value('held home-months, clean, no register')).toBeGreaterThan(40);
    expect(results.filter(({ goal }) => goal !== undefined).every(({ holds }) => typeof holds === 'boolean')).toBe(true);
    expect(run('3', 1_600)).toEqual(results);
    expect(run('4', 1_600)).not.toEqual(results);
  });

  it('reaches its goals: what registers leave of the error of interpolation', { timeout: 240_000 }, () => {
    const results = run('3', 8_000);
    const goals = results.filter(({ goal }) => goal !== undefined);
    expect(goals.filter(({ unit }) => unit === 'ratio')).toMatchObject([
      { name: 'gap 1 h: ladder, registers', goal: '<= 0.47' },
      { name: 'gap 6 h: ladder, registers', goal: '<= 0.66' },
    ]);
    expect(goals.filter(({ holds }) => !holds)).toEqual([]);
  });
});
