import { defineConfig } from 'vitest/config';

/** The adapters of platform/aws/dynamo on Amazon's DynamoDB Local: `npm run test:dynamodb`. */
const report = process.env['JOULEKEEP_TEST_REPORT'];

export default defineConfig({
  test: {
    include: ['test/aws/dynamo/**/*.lane.test.ts'],
    globalSetup: ['test/aws/dynamo/global-setup.ts'],
    pool: 'forks',
    maxWorkers: 2,
    testTimeout: 300_000,
    hookTimeout: 120_000,
    ...(report === undefined ? {} : { reporters: ['default', 'json'], outputFile: { json: report } }),
  },
});
