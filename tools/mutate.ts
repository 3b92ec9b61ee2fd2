import { dirname } from 'node:path';
import { parseArgs } from 'node:util';
import { GOAL_PERCENT, MUTATION_AREAS, type MutationArea } from './mutation/areas.ts';
import { changedFiles } from './mutation/changed.ts';
import { mutationSection, percentOf, TITLE } from './mutation/page.ts';
import { type MutationScore, mutate } from './mutation/run.ts';
import { PAGE, writeSection } from './reliability/section.ts';

const ROOT = dirname(import.meta.dirname);
const HELP = `npm run mutate                       changes ${MUTATION_AREAS.map(({ folder }) => `${folder}/`).join(', ')}, runs
                                     their tests, writes a section of ${PAGE}
npm run mutate -- --only DIR         one of these folders; may be repeated
npm run mutate -- --changed          only files that differ from where this branch left main; writes nothing
               --base REF            another branch than main, with --changed
               --workers N           how many at a time (1)
               --fresh               forget what the last run found; it knows no new test of a constant
               --survivors N         how many changes that nobody noticed are told (50)
               --help

Exit code 1: fewer than ${GOAL_PERCENT} % of the changes of a folder turned a test red. 2: wrong arguments.
`;

interface Options {
  readonly areas: readonly MutationArea[];
  /** Instead of whole areas: what differs from there. */
  readonly base: string | undefined;
  readonly workers: number;
  readonly force: boolean;
  readonly survivors: number;
  readonly help: boolean;
}

/** @throws Error on an unknown flag or folder */
function readOptions(): Options {
  const { values } = parseArgs({
    options: {
      only: { type: 'string', multiple: true, default: [] },
      changed: { type: 'boolean', default: false },
      base: { type: 'string', default: 'main' },
      workers: { type: 'string', default: '1' },
      fresh: { type: 'boolean', default: false },
      survivors: { type: 'string', default: '50' },
      help: { type: 'boolean', default: false },
    },
  });
  const only = values.only.map((folder) => folder.replace(/\/$/, ''));
  const unknown = only.find((name) => !MUTATION_AREAS.some(({ folder }) => folder === name));
  if (unknown !== undefined) throw new Error(`no folder ${unknown} is mutated`);
  const areas = MUTATION_AREAS.filter(({ folder }) => only.length === 0 || only.includes(folder));
  const numbers = { workers: wholeNumber(values.workers), survivors: wholeNumber(values.survivors) };
  return { areas, base: values.changed ? values.base : undefined, force: values.fresh, help: values.help, ...numbers };
}

function wholeNumber(text: string): number {
  if (!/^[1-9]\d{0,5}$/.test(text)) throw new Error(`${text} is no number of anything`);
  return Number(text);
}

/** One area after the other: each has its own tests. */
async function measure({ areas, base, workers, force }: Options): Promise<MutationScore[]> {
  const scores: MutationScore[] = [];
  const changed = base === undefined ? undefined : changedFiles(ROOT, base, areas);
  for (const area of areas) {
    const files = changed?.filter((file) => file.startsWith(`${area.folder}/`)) ?? [`${area.folder}/**/*.ts`];
    if (files.length > 0) scores.push(await mutate({ root: ROOT, area, files, workers, force }));
  }
  return scores;
}

function tell(scores: readonly MutationScore[], survivors: number): void {
  for (const score of scores) {
    for (const line of score.survivors.slice(0, survivors)) process.stdout.write(`${line}\n`);
    const share = `${percentOf(score)} %`;
    process.stdout.write(`${score.folder}: ${score.noticed} of ${score.mutants} changes noticed, ${share}, goal ${GOAL_PERCENT} %\n`);
  }
}

async function main(): Promise<number> {
  let options: Options;
  try {
    options = readOptions();
  } catch (error) {
    process.stderr.write(`mutate: ${(error as Error).message}\n\n${HELP}`);
    return 2;
  }
  if (options.help) {
    process.stdout.write(HELP);
    return 0;
  }
  const scores = await measure(options);
  if (scores.length === 0) {
    process.stdout.write(`nothing to mutate: no file of these folders differs from ${options.base}\n`);
    return 0;
  }
  tell(scores, options.survivors);
  if (options.base === undefined) writeSection(ROOT, TITLE, (before) => mutationSection(before, scores));
  return scores.every((score) => percentOf(score) >= GOAL_PERCENT) ? 0 : 1;
}

process.exitCode = await main();
