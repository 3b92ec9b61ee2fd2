import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { DELIVERY_LASTS_MS } from '../../domain/delivery/backoff.ts';
import { change, setEndpoint } from '../../lambdas/deliver/endpoints.ts';
import { createEmbeddedPlatform } from '../../platform/embedded/platform.ts';
import { ManualClock } from '../support/memory-platform.ts';

const JOULEKEEP = fileURLToPath(new URL('../../bin/joulekeep.ts', import.meta.url));
const directory = mkdtempSync(join(tmpdir(), 'joulekeep-delivery-'));
const AT = Date.UTC(2026, 1, 8);
const open = (at = AT) => createEmbeddedPlatform({ stateDir: directory, clock: new ManualClock(at), timer: false });
const ENDPOINT = ['--recipient', 'billing-system', '--feed', 'billing/bills'] as const;

beforeAll(async () => {
  await (await open()).close();
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

  it('list says what fails, how often and why, and what was set aside', async () => {
    const endpoint = { recipient: 'ems', feed: 'operator/a' };
    const embedded = await open();
    const platform = embedded.as('deliver');
    await setEndpoint(platform, { ...endpoint, url: 'https://ems.example.org/' }, 'ann');
    const failing = (seq: number, at: number, issuedAt = at, overdue?: number) => {
      const outcomes = [{ seq, issuedAt, result: { failed: 'timeout' as const } }];
      return change(platform, endpoint, { type: 'RecordPass', outcomes, at, ...(overdue === undefined ? {} : { overdue }) });
    };
    const late = AT + DELIVERY_LASTS_MS;
    await failing(1, late, AT, 3);
    await failing(4, late);
    await failing(4, late + 60_000, late);
    await embedded.close();
    expect((await delivery('list')).out.split('\n')).toContain(
      'ems  operator/a  open  through 3  4 fails: timeout, 2 times  set aside 1 to 3',
    );
  });
});
