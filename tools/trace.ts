import { writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { parseArgs } from 'node:util';
import { defenceNames, defenceUses } from './trace/defence-uses.ts';
import { PAGE, pageOf } from './trace/page.ts';
import { type ProofLine, prove } from './trace/prove.ts';
import { rowFindings } from './trace/rows-gate.ts';
import { rowsOf, runnersOf, testsIn } from './trace/test-names.ts';
import { runEveryKind, type TestRun } from './trace/vitest-run.ts';
import { claimedRows, X1332_ROWS } from './x1332-rows.ts';

const ROOT = dirname(import.meta.dirname);
const HELP = `npm run trace                       runs the tests that name a row, those in a browser and on DynamoDB Local too, writes ${PAGE}
npm run trace -- --no-run           writes the page from the names alone
npm run trace -- --prove            switches each mechanism off and demands a red test for each of its rows
npm run trace -- --prove --defence frameTag     one mechanism; may be repeated
                 --json             an array of {name, value, unit, goal, holds} on standard output
                 --help

Exit code 1: a claimed row without a test, a test naming no row, a red test, or a row that stays green under --prove.
`;

/** One number with its goal, in the form the benchmarks use too. */
interface Figure {
  readonly name: string;
  readonly value: number;
  readonly unit: string;
  readonly goal: string;
  readonly holds: boolean;
}

interface Options {
  readonly prove: boolean;
  readonly run: boolean;
  readonly json: boolean;
  readonly help: boolean;
  readonly only: readonly string[];
}

/** @throws Error on an unknown flag or mechanism */
function readOptions(): Options {
  const { values } = parseArgs({
    options: {
      prove: { type: 'boolean', default: false },
      'no-run': { type: 'boolean', default: false },
      json: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
      defence: { type: 'string', multiple: true, default: [] },
    },
  });
  const unknown = values.defence.find((name) => !defenceNames().some((known) => known === name));
  if (unknown !== undefined) throw new Error(`no defence is called ${unknown}`);
  if (values.defence.length > 0 && !values.prove) throw new Error('--defence goes with --prove');
  return { prove: values.prove, run: !values['no-run'], json: values.json, help: values.help, only: values.defence };
}

/** Progress and findings go to standard error: standard output is for the result. */
function tell(line: string): void {
  process.stderr.write(`${line}\n`);
}

async function writePage({ run, json }: Options): Promise<boolean> {
  const tests = testsIn(ROOT);
  const uses = defenceUses(ROOT);
  const findings = rowFindings(tests, uses);
  const outcome = run ? await runNamed() : undefined;
  writeFileSync(join(ROOT, PAGE), pageOf({ tests, uses, results: outcome?.results }));
  const red = [...(outcome?.broken ?? []), ...(outcome?.results ?? []).filter(({ status }) => status === 'failed').map(nameOf)];
  for (const finding of [...findings, ...red.map((name) => `red: ${name}`)]) tell(finding);
  const figures = X1332_ROWS.map(({ id }) => {
    const value = tests.filter(({ titles }) => rowsOf(titles).includes(id)).length;
    const claimed = claimedRows().some((row) => row.id === id);
    return { name: id, value, unit: 'tests', goal: claimed ? '>= 1' : 'not claimed', holds: !claimed || value > 0 };
  });
  if (json) printJson(figures);
  else
    process.stdout.write(
      `${PAGE}: ${claimedRows().length} of ${X1332_ROWS.length} rows claimed, ${findings.length + red.length} findings\n`,
    );
  return findings.length + red.length === 0;
}

/** Runs every test that names a row. */
function runNamed(): Promise<TestRun> {
  const runners = runnersOf(ROOT);
  const named = testsIn(ROOT).filter(({ titles }) => rowsOf(titles).length > 0);
  const files = [...new Set(named.flatMap(({ file }) => runners(file)))];
  const rows = X1332_ROWS.map(({ id }) => id);
  return files.length === 0 ? Promise.resolve({ results: [], broken: [] }) : runEveryKind(ROOT, files, rows);
}

function nameOf({ file, titles }: TestRun['results'][number]): string {
  return `${file}: ${titles.join(' > ')}`;
}

async function proveAll({ only, json }: Options): Promise<boolean> {
  const { lines, redBefore } = await prove(ROOT, only, tell);
  for (const name of redBefore) tell(`red with every mechanism on: ${name}`);
  const figures = lines.map(({ defence, row, red }) => ({
    name: `${row} without ${defence}`,
    value: red,
    unit: 'red tests',
    goal: '>= 1',
    holds: red > 0,
  }));
  if (json) printJson(figures);
  else printTable(lines);
  return redBefore.length === 0 && figures.every(({ holds }) => holds);
}

function printJson(figures: readonly Figure[]): void {
  process.stdout.write(`${JSON.stringify(figures, null, 2)}\n`);
}

function printTable(lines: readonly ProofLine[]): void {
  const rows = lines.map(({ defence, row, red, green, reason }) =>
    [
      red > 0 ? 'ok  ' : 'FAIL',
      defence.padEnd(18),
      row.padEnd(8),
      `${red} red`.padStart(7),
      `${green} green`.padStart(9),
      reason.slice(0, 90),
    ].join('  '),
  );
  const held = lines.filter(({ red }) => red > 0).length;
  process.stdout.write(`${rows.join('\n')}\n${held} of ${lines.length} hold\n`);
}

async function main(): Promise<number> {
  let options: Options;
  try {
    options = readOptions();
  } catch (error) {
    process.stderr.write(`trace: ${(error as Error).message}\n\n${HELP}`);
    return 2;
  }
  if (options.help) {
    process.stdout.write(HELP);
    return 0;
  }
  return (await (options.prove ? proveAll(options) : writePage(options))) ? 0 : 1;
}

process.exitCode = await main();
