import { existsSync } from 'node:fs';
import { defineConfig } from 'vitest/config';
import { CHROMIUM } from './test/web/support/chromium-path.ts';

if (!existsSync(CHROMIUM)) {
  process.stderr.write(`no browser at ${CHROMIUM}: install Chromium, or say in CHROMIUM_PATH where it is\n`);
  process.exit(1);
}

/** Where `npm run trace` wants the results as JSON; unset for a person at a terminal. */
const report = process.env['JOULEKEEP_TEST_REPORT'];

/** Tests in a real browser, against a town that serves: `npm run test:web`. One at a time, for each has the machine's processors to itself. */
export default defineConfig({
  test: {
    include: ['test/web/**/*.browser.ts'],
    globalSetup: ['test/web/support/town-setup.ts'],
    pool: 'forks',
    fileParallelism: false,
    testTimeout: 120_000,
    hookTimeout: 120_000,
    ...(report === undefined ? {} : { reporters: ['default', 'json'], outputFile: { json: report } }),
  },
});
