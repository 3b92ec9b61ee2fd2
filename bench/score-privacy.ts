import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { DEFAULT_HOMES, readHomes } from './homes.ts';
import type { Result } from './measure.ts';
import { figure } from './page.ts';
import { measurePrivacy } from './privacy/measures.ts';

const PAGE = join(import.meta.dirname, '..', 'docs', 'privacy.md');
const MARKS = ['<!-- score:privacy -->', '<!-- /score:privacy -->'] as const;
const HELP = `npm run score:privacy                 attacks what each audience receives, on real homes, and writes the table of docs/privacy.md
npm run score:privacy -- --json       one array of {name, value, unit, goal, holds} on standard output; the page stays as it is
npm run score:privacy -- --data FILE  homes: start_utc and a column per home, Wh per half-hour; default ${DEFAULT_HOMES}
npm run score:privacy -- --seed N     other areas; default 1
npm run score:privacy -- --trials N   of each measure; default 1000, which is the fewest that count

Exit code 1: a goal is missed. 2: a file or an argument was not what it must be.
`;

try {
  main();
} catch (error) {
  process.stderr.write(`score:privacy: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = error instanceof TypeError ? 2 : 1;
}

function main(): void {
  const text = { type: 'string' } as const;
  const { values } = parseArgs({ options: { json: { type: 'boolean' }, help: { type: 'boolean' }, data: text, seed: text, trials: text } });
  if (values.help) {
    process.stdout.write(HELP);
    return;
  }
  const seed = whole(values.seed ?? '1', 'seed');
  const trials = whole(values.trials ?? '1000', 'trials');
  const homes = readHomes(values.data ?? DEFAULT_HOMES);
  const results = measurePrivacy(homes, { seed, trials, tell: (line) => void process.stderr.write(`${line}\n`) });
  if (!values.json) writePage(results);
  process.stdout.write(values.json ? `${JSON.stringify(results, null, 2)}\n` : lines(results));
  if (results.some(({ holds }) => holds === false)) process.exitCode = 1;
}

function whole(text: string, name: string): number {
  const value = Number(text);
  if (!Number.isSafeInteger(value) || value < 1) throw new TypeError(`--${name} wants a whole number from 1 on, not ${text}`);
  return value;
}

/** Puts the table between its marks. @throws Error when the page has none */
function writePage(results: readonly Result[]): void {
  const page = readFileSync(PAGE, 'utf8');
  const [begin, end] = MARKS.map((mark) => page.indexOf(mark)) as [number, number];
  if (begin < 0 || end < begin) throw new Error(`${PAGE} has no place for the table`);
  const rows = results.map(
    ({ name, value, unit, goal, holds }) => `| ${name} | ${told({ value, unit })} | ${goal ?? ''}${holds === false ? ' **missed**' : ''} |`,
  );
  const whole = [MARKS[0], '| measure | result | goal |', '| --- | --- | --- |', ...rows, ''].join('\n');
  writeFileSync(PAGE, `${page.slice(0, begin)}${whole}${page.slice(end)}`);
}

function lines(results: readonly Result[]): string {
  const width = Math.max(...results.map(({ name }) => name.length));
  return results
    .map(
      (one) =>
        `${one.name.padEnd(width)}  ${told(one).padStart(18)}${one.goal === undefined ? '' : `  goal ${one.goal}`}${one.holds === false ? '  MISSED' : ''}\n`,
    )
    .join('');
}

/** What lies between 0 and 1 is judged by its third digit. */
function told({ value, unit }: Pick<Result, 'value' | 'unit'>): string {
  return `${unit === 'AUC' ? value.toFixed(4) : figure(value)} ${unit}`;
}
