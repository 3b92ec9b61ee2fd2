import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, it } from 'vitest';

const BESIDE_THE_REPOSITORY = fileURLToPath(new URL('../../../shared/', import.meta.url));

/** Absolute path of a file written by others, in JOULEKEEP_SHARED or in ../shared; it need not exist. */
export function sharedPath(relative: string): string {
  const root = process.env['JOULEKEEP_SHARED'] ?? BESIDE_THE_REPOSITORY;
  return `${root.replace(/\/$/, '')}/${relative}`;
}

/**
 * A suite that reads one shared file or folder. Where it is absent the suite is skipped with one line that names it,
 * and fails when JOULEKEEP_REQUIRE_SHARED=1.
 */
export function describeShared(name: string, relative: string, suite: (path: string) => void): void {
  const path = sharedPath(relative);
  if (existsSync(path)) {
    describe(name, () => suite(path));
    return;
  }
  const required = process.env['JOULEKEEP_REQUIRE_SHARED'] === '1';
  if (!required) console.warn(`skipped: ${name}, shared/${relative} not found`);
  describe.skipIf(!required)(name, () => {
    it(`finds shared/${relative}`, () => {
      throw new Error(`shared/${relative} not found`);
    });
  });
}
