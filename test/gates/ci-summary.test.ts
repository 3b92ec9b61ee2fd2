import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { ROOT } from './plant.ts';

interface Case {
  readonly what: string;
  /** Results of one file; absent = vitest left no report. */
  readonly statuses?: readonly string[];
  readonly suite?: string;
  readonly check?: number;
  readonly mutate?: number;
  readonly tests?: number;
  readonly last: string;
}

const CASES: readonly Case[] = [
  { what: 'passes when all is well', statuses: ['passed', 'passed'], last: '2 passed, 0 failed' },
  { what: 'counts a failed test', statuses: ['passed', 'failed'], suite: 'failed', tests: 1, last: '1 passed, 1 failed' },
  { what: 'counts a skipped test as failed', statuses: ['passed', 'skipped'], last: '1 passed, 1 failed' },
  { what: 'counts a pending test as failed', statuses: ['passed', 'pending', 'todo'], last: '1 passed, 2 failed' },
  { what: 'counts a file that does not load', statuses: [], suite: 'failed', tests: 1, last: '0 passed, 2 failed' },
  { what: 'counts a hook that fails after green tests', statuses: ['passed'], suite: 'failed', tests: 1, last: '1 passed, 1 failed' },
  { what: 'counts a gate', statuses: ['passed'], check: 1, last: '1 passed, 1 failed' },
  { what: 'counts changes that no test noticed', statuses: ['passed'], mutate: 1, last: '1 passed, 1 failed' },
  { what: 'counts no mutation that broke off', statuses: ['passed'], mutate: 124, last: '1 passed, 0 failed' },
  { what: 'counts an error outside the tests', statuses: ['passed'], tests: 1, last: '1 passed, 1 failed' },
  { what: 'does not pass on nothing', statuses: [], last: '0 passed, 1 failed' },
  { what: 'does not pass without a report', tests: 0, last: '0 passed, 1 failed' },
];

const GREEN = report(['passed']);

function report(statuses: readonly string[], suite = 'passed'): object {
  const assertionResults = statuses.map((status, index) => ({ fullName: `test ${index}`, status }));
  return { testResults: [{ name: 'a.test.ts', status: suite, assertionResults }] };
}

/** @param reports by lane @param results as .ci/run gives them */
function summary(reports: Readonly<Record<string, object>>, results: readonly string[]) {
  const folder = mkdtempSync(join(tmpdir(), 'joulekeep-summary-'));
  for (const [lane, body] of Object.entries(reports)) writeFileSync(join(folder, `${lane}.json`), JSON.stringify(body));
  const { status, stdout } = spawnSync(process.execPath, [join(ROOT, 'tools/ci-summary.mjs'), folder, ...results], { encoding: 'utf8' });
  rmSync(folder, { recursive: true });
  return { status, lines: stdout.trim().split('\n') };
}

it.each(CASES)('the summary of a run $what', ({ statuses, suite, check = 0, mutate = 0, tests = 0, last }) => {
  const reports = statuses === undefined ? {} : { test: report(statuses, suite) };
  const { status, lines } = summary(reports, [`check=${check}=1`, `mutate=${mutate}=3`, `test=${tests}=2`]);
  expect(lines.at(-1)).toBe(last);
  expect(status).toBe(last.endsWith(' 0 failed') ? 0 : 1);
});

it('the summary of a run adds its lanes up, and says how long each took', () => {
  const { status, lines } = summary({ test: GREEN, 'test:cloud': report(['passed', 'passed']) }, [
    'check=0=7',
    'mutate=0=9',
    'test=0=20',
    'test:cloud=0=90',
  ]);
  expect(lines).toEqual(['check: 7 s', 'mutate: 9 s', 'test: 20 s, 1 passed', 'test:cloud: 90 s, 2 passed', '3 passed, 0 failed']);
  expect(status).toBe(0);
});

it.each([
  { what: 'that ran no test', reports: { test: GREEN, 'test:cloud': report([]) }, code: 0 },
  { what: 'that could not start', reports: { test: GREEN }, code: 1 },
])('the summary of a run fails on a lane $what', ({ reports, code }) => {
  const { status, lines } = summary(reports, ['check=0=7', 'mutate=0=9', 'test=0=20', `test:cloud=${code}=90`]);
  expect([status, lines.at(-1)]).toEqual([1, '1 passed, 1 failed']);
  expect(lines.at(-2)).toContain('test:cloud');
});

it('the summary of a run without lanes, or without gates, fails', () => {
  expect(summary({}, ['check=0=7', 'mutate=0=9']).status).toBe(1);
  expect(summary({ test: GREEN }, ['test=0=20']).status).toBe(1);
  expect(summary({ test: GREEN }, ['check=0=7', 'test=0=20']).status).toBe(1);
});

it('the summary of a run says when the mutation broke off', () => {
  const { lines } = summary({ test: GREEN }, ['check=0=7', 'mutate=124=300', 'test=0=20']);
  expect(lines[1]).toMatch(/^mutate: 300 s, broke off before its end/);
});
