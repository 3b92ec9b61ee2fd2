import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Stryker } from '@stryker-mutator/core';
import type { MutationArea } from './areas.ts';
import { lineOf } from './plugins.ts';

type LogLevel = NonNullable<NonNullable<ConstructorParameters<typeof Stryker>[0]>['logLevel']>;
type MutantResult = Awaited<ReturnType<Stryker['runMutationTest']>>[number];

/** What became of the mutants of an area. */
export interface MutationScore {
  readonly folder: string;
  readonly mutants: number;
  /** A test went red, or no end was in sight. */
  readonly noticed: number;
  /** Noticed by nobody, `file:line:column  what it became`. */
  readonly survivors: readonly string[];
}

export interface MutationRun {
  readonly root: string;
  readonly area: MutationArea;
  /** What is mutated, globs or files of the area. */
  readonly files: readonly string[];
  readonly workers: number;
  /** Forget what the last run found. */
  readonly force: boolean;
}

const NOTICED: readonly string[] = ['Killed', 'Timeout'];
const MISSED: readonly string[] = ['Survived', 'NoCoverage'];

/** Results of earlier runs, by area: outside of the tree, since they are worth nothing to anybody else. */
const cacheOf = (folder: string) => join(tmpdir(), 'joulekeep-mutation', `${folder.replaceAll('/', '-')}.json`);

/**
 * Changes the code of an area in every way that Stryker knows, one at a time, in a copy outside of the tree, and runs the tests that reach the change.
 * @throws Error where the tests are red without any change
 */
export async function mutate({ root, area, files, workers, force }: MutationRun): Promise<MutationScore> {
  process.env['JOULEKEEP_MUTATION_TESTS'] = area.tests.join(' ');
  process.env['JOULEKEEP_SHARED'] ??= join(root, '..', 'shared');
  // Every mutant starts a worker, and every worker would compile vitest again.
  process.env['NODE_COMPILE_CACHE'] ??= join(tmpdir(), 'joulekeep-mutation', 'compiled');
  const stryker = new Stryker({
    mutate: [...files],
    plugins: ['@stryker-mutator/vitest-runner', join(import.meta.dirname, 'plugins.ts')],
    ignorers: ['messages'],
    testRunner: 'vitest',
    vitest: { configFile: 'vitest.mutation.config.ts', related: false },
    coverageAnalysis: 'perTest',
    concurrency: workers,
    incremental: true,
    incrementalFile: cacheOf(area.folder),
    force,
    tempDirName: join(tmpdir(), `joulekeep-mutation-${process.pid}`),
    ignorePatterns: ['docs', '.web', '.lanes', '.joulekeep', '.cdk.out', 'coverage', 'web', 'fuzz'],
    reporters: ['as-they-come'],
    logLevel: 'warn' as LogLevel,
    allowConsoleColors: false,
    allowEmpty: true,
    // Time is counted in that of the run without any change: what else the machine does then must not pass for an endless loop.
    timeoutMS: 10_000,
    timeoutFactor: 5,
  });
  return scoreOf(root, area.folder, await stryker.runMutationTest());
}

function scoreOf(root: string, folder: string, results: readonly MutantResult[]): MutationScore {
  const noticed = results.filter(({ status }) => NOTICED.includes(status));
  const missed = results.filter(({ status }) => MISSED.includes(status));
  return {
    folder,
    mutants: noticed.length + missed.length,
    noticed: noticed.length,
    survivors: missed.map((mutant) => lineOf(root, mutant)).sort(),
  };
}
