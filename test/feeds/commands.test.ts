import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createEmbeddedPlatform } from '../../platform/embedded/platform.ts';
import { ManualClock } from '../support/memory-platform.ts';

const JOULEKEEP = fileURLToPath(new URL('../../bin/joulekeep.ts', import.meta.url));
const directory = mkdtempSync(join(tmpdir(), 'joulekeep-delivery-'));
const ENDPOINT = ['--recipient', 'billing-system', '--feed', 'billing/bills'] as const;

beforeAll(async () => {
  const platform = await createEmbeddedPlatform({ stateDir: directory, clock: new ManualClock(Date.UTC(2026, 1, 8)), timer: false });
  await platform.close();
});
afterAll(() => rmSync(directory, { recursive: true, force: true }));

function delivery(...args: readonly string[]): Promise<{ readonly code: number; readonly out: string; readonly error: string }> {
  return new Promise((resolve) => {
    execFile(process.execPath, [JOULEKEEP, 'delivery', ...args, '--state', directory], (failed, out, error) =>
      resolve({ code: failed === null ? 0 : Number(failed.code), out, error }),
    );
  });
}

describe('joulekeep delivery', () => {
  it('list says where no feed is pushed anywhere', async () => {
    expect(await delivery('list')).toEqual({ code: 0, out: '', error: 'no feed is pushed anywhere; joulekeep delivery set begins one\n' });
  });

  it('sets an endpoint, shows it, asks for a replay and ends it; what can not be is refused in one line', async () => {
    const refused = await delivery('set', ...ENDPOINT, '--url', 'http://billing.example.org/');
    expect([refused.code, refused.error.trim().split('\n').length]).toEqual([2, 1]);
    expect((await delivery('replay', ...ENDPOINT, '--after', '0')).code).toBe(2);
    expect((await delivery('set', ...ENDPOINT, '--url', 'https://billing.example.org/')).code).toBe(0);
    expect((await delivery('replay', ...ENDPOINT, '--after', '0')).out).toBe('billing-system  billing/bills  open  through 0\n');
    expect((await delivery('replay', ...ENDPOINT, '--after', '7')).code).toBe(2);
    expect((await delivery('end', ...ENDPOINT, '--reason', 'moved')).code).toBe(0);
    expect(await delivery('list')).toMatchObject({ code: 0, out: 'billing-system  billing/bills  ended  through 0\n' });
  });
});
