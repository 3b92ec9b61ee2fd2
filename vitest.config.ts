import { defineConfig } from 'vitest/config';

/** Where `.ci/run` and `npm run trace` want the results as JSON; unset for a person at a terminal. */
const report = process.env['JOULEKEEP_TEST_REPORT'];

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    // They need an emulator: vitest.lanes.config.ts.
    exclude: ['test/**/*.lane.test.ts'],
    pool: 'forks',
    testTimeout: 60_000,
    hookTimeout: 60_000,
    ...(report === undefined ? {} : { reporters: ['default', 'json'], outputFile: { json: report } }),
  },
});
