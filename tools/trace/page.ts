import { type Row, STAGES, X1332_ROWS } from '../x1332-rows.ts';
import type { DefenceUse } from './defence-uses.ts';
import { type NamedTest, rowsOf, titlePattern } from './test-names.ts';
import { RUNNERS, type TestResult } from './vitest-run.ts';

/** The page that `npm run trace` writes. */
export const PAGE = 'docs/x1332.md';

export interface PageInput {
  readonly tests: readonly NamedTest[];
  readonly uses: readonly DefenceUse[];
  /** Absent when nothing was run. */
  readonly results: readonly TestResult[] | undefined;
}

type Verdict = 'passed' | 'failed' | 'not run';

/** Rows, mechanisms, files, tests and results as Markdown. The order is that of the Recommendation. */
export function pageOf(input: PageInput): string {
  const claimed = X1332_ROWS.filter(({ stage }) => stage === 'built');
  return [
    '# X.1332, row by row',
    '',
    'Written by `npm run trace` from the names of the tests and from the code; not edited by hand. A row is claimed when its last',
    'piece is built. `npm run trace -- --prove` switches each mechanism off and demands that a test of each of its rows goes red.',
    '',
    `Claimed: ${claimed.length} of ${X1332_ROWS.length}.`,
    '',
    '| row | requirement | mechanism | tests | status |',
    '| --- | --- | --- | --- | --- |',
    ...X1332_ROWS.map((row) => summaryLine(row, input)),
    '',
    '## Mechanisms and tests',
    ...X1332_ROWS.filter((row) => testsOfRow(row, input).length > 0 || row.stage === 'built').flatMap((row) => section(row, input)),
    '',
  ].join('\n');
}

/** The page without what only a run can know, so that a gate can compare it with the code. */
export function withoutResults(page: string): string {
  return page.replaceAll(/\| (passed|failed|not run|claimed|claimed: passed|claimed: failed|claimed: not run) \|$/gm, '|');
}

function summaryLine(row: Row, input: PageInput): string {
  const tests = testsOfRow(row, input);
  return `| ${row.id} | ${cell(row.requirement)} | ${cell(row.mechanism)} | ${tests.length || ''} | ${statusOf(row, tests, input)} |`;
}

function statusOf(row: Row, tests: readonly NamedTest[], input: PageInput): string {
  if (row.stage !== 'built') return STAGES[row.stage];
  const verdicts = tests.map((test) => verdictOf(test, input));
  if (verdicts.length === 0 || verdicts.includes('failed')) return 'claimed: failed';
  return verdicts.includes('not run') ? 'claimed: not run' : 'claimed: passed';
}

function section(row: Row, input: PageInput): string[] {
  const mechanisms = input.uses.filter(({ rows }) => rows.includes(row.id));
  return [
    '',
    `### ${row.id}`,
    '',
    row.requirement,
    '',
    ...mechanisms.map(
      ({ name, promise, files }) => `- \`${name}\`: ${promise} In ${files.map((file) => `\`${file}\``).join(', ') || 'no file'}.`,
    ),
    ...(mechanisms.length > 0 ? [''] : []),
    '| test | file | result |',
    '| --- | --- | --- |',
    ...testsOfRow(row, input).map((test) => `| ${cell(test.titles.join(' > '))} | \`${test.file}\` | ${verdictOf(test, input)} |`),
  ];
}

function testsOfRow(row: Row, { tests }: PageInput): NamedTest[] {
  return tests.filter(({ titles }) => rowsOf(titles).includes(row.id));
}

/** A named test may run many times (`it.each`, a suite for several stores): it passed when all of them did. */
function verdictOf(test: NamedTest, { results }: PageInput): Verdict {
  const pattern = titlePattern(test.titles);
  const shared = !RUNNERS.some(({ owns }) => owns(test.file));
  const runs = (results ?? []).filter(({ file, titles }) => (shared || file === test.file) && pattern.test(titles.join(' ')));
  if (runs.length === 0 || runs.some(({ status }) => status === 'skipped')) return runs.some(isRed) ? 'failed' : 'not run';
  return runs.some(isRed) ? 'failed' : 'passed';
}

function isRed({ status }: TestResult): boolean {
  return status === 'failed';
}

function cell(text: string): string {
  return text.replaceAll('|', '\\|').replaceAll('\n', ' ');
}
