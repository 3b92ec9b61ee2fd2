import { execFile, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Day } from '../../api/days.ts';
import type { Edited, Preview } from '../../api/edits.ts';
import type { ExceptionPage } from '../../api/exceptions.ts';
import { meterDay } from '../../domain/meterday/meterday.ts';
import type { MeterDayEvent } from '../../events/index.ts';
import { billPeriod } from '../../lambdas/billing/bill-period.ts';
import { openBilling } from '../../lambdas/billing/open-billing.ts';
import { publishTariff } from '../../lambdas/billing/publish-tariff.ts';
import { DayProjection } from '../../lambdas/project/day-projection.ts';
import { dayTables } from '../../lambdas/project/tables.ts';
import { openPoints } from '../../lambdas/register/open-points.ts';
import { createEmbeddedPlatform, type Embedded } from '../../platform/embedded/platform.ts';
import { closeOf, collected, type Recorded, readings, records, sumOf, valueAt } from '../meterday/days.ts';
import { ACCOUNT, ASSET, BEFORE_DAYS, DAY, frameOf, METER, POINT } from './edit-world.ts';

const JOULEKEEP = fileURLToPath(new URL('../../bin/joulekeep.ts', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'joulekeep-edit-'));
const state = join(folder, 'state');
const STREAM = `meterday/${METER}/${DAY}`;

interface Ended {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

function joulekeep(...args: string[]): Promise<Ended> {
  return new Promise((resolve) => {
    execFile(process.execPath, [JOULEKEEP, ...args], (error, out, err) =>
      resolve({ code: error === null ? 0 : Number(error.code), out, err }),
    );
  });
}

const HELD_DAYS = ['2026-01-16', '2026-01-17'];

/** More than the fuse lets through in one slot, and the register says so too. */
function heldList(): Recorded[] {
  let register = 5_000;
  return records(0, 96).map(({ slot }) => {
    const value = slot === 50 ? 7_000 : valueAt(slot);
    register += value;
    return { slot, value, register };
  });
}

async function closedDay(embedded: Embedded, day: string, list: readonly Recorded[]): Promise<void> {
  const frame = frameOf(METER, day);
  const stream = `meterday/${METER}/${day}`;
  let state = meterDay.initial;
  const events: MeterDayEvent[] = [];
  for (const command of [
    { type: 'CollectReadings', readings: readings([collected(list, {}, frame)], { frame }) } as const,
    closeOf(frame),
  ]) {
    for (const event of meterDay.decide(command, state)) {
      state = meterDay.evolve(state, event);
      events.push(event);
    }
  }
  const store = embedded.as('close-day').events;
  const subject = { of: 'usage', subject: ACCOUNT, month: '2026-01' } as const;
  await store.append(await store.head(stream, subject), { commitId: randomBytes(32), events, subject }).durable;
  const project = embedded.as('project');
  expect((await new DayProjection(project, dayTables(project.models)).follow([{ stream }])).size).toBe(0);
}

function issue(name: string, role: string, out: string): Promise<Ended> {
  return joulekeep('certificate', 'issue', '--name', name, '--role', role, '--state', state, '--out', out);
}

async function revoke(name: string): Promise<Ended> {
  const { out } = await joulekeep('certificate', 'list', '--state', state);
  const [fingerprint] = out
    .split('\n')
    .findLast((line) => line.includes(`  ${name}  `))!
    .split('  ');
  return await joulekeep('certificate', 'revoke', fingerprint!, '--state', state);
}

/** A home with one closed day that misses an hour, two that are held, a tariff, and a bill that waits for the rest of the month. */
beforeAll(async () => {
  const embedded = await createEmbeddedPlatform({ stateDir: state, clock: { now: () => Date.UTC(2026, 0, 21) }, timer: false });
  const point = { usagePoint: POINT, premises: 'p', zone: ASSET.zone, areaLeaf: ASSET.areaLeaf, meterClass: 'residential' as const };
  const meter = { meterId: METER, from: BEFORE_DAYS, asset: ASSET };
  const tariff = { tariff: 'flat', from: '2026-01-01' };
  await openPoints(embedded.as('enrol'), [{ ...point, meter, tariff, tenant: { accountId: ACCOUNT, from: BEFORE_DAYS } }]);
  const charges = [{ kind: 'energy', code: 'energy', pricing: { kind: 'flat', perKWh: '0.1' } }];
  const text = JSON.stringify({ id: 'flat', name: 'flat', currency: 'GBP', from: '2026-01-01', charges });
  await publishTariff(embedded.as('billing'), { file: 'flat.json', text }, new Map());
  await closedDay(embedded, DAY, [...records(0, 40), ...records(44, 96)]);
  for (const day of HELD_DAYS) await closedDay(embedded, day, heldList());
  const january = { from: '2026-01-01', until: '2026-02-01' };
  const sources = await openBilling(embedded.as('billing'), [ACCOUNT], january);
  const { events } = await billPeriod(sources, { account: ACCOUNT, usagePoint: POINT, ...january });
  expect(events.map(({ type }) => type)).toEqual(['BillHeld']);
  await embedded.close();
  for (const name of ['ann', 'bob', 'cat']) expect((await issue(name, 'operator', join(folder, 'first'))).code).toBe(0);
});
afterAll(() => rmSync(folder, { recursive: true }));

const AS = ['--state', state, '--as', 'ann', '--role', 'operator'];
const JANUARY = ['--from', '2026-01-01', '--until', '2026-02-01'];
const WHY = ['--reason', 'meter-read', '--note', 'seen; on "site"'];

describe('editing at the command line', () => {
  it('shows a day, previews, edits, undoes, and refuses what was seen too long ago', async () => {
    const shown = await joulekeep('day', 'show', METER, DAY, ...AS);
    expect(shown).toMatchObject({ code: 0, err: '' });
    expect(shown.out).toContain(`${METER} at ${POINT}, ${DAY}: provisional, revision 1`);
    const etag = /--etag '(\S+)'/.exec(shown.out)![1]!;
    const edit = [METER, DAY, '--slots', '40-43', '--values', '1,2,3,4', ...WHY];
    const preview = JSON.parse((await joulekeep('day', 'edit', ...edit, ...AS, '--preview', '--json')).out) as Preview;
    const differenceWh = preview.after[0]!.energyWh - preview.before[0]!.energyWh;
    expect(preview).toMatchObject({ needsSecondPerson: false, money: { currency: 'GBP', differenceMicro: String(differenceWh * 100) } });
    const edited = JSON.parse((await joulekeep('day', 'edit', ...edit, ...AS, '--etag', etag, '--json')).out) as Edited;
    expect(edited).toMatchObject({ result: 'recorded', edit: 1, channels: preview.after });
    expect(await joulekeep('day', 'edit', ...edit.with(5, '9,9,9,9'), ...AS, '--etag', etag)).toEqual({
      code: 1,
      out: '',
      err: `joulekeep: It was changed since it was read; ${STREAM} was changed meanwhile\n`,
    });
    expect((await joulekeep('day', 'undo', METER, DAY, '1', ...WHY, ...AS)).out).toMatch(/^recorded, edit 2; revision 3\n/);
    const day = JSON.parse((await joulekeep('day', 'show', METER, DAY, ...AS, '--json')).out) as Day;
    expect(day.channels[0]).toMatchObject({ energyWh: sumOf(0, 96), estimated: 4 });
    expect(day.edits).toMatchObject([{ by: 'ann', note: 'seen; on "site"', undone: true }, { kind: 'undo' }]);
  }, 60_000);

  it('pages through the queue, and gives a row to somebody', async () => {
    const first = await joulekeep('exception', 'list', ...JANUARY, '--limit', '1', ...AS);
    const [, row, cursor] = /^(\S+)\n {2}rule\/V08 {2}2026-01-16 {2}1 meter {2}open {2}since \S+\nmore: --cursor (\S+)\n$/.exec(first.out)!;
    expect((await joulekeep('exception', 'list', ...JANUARY, '--limit', '1', ...AS, '--cursor', cursor!)).out).toContain(
      'rule/V08  2026-01-17  1 meter  open',
    );
    expect((await joulekeep('exception', 'list', ...JANUARY, '--cursor', cursor!, ...AS)).code).toBe(0);
    const bob = [...AS.slice(0, 2), '--as', 'bob', '--role', 'operator'];
    expect(await joulekeep('exception', 'list', ...JANUARY, '--cursor', cursor!, ...bob)).toMatchObject({ code: 2, out: '' });
    expect(row).toBe('rule/V08@2026-01-16');
    const assigned = await joulekeep('exception', 'assign', row!, '--to', 'carol', ...AS);
    expect(assigned.out).toContain(`rule/V08  2026-01-16  1 meter  assigned  carol`);
    expect((await joulekeep('exception', 'show', row!, ...AS)).out).toBe(assigned.out);
  }, 60_000);

  it('on the folder nobody acts without a certificate in force for the role', async () => {
    const show = (name: string, role: string) => joulekeep('day', 'show', METER, DAY, '--state', state, '--as', name, '--role', role);
    const refused = (name: string, role: string) => ({
      ...{ code: 2, out: '' },
      err: `joulekeep: --as ${name}: no certificate in force says that ${name} is ${role}; joulekeep certificate issue makes one\n`,
    });
    expect(await show('eve', 'operator')).toEqual(refused('eve', 'operator'));
    expect(await show('cat', 'supervisor')).toEqual(refused('cat', 'supervisor'));
    expect((await show('cat', 'operator')).code).toBe(0);
    expect((await revoke('cat')).code).toBe(0);
    expect(await show('cat', 'operator')).toEqual(refused('cat', 'operator'));
    const file = join(folder, 'edits.csv');
    writeFileSync(file, 'meterId,channel,end_utc,wh\nx,0,2026-01-15T00:15Z,1\n');
    const edits = ['import', 'edits', file, '--state', state, '--role', 'operator', '--reason', 'customer-read', '--as'];
    expect(await joulekeep(...edits, 'cat')).toEqual(refused('cat', 'operator'));
    const bad = await joulekeep(...edits, 'ann');
    expect(bad.code).toBe(2);
    const checked = await joulekeep('import', 'check', file);
    expect(checked.err).toMatch(/^\S+edits\.csv:2:\d+: /);
    expect(bad.err.split('\n')[0]).toBe(checked.err.split('\n')[0]);
  }, 60_000);

  it.each([
    ['neither state nor service', ['day', 'show', METER, DAY], 'either --state or --url is expected'],
    ['nobody to record', ['day', 'show', METER, DAY, '--state', state], '--state wants --as NAME and --role ROLE: who edits is recorded'],
    ['a day that is not there', ['day', 'show', METER, '2026-01-14', ...AS], `${METER}/2026-01-14\n`],
    ['a day that is none', ['day', 'show', METER, '2026-13-21', ...AS], 'a day like 2013-06-01 is expected'],
    ['a part that is none', ['day', 'show', METER, `${DAY}.x`, ...AS], 'a part of it like 2013-06-01.2'],
    ['a meter that is not there', ['day', 'show', '00000000000000ff', DAY, ...AS], `00000000000000ff/${DAY}\n`],
    [
      'a folder for a file',
      ['exception', 'list', '--url', 'https://127.0.0.1:1', '--cert', folder, '--key', folder, '--ca', folder],
      "can't be read (EISDIR)",
    ],
    ['an edit that is not there', ['day', 'undo', METER, DAY, '99', ...WHY, ...AS], 'Not found'],
    ['a state that is not there', ['exception', 'list', '--state', join(folder, 'none'), ...AS.slice(2)], 'no state of a service there'],
    ['slots that are none', ['day', 'accept', METER, DAY, '--slots', '4-x', ...WHY, ...AS], 'slots like 40-43,50 are expected'],
    [
      'a name that is none',
      ['certificate', 'issue', '--name', 'Ann', '--role', 'operator', '--state', state, '--out', folder],
      '--name Ann',
    ],
    [
      'a name by which the system restates days',
      ['certificate', 'issue', '--name', 'close-day', '--role', 'supervisor', '--state', state, '--out', folder],
      '--name close-day: the system itself goes by this name',
    ],
    ['a certificate that is not there', ['certificate', 'revoke', 'ab', '--state', state], 'no certificate ab'],
  ])('says what is wrong with %s', async (_, args, message) => {
    const { code, out, err } = await joulekeep(...args);
    expect([code, out]).toEqual([2, '']);
    expect(err).toContain(message);
  });

  it('does the same over HTTPS with a certificate, and no more once that is revoked', async () => {
    for (const [name, role] of [
      ['ann', 'operator'],
      ['dan', 'supervisor'],
    ])
      expect((await issue(name!, role!, folder)).code).toBe(0);
    expect(statSync(join(folder, 'ann.key.pem')).mode & 0o777).toBe(0o600);
    expect((await issue('ann', 'operator', folder)).code).toBe(2);
    expect((await issue('bob', 'supervisor', folder)).err).toContain('bob has a certificate as operator');

    const asked = (url: string, name: string) => [
      '--url',
      url,
      '--cert',
      join(folder, `${name}.crt.pem`),
      '--key',
      join(folder, `${name}.key.pem`),
      '--ca',
      join(folder, 'ca.crt.pem'),
    ];
    const listed = await whileServing(async (url) => {
      const rows = await joulekeep('exception', 'list', ...JANUARY, ...asked(url, 'ann'), '--json');
      expect((JSON.parse(rows.out) as ExceptionPage).rows.map(({ days }) => days)).toEqual(HELD_DAYS.map((day) => [day]));
      expect((await joulekeep('day', 'approve', METER, DAY, '1', ...asked(url, 'ann'))).err).toBe('joulekeep: Not allowed\n');
      expect((await joulekeep('day', 'approve', METER, DAY, '99', ...asked(url, 'dan'))).err).toMatch(/^joulekeep: Not found: \S+\n$/);
      const [ann, dan] = [asked(url, 'ann'), asked(url, 'dan')];
      const foreign = await joulekeep('exception', 'list', ...ann.slice(0, -1), ann[3]!);
      expect([foreign.code, foreign.err]).toEqual([
        2,
        expect.stringMatching(/^joulekeep: --ca: does not vouch for \S+ \(\S+\): [^\n]+\n$/),
      ]);
      const mixed = await joulekeep('exception', 'list', ...ann.slice(0, 5), dan[5]!, ...ann.slice(6));
      expect([mixed.code, mixed.err]).toEqual([
        2,
        expect.stringMatching(/^joulekeep: --cert and --key: not a certificate and its own [^\n]+\n$/),
      ]);
      const accept = ['day', 'edit', METER, DAY, '--slots', '41', '--values', '7', ...WHY, '--request', 'one-and-the-same-edit'];
      expect((await joulekeep(...accept, ...asked(url, 'ann'))).out).toMatch(/^recorded, edit 3; /);
      expect((await joulekeep(...accept, ...asked(url, 'ann'))).out).toMatch(/^recorded, edit 3, by this very request before; /);
      return (await joulekeep('day', 'show', METER, DAY, ...asked(url, 'dan'))).out;
    });
    expect(listed).toContain('edit 3: values by ann');

    expect((await revoke('ann')).code).toBe(0);
    await whileServing(async (url) => {
      expect(await joulekeep('day', 'show', METER, DAY, ...asked(url, 'ann'))).toEqual({
        code: 1,
        out: '',
        err: 'joulekeep: Not authenticated\n',
      });
    });
    const log = readFileSync(join(state, 'log.jsonl'), 'utf8');
    expect(log).toContain('"reason":"revoked"');
    expect(log).not.toContain('seen; on');
  }, 120_000);
});

async function whileServing<T>(work: (url: string) => Promise<T>): Promise<T> {
  const child = spawn(process.execPath, [JOULEKEEP, 'serve', '--state', state], { stdio: ['ignore', 'pipe', 'inherit'] });
  try {
    let said = '';
    const url = await new Promise<string>((resolve, reject) => {
      child.stdout.on('data', (chunk: Buffer) => {
        said += String(chunk);
        const found = /^Console at (https:\/\/[\w.]+:\d+)/m.exec(said)?.[1];
        if (found !== undefined) resolve(found);
      });
      child.once('exit', () => reject(new Error(`no URL in: ${said}`)));
    });
    return await work(url);
  } finally {
    child.kill('SIGINT');
    if (child.exitCode === null) await once(child, 'exit');
  }
}
