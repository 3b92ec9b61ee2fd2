import { randomBytes } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { sizesGate } from '../../tools/gates/sizes.ts';

const LIMITS = { portal: 1_000, console: 2_000 };
let built: string;

beforeEach(() => {
  built = mkdtempSync(join(tmpdir(), 'joulekeep-sizes-'));
});
afterEach(() => rmSync(built, { recursive: true }));

function plant(path: string, body: Buffer | string): void {
  mkdirSync(dirname(join(built, path)), { recursive: true });
  writeFileSync(join(built, path), body);
}

describe('the gate on what scripts weigh', () => {
  it('finds a script that is too long when it is compressed, and not one that is long before', () => {
    plant('portal/assets/index-a.js', randomBytes(1_001));
    plant('console/assets/index-b.js', 'x'.repeat(100_000));
    const { seen, findings } = sizesGate(built, LIMITS);
    expect(seen).toBe(2);
    expect(findings).toHaveLength(2);
    expect(findings[0]).toMatch(/^portal: its script has 10\d\d bytes as gzip, the limit is 1000$/);
    expect(findings[1]).toMatch(/^portal: its script has 10\d\d bytes as brotli, the limit is 1000$/);
  });

  it('counts all scripts of an application together', () => {
    plant('portal/assets/index-a.js', randomBytes(600));
    plant('portal/assets/more-a.js', randomBytes(600));
    plant('console/assets/index-b.js', randomBytes(1_900));
    expect(sizesGate(built, LIMITS).findings).toHaveLength(2);
  });

  it('finds an application that is not built', () => {
    plant('portal/assets/index-a.js', 'x');
    plant('console/assets/style.css', 'x');
    expect(sizesGate(built, LIMITS)).toEqual({ seen: 1, findings: ['console is not built: npm run build:web'] });
  });
});
