import { dirname, matchesGlob } from 'node:path';
import { parseArgs } from 'node:util';
import { GOAL_PERCENT, MUTATION_AREAS } from './mutation/areas.ts';
import { changedFiles } from './mutation/changed.ts';
import { mutationSection, percentOf, TITLE } from './mutation/page.ts';
import { type MutationPart, partsOf } from './mutation/parts.ts';
import { type MutationScore, mutate } from './mutation/run.ts';
import { PAGE, writeSection } from './reliability/section.ts';

const ROOT = dirname(import.meta.dirname);
const HELP = `npm run mutate                       changes ${MUTATION_AREAS.map(({ folder }) => `${folder}/`).join(', ')}, runs
                                     their tests, writes a section of ${PAGE}
npm run mutate -- --only PLACE       one of these folders, or a folder or file in one, which writes nothing; may be repeated
npm run mutate -- --changed          only files that differ from where this branch left main; writes nothing
               --base REF            another branch than main, with --changed
               --workers N           how many at a time (1)
               --fresh               forget what the last run found; it knows no new test of a constant
               --survivors N         how many changes that nobody noticed are told (50)
               --help

Exit code 1: fewer than ${GOAL_PERCENT} % of the changes of a folder turned a test red. 2: wrong arguments.
`;

interface Options {
  readonly parts: readonly MutationPart[];
  /** Of these only what differs from there. */
  readonly base: string | undefined;
  readonly workers: number;
  readonly force: boolean;
  readonly survivors: number;
  readonly help: boolean;
}

/** @throws Error on an unknown flag or place */
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
  const parts = partsOf(ROOT, values.only);
  const numbers = { workers: wholeNumber(values.workers), survivors: wholeNumber(values.survivors) };
  return { parts, base: values.changed ? values.base : undefined, force: values.fresh, help: values.help, ...numbers };
}

function wholeNumber(text: string): number {
  if (!/^[1-9]\d{0,5}$/.test(text)) throw new Error(`${text} is no number of anything`);
  return Number(text);
}

/** One area after the other: each has its own tests. @returns those of whole areas apart, for the page */
async function measure({ parts, base, workers, force }: Options): Promise<{ all: MutationScore[]; whole: MutationScore[] }> {
  const [all, whole]: [MutationScore[], MutationScore[]] = [[], []];
  const areas = parts.map(({ area }) => area);
  const changed = base === undefined ? undefined : changedFiles(ROOT, base, areas);
  for (const { area, files: globs, isWhole } of parts) {
    const files = changed?.filter((file) => globs.some((glob) => matchesGlob(file, glob))) ?? globs;
    if (files.length === 0) continue;
    const score = await mutate({ root: ROOT, area, files, workers, force });
    all.push(score);
    if (isWhole && base === undefined) whole.push(score);
  }
  return { all, whole };
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
  const { all, whole } = await measure(options);
  if (all.length === 0) {
    process.stdout.write(`nothing to mutate: no file of these folders differs from ${options.base}\n`);
    return 0;
  }
  tell(all, options.survivors);
  if (whole.length > 0) writeSection(ROOT, TITLE, (before) => mutationSection(before, whole));
  return all.every((score) => percentOf(score) >= GOAL_PERCENT) ? 0 : 1;
}

process.exitCode = await main();
