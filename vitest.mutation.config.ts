import { configDefaults, defineConfig } from 'vitest/config';
import { BaseSequencer } from 'vitest/node';

/** For `npm run mutate`, which says in this variable which tests of one area it wants: globs with blanks between. */
const tests = process.env['JOULEKEEP_MUTATION_TESTS'];
if (tests === undefined) throw new Error('JOULEKEEP_MUTATION_TESTS: which tests? Use npm run mutate');

/** A run ends at the first red test, so examples come before properties, which take a hundred times as long. */
class ExamplesFirst extends BaseSequencer {
  override async sort(files: Parameters<BaseSequencer['sort']>[0]) {
    const isProperty = (file: { readonly moduleId: string }) => Number(file.moduleId.includes('property'));
    return [...files].sort((one, other) => isProperty(one) - isProperty(other) || one.moduleId.localeCompare(other.moduleId));
  }
}

export default defineConfig({
  test: {
    include: tests.split(' '),
    exclude: [...configDefaults.exclude, '**/*.lane.test.ts'],
    // A mutant costs one worker, not one for each file of tests.
    isolate: false,
    setupFiles: ['tools/mutation/no-shrinking.ts'],
    sequence: { sequencer: ExamplesFirst },
    reporters: [{}],
    testTimeout: 30_000,
    hookTimeout: 30_000,
  },
});
