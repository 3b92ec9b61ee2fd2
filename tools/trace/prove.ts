import { type DefenceName, type DefenceUse, defenceUses } from './defence-uses.ts';
import { type NamedTest, rowsOf, runnersOf, testsIn } from './test-names.ts';
import { PLAIN, runRows, type TestResult } from './vitest-run.ts';

/** One row with one mechanism switched off. It holds when at least one test of the row that was green goes red. */
export interface ProofLine {
  readonly defence: DefenceName;
  readonly row: string;
  readonly red: number;
  readonly green: number;
  /** Why the first red one is red, or why none is. */
  readonly reason: string;
}

export interface Prover {
  readonly lines: readonly ProofLine[];
  /** Tests that are red, or files that are broken, with every mechanism on: nothing can be proved with them. */
  readonly redBefore: readonly string[];
}

/**
 * Switches mechanisms off one at a time and runs the tests of their rows.
 * @param only names of mechanisms; all when empty
 * @param tell progress, a line at a time
 */
export async function prove(root: string, only: readonly string[], tell: (line: string) => void): Promise<Prover> {
  const uses = defenceUses(root).filter(({ name }) => only.length === 0 || only.includes(name));
  const tests = testsIn(root);
  const filesOf = filesByRows(root, tests);
  const rows = [...new Set(uses.flatMap((use) => use.rows))];
  tell(`all on: running the tests of ${rows.length} rows`);
  const before = await runRows(root, filesOf(rows), rows);
  const green = before.results.filter(({ status }) => status === 'passed');
  const lines: ProofLine[] = [];
  for (const [index, use] of uses.entries()) {
    const off = await withoutDefence(root, use, filesOf(use.rows), green);
    tell(`${index + 1}/${uses.length} ${use.name} off: ${off.map(({ row, red }) => `${row} ${red} red`).join(', ')}`);
    lines.push(...off);
  }
  const red = before.results.filter(({ status }) => status === 'failed').map(({ file, titles }) => `${file}: ${titles.join(' > ')}`);
  return { lines, redBefore: [...before.broken, ...red] };
}

function filesByRows(root: string, tests: readonly NamedTest[]): (rows: readonly string[]) => string[] {
  const runners = runnersOf(root);
  return (rows) => {
    const named = tests.filter(({ titles }) => rowsOf(titles).some((row) => rows.includes(row)));
    return [...new Set(named.flatMap(({ file }) => runners(file)))].filter(PLAIN.owns);
  };
}

async function withoutDefence(root: string, use: DefenceUse, files: readonly string[], green: readonly TestResult[]): Promise<ProofLine[]> {
  if (files.length === 0) return use.rows.map((row) => ({ defence: use.name, row, red: 0, green: 0, reason: 'no test names it' }));
  const { results, broken } = await runRows(root, files, use.rows, { defenceOff: use.name });
  const wasGreen = new Set(green.map(identity));
  return use.rows.map((row) => {
    const ofRow = results.filter((result) => rowsOf(result.titles).includes(row) && wasGreen.has(identity(result)));
    const red = ofRow.filter(({ status }) => status === 'failed');
    const asserted = red.find(({ reason }) => reason.startsWith('AssertionError'));
    const reason =
      (asserted ?? red[0])?.reason ?? broken[0] ?? (ofRow.length === 0 ? 'no test of it was green before' : 'every test of it stays green');
    return { defence: use.name, row, red: red.length, green: ofRow.length - red.length, reason };
  });
}

function identity({ file, titles }: TestResult): string {
  return `${file}\n${titles.join('\n')}`;
}
