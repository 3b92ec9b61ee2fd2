import { defineConfig } from 'vitest/config';

/** Tests in a real browser: `npm run test:web`. One at a time, for each has the machine's processors to itself. */
export default defineConfig({
  test: { include: ['test/web/**/*.browser.ts'], pool: 'forks', fileParallelism: false, testTimeout: 120_000, hookTimeout: 120_000 },
});
