import { availableParallelism } from 'node:os';
import { configDefaults, defineConfig } from 'vitest/config';

/** Where `.ci/run` and `npm run trace` want the results as JSON; unset for a person at a terminal. */
const report = process.env['JOULEKEEP_TEST_REPORT'];

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    // Lanes need an emulator, and have a command each.
    exclude: [...configDefaults.exclude, '**/*.lane.test.ts'],
    pool: 'forks',
    // Left alone, a machine with two cores would run one file at a time.
    maxWorkers: Math.max(2, availableParallelism() - 1),
    testTimeout: 60_000,
    hookTimeout: 60_000,
    ...(report === undefined ? {} : { reporters: ['default', 'json'], outputFile: { json: report } }),
  },
});
