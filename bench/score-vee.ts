import { parseArgs } from 'node:util';
import { heldMonths } from './held-months.ts';
import { DEFAULT_HOMES, readHomes } from './homes.ts';
import type { Result } from './measure.ts';
import { table } from './table.ts';
import { scoreGaps } from './vee-gaps.ts';

const HELP = `npm run score:vee                 masks known half-hours of real homes, estimates them, compares with interpolation over the same gaps;
                                  then counts the bills that complete months of these homes would have held
npm run score:vee -- --json       one array of {name, value, unit, goal, holds} on standard output
npm run score:vee -- --data FILE  homes: start_utc and a column per home, Wh per half-hour; default ${DEFAULT_HOMES}
npm run score:vee -- --seed N     other gaps; default 1
npm run score:vee -- --gaps N     how many gaps in all; default 40000

The exit code says whether the measurement ran (2: a file or an argument was not what it must be), not whether a goal holds.
`;

try {
  main();
} catch (error) {
  process.stderr.write(`score:vee: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = error instanceof TypeError ? 2 : 1;
}

function main(): void {
  const text = { type: 'string' } as const;
  const { values } = parseArgs({ options: { json: { type: 'boolean' }, help: { type: 'boolean' }, data: text, seed: text, gaps: text } });
  if (values.help) {
    process.stdout.write(HELP);
    return;
  }
  const gaps = whole(values.gaps ?? '40000', 'gaps');
  const seed = whole(values.seed ?? '1', 'seed');
  const homes = readHomes(values.data ?? DEFAULT_HOMES);
  const results: Result[] = [...scoreGaps(homes, gaps, seed), ...heldMonths(homes)];
  process.stdout.write(values.json ? `${JSON.stringify(results, null, 2)}\n` : table(results));
}

function whole(text: string, name: string): number {
  const value = Number(text);
  if (!Number.isSafeInteger(value) || value < 1) throw new TypeError(`--${name} wants a whole number from 1 on, not ${text}`);
  return value;
}
