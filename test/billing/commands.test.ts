import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { DataAccessed } from '../../events/index.ts';
import { createEmbeddedPlatform } from '../../platform/embedded/platform.ts';
import { closeAll, closeDay, openHomes, TARIFF } from './closed-homes.ts';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'joulekeep-billing-'));
});

afterEach(() => rmSync(folder, { recursive: true }));

async function joulekeep(...args: string[]): Promise<{ code: number | null; out: string; err: string }> {
  const child = spawn(process.execPath, [join(ROOT, 'bin/joulekeep.ts'), ...args], { cwd: ROOT, stdio: ['ignore', 'pipe', 'pipe'] });
  const ended = new Promise<number | null>((done) => child.once('close', done));
  const [out, err] = await Promise.all([text(child.stdout), text(child.stderr)]);
  return { code: await ended, out, err };
}

/** A file in the test's folder. */
function file(name: string, content: object | string): string {
  const path = join(folder, name);
  writeFileSync(path, typeof content === 'string' ? content : JSON.stringify(content));
  return path;
}

/** A state directory with two homes of which the days are closed: the second one's last is not. */
async function stateWithHomes(): Promise<string> {
  const state = join(folder, 'state');
  const platform = await createEmbeddedPlatform({ stateDir: state, clock: { now: () => Date.UTC(2026, 10, 1) }, timer: false });
  await openHomes(platform.as);
  await closeAll(platform.as, 'home-1', 10);
  for (const day of ['2026-10-24', '2026-10-25']) await closeDay(platform.as, 'home-2', day, 10);
  await platform.close();
  return state;
}

describe('joulekeep tariff', () => {
  it('check says of the shipped files that they are sound, and which series they need', async () => {
    const { code, out } = await joulekeep('tariff', 'check', 'tariffs/london-dynamic.json');
    expect(code).toBe(0);
    expect(out).toContain('needs the series london-bands');
    expect(out).toContain('tariffs/london-dynamic.json: sound; london-dynamic from 2013-01-01, in GBP');
  });

  it('check says what is wrong, where, and what to do, and ends with 2', async () => {
    const path = file('bad.json', { ...TARIFF, currency: 'pounds', extra: 1 });
    const { code, err } = await joulekeep('tariff', 'check', path);
    expect(code).toBe(2);
    expect(err).toContain(`${path}: currency: "pounds" is not what is expected; three capital letters as in ISO 4217, like GBP`);
    expect(err).toContain(`${path}: extra: unknown; remove it, or check its spelling`);
    expect(await joulekeep('tariff', 'check', join(folder, 'none.json'))).toMatchObject({
      code: 2,
      err: expect.stringContaining('none.json'),
    });
  });

  it('publish adds a version, once, and refuses one that begins too early', async () => {
    const state = await stateWithHomes();
    const next = file('next.json', { ...TARIFF, from: '2026-11-01', name: 'Flat, dearer' });
    expect(await joulekeep('tariff', 'publish', next, '--state', state)).toMatchObject({
      code: 0,
      out: 'flat version 2 holds from 2026-11-01\n',
    });
    expect(await joulekeep('tariff', 'publish', next, '--state', state)).toMatchObject({
      code: 0,
      out: 'flat version 2 holds from 2026-11-01\n',
    });
    const early = file('early.json', { ...TARIFF, from: '2026-10-30' });
    const refused = await joulekeep('tariff', 'publish', early, '--state', state);
    expect(refused).toMatchObject({ code: 2, err: expect.stringContaining('a new version begins on a later day, not on 2026-10-30') });
    const nowhere = await joulekeep('tariff', 'publish', next, '--state', join(folder, 'nowhere'));
    expect(nowhere).toMatchObject({ code: 2, err: expect.stringContaining('no state of a service there') });
  });
});

describe('joulekeep bill', () => {
  it('run bills a month, show shows the bills as they stand', async () => {
    const state = await stateWithHomes();
    const run = await joulekeep('bill', 'run', '--state', state, '--period', '2026-10', '--at', '2026-11-06', '--as', 'bea');
    expect(run.code).toBe(0);
    // October has 31 days, of which three, or two, are closed.
    expect(run.out).toContain('bills      0: 0 issued now, 0 unchanged');
    expect(run.out).toContain('held       2, because days are not final yet');
    expect(run.out).not.toContain('going on');
    const early = await joulekeep('bill', 'run', '--state', state, '--period', '2026-10', '--at', '2026-10-31', '--as', 'bea');
    expect(early.out).toContain('going on   the period ends on 2026-11-01: until its days are final its bills are held');
    const late = await joulekeep('bill', 'run', '--state', state, '--period', '2026-10', '--at', '2026-12-07', '--json');
    const { totals, issued } = JSON.parse(late.out);
    expect([issued, totals.bills]).toEqual([2, 2]);
    const shown = await joulekeep('bill', 'show', 'acc-home-1', '--state', state);
    // 31 days of 24 hours and one more, 10 Wh every quarter of an hour.
    expect(shown.out).toContain('bill/acc-home-1/home-1.2026-10-01\n  revision 1, on estimates');
    expect(shown.out).toMatch(/energy\/flat +29800 Wh +7\.450000/);
    expect(shown.out).toMatch(/total +7\.450000 GBP/);
    expect((await joulekeep('bill', 'show', 'acc-home-1', '--state', state, '--as', 'ann')).out).toBe(shown.out);
    const { out: names } = await joulekeep('stream', 'list', 'access/', '--state', state);
    const people: unknown[] = [];
    for (const name of names.split('\n').filter((one) => one.endsWith('.billing'))) {
      const { out } = await joulekeep('stream', 'show', name, '--json', '--state', state);
      people.push(
        ...out
          .trim()
          .split('\n')
          .flatMap((line) => (JSON.parse(line) as { data: DataAccessed }).data.person ?? []),
      );
    }
    expect(people.sort()).toEqual(['ann', 'bea', 'bea', userInfo().username, userInfo().username].sort());
  });

  it('says what is missing, and ends with 2', async () => {
    const state = await stateWithHomes();
    expect(await joulekeep('bill', 'show', 'acc-home-1', '--state', state)).toMatchObject({
      code: 2,
      err: expect.stringContaining('no bills in'),
    });
    const nobody = await joulekeep('bill', 'run', '--state', state, '--period', '2026-09');
    expect(nobody).toMatchObject({ code: 2, err: expect.stringContaining('nobody has a tenancy') });
    expect(await joulekeep('bill', 'run', '--state', state, '--period', 'June')).toMatchObject({ code: 2 });
  });
});
