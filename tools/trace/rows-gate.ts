import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { GateReport } from '../gates/sources.ts';
import { claimedRows, X1332_ROWS } from '../x1332-rows.ts';
import { type DefenceUse, defenceUses } from './defence-uses.ts';
import { PAGE, pageOf, withoutResults } from './page.ts';
import { type NamedTest, rowsMentioned, rowsOf, testsIn } from './test-names.ts';

/** What can be known of the rows without running a test. `seen` counts rows. */
export function rowsGate(root: string): GateReport {
  const tests = testsIn(root);
  const uses = defenceUses(root);
  return { seen: X1332_ROWS.length, findings: [...rowFindings(tests, uses), ...stalePage(root, tests, uses)] };
}

/** Claims without a proof, proofs of nothing, mechanisms nobody asks for. */
export function rowFindings(tests: readonly NamedTest[], uses: readonly DefenceUse[]): string[] {
  const known = new Set(X1332_ROWS.map(({ id }) => id));
  const proved = new Set(tests.flatMap(({ titles }) => rowsOf(titles)));
  const carried = new Set(uses.flatMap(({ rows }) => rows));
  const claimed = claimedRows();
  return [
    ...claimed.filter(({ id }) => !proved.has(id)).map(({ id }) => `${id} is claimed and no test names it`),
    ...claimed.filter(({ id }) => !carried.has(id)).map(({ id }) => `${id} is claimed and no defence carries it`),
    ...uses.flatMap(({ name, rows }) => rows.filter((id) => !known.has(id)).map((id) => `defence ${name} names ${id}: no such row`)),
    ...uses.filter(({ files }) => files.length === 0).map(({ name }) => `defence ${name}: nothing that ships asks whether it is on`),
    ...tests.flatMap((test) => misnamed(test, known)),
  ];
}

function misnamed({ place, titles }: NamedTest, known: ReadonlySet<string>): string[] {
  const counted = rowsOf(titles);
  const mentioned = rowsMentioned(titles);
  const unknown = mentioned.filter((id) => !known.has(id)).map((id) => `${place} names ${id}: no such row`);
  const lost = mentioned.filter((id) => known.has(id) && !counted.includes(id));
  return [...unknown, ...lost.map((id) => `${place} names ${id} outside the prefix "${id}: ", so it does not count`)];
}

function stalePage(root: string, tests: readonly NamedTest[], uses: readonly DefenceUse[]): string[] {
  const path = join(root, PAGE);
  const written = existsSync(path) ? readFileSync(path, 'utf8') : '';
  const now = pageOf({ tests, uses, results: undefined });
  return withoutResults(written) === withoutResults(now) ? [] : [`${PAGE} is not what the code says: npm run trace`];
}
