import { defineConfig } from 'vitest/config';

/** Where `.ci/run` wants the results as JSON; unset for a person at a terminal. */
const report = process.env['JOULEKEEP_TEST_REPORT'];

/** Tests that need an emulator; tools/lanes/run.ts starts it and names their folders. */
export default defineConfig({
  test: {
    include: ['test/**/*.lane.test.ts'],
    // The tests of tables run on DynamoDB Local as well, which has another address.
    provide: { dynamodbEndpoint: process.env['JOULEKEEP_AWS_ENDPOINT'] ?? '' },
    env: { POWERTOOLS_LOG_LEVEL: 'ERROR' },
    pool: 'forks',
    // One emulator for all of them.
    fileParallelism: false,
    testTimeout: 120_000,
    hookTimeout: 120_000,
    ...(report === undefined ? {} : { reporters: ['default', 'json'], outputFile: { json: report } }),
  },
});
