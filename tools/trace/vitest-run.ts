import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative, sep } from 'node:path';

export interface TestResult {
  /** Relative to the repository. */
  readonly file: string;
  /** Describes, then the test's own title, as they ran. */
  readonly titles: readonly string[];
  readonly status: 'passed' | 'failed' | 'skipped';
  /** First line of why it failed. */
  readonly reason: string;
}

export interface TestRun {
  readonly results: readonly TestResult[];
  /** Files that could not even be loaded. */
  readonly broken: readonly string[];
}

interface JsonReport {
  readonly testResults: readonly {
    readonly name: string;
    readonly status: string;
    readonly message?: string;
    readonly assertionResults: readonly {
      readonly ancestorTitles: readonly string[];
      readonly title: string;
      readonly status: string;
      readonly failureMessages?: readonly string[] | null;
    }[];
  }[];
}

/** Tests that vitest runs with one configuration. */
export interface Runner {
  /** As vitest's flag; none for the tests of `npm test`. */
  readonly config: readonly string[];
  readonly owns: (file: string) => boolean;
  /** Script that makes what they need. */
  readonly before?: string;
}

/** The tests of `npm test`, which need nothing but Node. */
export const PLAIN: Runner = { config: [], owns: (file) => file.endsWith('.test.ts') && !file.endsWith('.lane.test.ts') };
const TABLES: Runner = {
  config: ['--config', 'vitest.dynamodb.config.ts'],
  owns: (file) => file.startsWith('test/aws/dynamo/') && file.endsWith('.lane.test.ts'),
};
const BROWSER: Runner = {
  config: ['--config', 'vitest.web.config.ts'],
  owns: (file) => file.endsWith('.browser.ts'),
  before: 'tools/build-web.ts',
};
/** Every kind of test that may name a row. */
export const RUNNERS: readonly Runner[] = [PLAIN, TABLES, BROWSER];

const RUN_LIMIT_MS = 45 * 60_000;

/**
 * Runs the tests of `files` that name one of `rows`, each kind by its runner. Where a runner lacks what it needs (a browser, Java),
 * its files are among the broken with what it said.
 */
export async function runEveryKind(root: string, files: readonly string[], rows: readonly string[]): Promise<TestRun> {
  const runs: TestRun[] = [];
  for (const runner of RUNNERS) {
    const own = files.filter(runner.owns);
    if (own.length === 0) continue;
    runs.push(await runRows(root, own, rows, { runner }).catch((error: Error) => ({ results: [], broken: [error.message] })));
  }
  return { results: runs.flatMap(({ results }) => results), broken: runs.flatMap(({ broken }) => broken) };
}

/**
 * Runs the tests of `files` that name one of `rows`.
 * @param how the runner that owns them, and the mechanism to switch off while they run
 * @throws Error when vitest gives no report
 */
export async function runRows(
  root: string,
  files: readonly string[],
  rows: readonly string[],
  { runner = PLAIN, defenceOff }: { readonly runner?: Runner; readonly defenceOff?: string } = {},
): Promise<TestRun> {
  const folder = mkdtempSync(join(tmpdir(), 'joulekeep-trace-'));
  const report = join(folder, 'report.json');
  const args = [join(root, 'node_modules/vitest/vitest.mjs'), 'run', ...runner.config, ...files, '-t', rowPattern(rows)];
  const env = { ...process.env, JOULEKEEP_TEST_REPORT: report, JOULEKEEP_DEFENCE_OFF: defenceOff ?? '', NO_COLOR: '1' };
  try {
    if (runner.before !== undefined) await finished(spawn(process.execPath, [join(root, runner.before)], { cwd: root, stdio: 'ignore' }));
    const said = await finished(spawn(process.execPath, args, { cwd: root, env, stdio: ['ignore', 'pipe', 'pipe'] }));
    return readReport(root, report, said);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Matches a name in which one of the rows stands in a prefix. */
function rowPattern(rows: readonly string[]): string {
  return `(^|[ ,])(${rows.map((row) => row.replaceAll('.', '\\.')).join('|')})[,:]`;
}

function finished(child: ReturnType<typeof spawn>): Promise<string> {
  let said = '';
  const keep = (chunk: Buffer) => {
    said = (said + chunk.toString()).slice(-4000);
  };
  child.stdout?.on('data', keep);
  child.stderr?.on('data', keep);
  const limit = setTimeout(() => child.kill(), RUN_LIMIT_MS);
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', () => {
      clearTimeout(limit);
      resolve(said);
    });
  });
}

function readReport(root: string, path: string, said: string): TestRun {
  let report: JsonReport;
  try {
    report = JSON.parse(readFileSync(path, 'utf8')) as JsonReport;
  } catch {
    throw new Error(`vitest gave no report:\n${said}`);
  }
  const inRepository = (file: string) => relative(root, file).split(sep).join('/');
  const results = report.testResults.flatMap(({ name, assertionResults }) =>
    assertionResults.map((result) => ({
      file: inRepository(name),
      titles: [...result.ancestorTitles, result.title],
      status: statusOf(result.status),
      reason: result.failureMessages?.[0]?.split('\n')[0] ?? '',
    })),
  );
  const broken = report.testResults.filter(({ status, assertionResults }) => status === 'failed' && assertionResults.length === 0);
  return { results, broken: broken.map(({ name, message }) => `${inRepository(name)}: ${message?.split('\n')[0] ?? ''}`) };
}

function statusOf(status: string): TestResult['status'] {
  return status === 'passed' || status === 'failed' ? status : 'skipped';
}
