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
  { what: 'counts an error outside the tests', statuses: ['passed'], tests: 1, last: '1 passed, 1 failed' },
  { what: 'does not pass on nothing', statuses: [], last: '0 passed, 1 failed' },
  { what: 'does not pass without a report', tests: 0, last: '0 passed, 1 failed' },
];

it.each(CASES)('the summary of a run $what', ({ statuses, suite = 'passed', check = 0, tests = 0, last }) => {
  const folder = mkdtempSync(join(tmpdir(), 'joulekeep-summary-'));
  const report = join(folder, 'tests.json');
  const assertionResults = statuses?.map((status, index) => ({ fullName: `test ${index}`, status }));
  if (statuses !== undefined)
    writeFileSync(report, JSON.stringify({ testResults: [{ name: 'a.test.ts', status: suite, assertionResults }] }));
  const { status, stdout } = spawnSync(process.execPath, [join(ROOT, 'tools/ci-summary.mjs'), report, String(check), String(tests)], {
    encoding: 'utf8',
  });
  rmSync(folder, { recursive: true });
  expect(stdout.trimEnd().split('\n').at(-1)).toBe(last);
  expect(status).toBe(last.endsWith(' 0 failed') ? 0 : 1);
});
