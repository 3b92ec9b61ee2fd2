import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { parseArgs } from 'node:util';
import { PAGE, writeSection } from '../tools/reliability/section.ts';
import { hashOf } from './corpus.ts';
import { type FuzzedTarget, fuzzSection, TITLE, USUAL } from './page.ts';
import type { FuzzTarget } from './target.ts';
import { TARGETS } from './targets.ts';
import { watch } from './watch.ts';

const ROOT = dirname(import.meta.dirname);
const HELP = `npm run fuzz                     changes inputs of everything that reads foreign bytes, writes a section of ${PAGE}
npm run fuzz -- --only TARGET    one of them; may be repeated; then nothing is written
                --runs N         executions in all (${USUAL.runs})
                --seconds N      at most so long, in all (${USUAL.seconds})
                --seed N         other changes (${USUAL.seed})
                --keep           put inputs that led to new places into fuzz/corpus
                --list           what there is
                --help

Exit code 1: a finding; its input lies in .fuzz/. 2: wrong arguments.
`;

interface Options {
  readonly targets: readonly FuzzTarget[];
  readonly isWhole: boolean;
  readonly runs: number;
  readonly seconds: number;
  readonly seed: number;
  readonly keep: boolean;
  readonly list: boolean;
  readonly help: boolean;
}

/** @throws Error on an unknown flag or target */
function readOptions(): Options {
  const { values } = parseArgs({
    options: {
      only: { type: 'string', multiple: true, default: [] },
      runs: { type: 'string', default: String(USUAL.runs) },
      seconds: { type: 'string', default: String(USUAL.seconds) },
      seed: { type: 'string', default: String(USUAL.seed) },
      keep: { type: 'boolean', default: false },
      list: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  });
  const unknown = values.only.find((name) => !TARGETS.some((target) => target.name === name));
  if (unknown !== undefined) throw new Error(`no target is called ${unknown}`);
  const numbers = { runs: wholeNumber(values.runs), seconds: wholeNumber(values.seconds), seed: wholeNumber(values.seed) };
  const targets = TARGETS.filter(({ name }) => values.only.length === 0 || values.only.includes(name));
  return { targets, isWhole: values.only.length === 0, ...numbers, keep: values.keep, list: values.list, help: values.help };
}

function wholeNumber(text: string): number {
  if (!/^[1-9]\d{0,11}$/.test(text)) throw new Error(`${text} is no number of anything`);
  return Number(text);
}

async function run(target: FuzzTarget, options: Options): Promise<FuzzedTarget> {
  const shares = options.targets.reduce((sum, { share }) => sum + share, 0);
  const part = target.share / shares;
  const task = { root: ROOT, target: target.name, covers: target.covers, seed: options.seed, keep: options.keep };
  const began = Date.now();
  const limits = { runs: Math.ceil(options.runs * part), seconds: Math.max(1, options.seconds / options.targets.length) };
  const told = await watch({ ...task, ...limits }, target.mostBytes);
  const seconds = (Date.now() - began) / 1_000;
  for (const { what, input } of told.findings) {
    const file = join('.fuzz', target.name, `${hashOf(input)}.bin`);
    mkdirSync(join(ROOT, dirname(file)), { recursive: true });
    writeFileSync(join(ROOT, file), input);
    process.stdout.write(`  finding: ${what}\n           ${file}, ${input.length} bytes\n`);
  }
  const rate = Math.round(told.executions / seconds);
  process.stdout.write(
    `${target.name.padEnd(20)} ${String(told.executions).padStart(9)} executions  ${String(rate).padStart(6)} /s  ` +
      `${told.reached} of ${told.places} places x buckets  corpus ${told.corpus}  understood ${told.understood}  findings ${told.findings.length}\n`,
  );
  return { target, seconds, ...told, findings: told.findings.length };
}

async function main(): Promise<number> {
  let options: Options;
  try {
    options = readOptions();
  } catch (error) {
    process.stderr.write(`fuzz: ${(error as Error).message}\n\n${HELP}`);
    return 2;
  }
  if (options.help || options.list) {
    process.stdout.write(options.help ? HELP : TARGETS.map(({ name, what }) => `${name.padEnd(20)} ${what}\n`).join(''));
    return 0;
  }
  const rows: FuzzedTarget[] = [];
  for (const target of options.targets) rows.push(await run(target, options));
  const total = rows.reduce((sum, { executions }) => sum + executions, 0);
  const findings = rows.reduce((sum, row) => sum + row.findings, 0);
  process.stdout.write(`${total} executions, ${findings} findings\n`);
  if (options.isWhole) writeSection(ROOT, TITLE, () => fuzzSection(rows, options));
  return findings === 0 ? 0 : 1;
}

process.exitCode = await main();
