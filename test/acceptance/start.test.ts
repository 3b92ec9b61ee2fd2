import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, it } from 'vitest';
import { Fleet } from '../../devices/fleet/fleet.ts';
import { usagePointState } from '../../lambdas/register/change-point.ts';
import { localDayAt } from '../../lambdas/shared/days/local-days.ts';
import { openAudit } from '../../platform/embedded/audit.ts';
import { HOUR, MONDAY } from './street.ts';

const JOULEKEEP = fileURLToPath(new URL('../../bin/joulekeep.ts', import.meta.url));
const KEYS = [
  'framesIn',
  'accepted',
  'duplicate',
  'quarantined',
  'takenBack',
  'readings',
  'meterTruthWh',
  'storedWh',
  'refusedByReason',
  'commits',
  'seconds',
  'days',
  'exceptions',
  'bills',
];
const directory = mkdtempSync(join(tmpdir(), 'joulekeep-start-'));
afterAll(() => rmSync(directory, { recursive: true }));

interface Ended {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

function begin(...args: string[]): { child: ChildProcess; ended: Promise<Ended> } {
  const child = spawn(process.execPath, [JOULEKEEP, 'start', ...args], { stdio: ['ignore', 'pipe', 'pipe'] });
  const text = { out: '', err: '' };
  child.stdout!.on('data', (data) => {
    text.out += data;
  });
  child.stderr!.on('data', (data) => {
    text.err += data;
  });
  return { child, ended: once(child, 'close').then(([code]) => ({ code: code as number | null, ...text })) };
}

const start = (...args: string[]): Promise<Ended> => begin(...args).ended;

interface Summary {
  readonly framesIn: number;
  readonly accepted: number;
  readonly duplicate: number;
  readonly quarantined: number;
  readonly takenBack: number;
  readonly readings: number;
  readonly meterTruthWh: number;
  readonly storedWh: number;
  readonly days: {
    readonly from: string;
    readonly until: string;
    readonly final: number;
    readonly provisional: number;
    readonly recordsWh: number;
    readonly readingsWh: number;
  };
  readonly exceptions: { readonly open: number; readonly all: number };
  readonly bills: {
    readonly from: string;
    readonly until: string;
    readonly issued: number;
    readonly held: number;
    readonly why: Readonly<Record<string, number>>;
    readonly totalMicro: Readonly<Record<string, string>>;
  };
}

function reconciled({ code, out, err }: Ended): Summary {
  expect([code, err]).toEqual([0, '']);
  const summary: Summary = JSON.parse(out);
  expect(summary.framesIn).toBe(summary.accepted + summary.duplicate + summary.quarantined);
  expect(summary.storedWh).toBe(summary.meterTruthWh);
  expect(summary.readings).toBeGreaterThan(0);
  return summary;
}

/** Meters on record, read from the file of a service that has ended. */
function meterStreams(state: string): number {
  const file = new DatabaseSync(join(state, 'events.db'), { readOnly: true });
  const { count } = file.prepare("SELECT count(DISTINCT stream) AS count FROM commits WHERE stream LIKE 'meter/%'").get() as {
    count: number;
  };
  file.close();
  return count;
}

/** When the town of a state began, UTC ms: a usage point is opened for its first interval. */
async function beganAt(state: string): Promise<number> {
  const audit = openAudit(state);
  try {
    return (await usagePointState(audit, 'up-00001')).installations[0]!.from;
  } finally {
    audit.close();
  }
}

describe('joulekeep start', () => {
  it('--once --json: one object with the keys of the contract, nothing else, and no state left', { timeout: 180_000 }, async () => {
    const ended = await start('--once', '--json', '--meters', '12', '--interval', '30');
    const summary = reconciled(ended);
    expect(Object.keys(summary)).toEqual(KEYS);
    const { days, bills } = summary;
    expect(days.recordsWh).toBe(days.readingsWh);
    // Twelve homes in two leaves, and a meter at the head of each.
    expect(days.final + days.provisional).toBe(7 * (12 + 2));
    expect([bills.from, bills.until]).toEqual([days.from, days.until]);
    // Every day has its energy; what is held waits for days that are not final, or for a person.
    expect(bills.issued + bills.held).toBe(12);
    expect(bills.held === 0).toBe(Object.keys(bills.why).length === 0);
    // Four homes' meters counted what no fuse lets through: there is work for operators.
    expect(summary.exceptions.open).toBeGreaterThan(0);
    expect(bills.held).toBeGreaterThanOrEqual(4);
    expect(ended.out.trimEnd().split('\n')).toHaveLength(1);
  });

  it('--once without --json says what reconciles', { timeout: 180_000 }, async () => {
    const state = join(directory, 'once');
    const { code, out } = await start('--once', '--meters', '8', '--interval', '30', '--state', state);
    expect(code).toBe(0);
    expect(out).toContain(`All of it is in ${state}. Nobody may sign in to it until: npm run joulekeep -- sign-in add`);
    expect(out).toMatch(/energy .* reconciles/);
    expect(out).toMatch(/8 meters and 2 at the heads of feeders enrolled/);
    expect(out).toMatch(/Quarantined since \S+ \S+ \(flooding\): meter [0-9a-f]{16}, a spare/);
    expect(out).toMatch(/rule\/V08 .* 2 meters/);
    expect(out).toMatch(
      /harbour .* Wh at the head, .* Wh at homes, [34]\.\d % between; of intervals as they stand now [1-9]\d* add up, 0 do not/,
    );
    // Eight homes are too few for the operator to be told of any.
    expect(out).not.toContain('when the operator was told');
    expect(out).not.toContain('DOES NOT');
  });

  it('--state goes on where the last run ended, and reconciles over both', { timeout: 180_000 }, async () => {
    const state = join(directory, 'twice');
    const first = reconciled(await start('--once', '--json', '--meters', '12', '--interval', '30', '--state', state));
    const second = reconciled(await start('--once', '--json', '--meters', '12', '--interval', '30', '--state', state));
    expect(second.readings).toBeGreaterThanOrEqual(first.readings);
    expect(second.framesIn).toBeGreaterThanOrEqual(first.framesIn);
    expect(second.bills.from).toBe(first.bills.until);
  });

  it('--state goes on and reconciles where a multiplier was corrected in between', { timeout: 180_000 }, async () => {
    const state = join(directory, 'corrected');
    const args = ['--once', '--json', '--meters', '4', '--interval', '30', '--days', '2', '--state', state];
    reconciled(await start(...args));
    const joulekeep = (...call: string[]) => spawnSync(process.execPath, [JOULEKEEP, ...call, '--state', state], { encoding: 'utf8' });
    const issued = joulekeep('certificate', 'issue', '--role', 'supervisor', '--name', 'sue', '--out', join(directory, 'sue'));
    expect([issued.status, issued.stderr]).toEqual([0, '']);
    const [, , meter] = joulekeep('point', 'list')
      .stdout.split('\n')
      .find((line) => line.startsWith('up-00002'))!
      .split(/ +/);
    const since = `${localDayAt((await beganAt(state)) / 1000 + 86_400, 'Europe/London').day}T12:00Z`;
    const asSue = ['--as', 'sue', '--role', 'supervisor', '--reason', 'current transformer'];
    const corrected = joulekeep('point', 'multiplier', 'up-00002', meter!, '--to', '2', '--from', since, ...asSue);
    expect([corrected.status, corrected.stderr]).toEqual([0, '']);
    const { days } = reconciled(await start(...args));
    expect(days.recordsWh).toBe(days.readingsWh);
  });

  it('--state goes on behind a restore: what it took back is counted, and late readings are in their days', {
    timeout: 300_000,
  }, async () => {
    const state = join(directory, 'restored');
    const kept = join(directory, 'kept');
    const args = ['--once', '--json', '--meters', '4', '--interval', '30', '--days', '2', '--state', state];
    reconciled(await start(...args));
    const joulekeep = (...call: string[]) =>
      spawnSync(process.execPath, [JOULEKEEP, ...call, '--state', state], { encoding: 'utf8' }).status;
    expect(joulekeep('backup', '--to', kept)).toBe(0);
    expect(reconciled(await start(...args)).takenBack).toBe(0);
    expect(joulekeep('restore', '--from', kept)).toBe(0);
    const gone: number[] = [];
    for (const _ of [0, 1]) {
      const { framesIn, accepted, duplicate, quarantined, takenBack, days } = JSON.parse((await start(...args)).out) as Summary;
      expect(framesIn).toBe(accepted + duplicate + quarantined + takenBack);
      expect(days.recordsWh).toBe(days.readingsWh);
      gone.push(takenBack);
    }
    expect(gone[0]).toBeGreaterThan(0);
    expect(gone[1]).toBe(gone[0]);
  });

  it('goes on from its state at another hour too, though a synthetic town ends with the present', async () => {
    const stateDir = join(directory, 'later');
    const town = { kind: 'synthetic', seed: 'later', meters: 2 } as const;
    const first = await Fleet.build({ request: { ...town, start: MONDAY }, stateDir });
    await first.close();
    const later = await Fleet.build({ request: { ...town, start: MONDAY + 31 * HOUR }, stateDir });
    expect(await later.stock()).toMatchObject({ start: MONDAY, resumedAt: MONDAY });
    await later.close();
  });

  it('Ctrl-C in the middle of the play keeps a state that the next run reconciles and bills', { timeout: 180_000 }, async () => {
    const state = join(directory, 'interrupted');
    const args = ['--once', '--meters', '24', '--interval', '30', '--state', state, '--days', '3'];
    const { child, ended } = begin(...args);
    await new Promise<void>((done) =>
      child.stderr!.on('data', (data) => {
        if (String(data).includes('playing')) done();
      }),
    );
    child.kill('SIGINT');
    const { code, out } = await ended;
    expect([code, out.includes('the same command goes on')]).toEqual([130, true]);
    const resumed = reconciled(await start(...args, '--json'));
    // Days from before the interruption are billed as well, which no bill covers yet.
    const began = localDayAt((await beganAt(state)) / 1000, 'Europe/London').day;
    expect([resumed.bills.from, resumed.days.from]).toEqual([began, began]);
  });

  it('Ctrl-C is obeyed before all are enrolled, and the next run enrols the rest and reconciles', { timeout: 300_000 }, async () => {
    const state = join(directory, 'half-enrolled');
    const args = ['--once', '--meters', '600', '--interval', '30', '--state', state];
    const { child, ended } = begin(...args);
    child.stderr!.once('data', () => child.kill('SIGINT'));
    const { code, out, err } = await ended;
    expect([code, out.includes('the same command goes on')]).toEqual([130, true]);
    expect(err).toMatch(/^enrolling/);
    const enrolled = meterStreams(state);
    expect(enrolled).toBeGreaterThan(0);
    expect(enrolled).toBeLessThan(600);
    reconciled(await start(...args, '--json'));
    expect(meterStreams(state)).toBe(600 + 3 + 1);
  });

  it('Ctrl-C is obeyed before there is anything to enrol', async () => {
    const state = join(directory, 'unborn');
    const { child, ended } = begin('--once', '--meters', '20000', '--state', state);
    while (!existsSync(join(state, 'fleet'))) await new Promise((resolve) => setImmediate(resolve));
    child.kill('SIGINT');
    const { code, out } = await ended;
    expect([code, out.includes('Joulekeep is up')]).toEqual([130, false]);
  });

  it.concurrent.each([
    ['no such day count', ['--once', '--days', '0']],
    ['days in words', ['--once', '--days', 'two']],
    ['no such interval', ['--once', '--interval', '7']],
    ['no such file', ['--once', '--data', join(directory, 'nowhere.csv')]],
    ['a day without data', ['--once', '--from', '2013-06-01']],
    ['no such day', ['--once', '--data', 'x.csv', '--from', '2013-02-30']],
    ['--json without --once', ['--json']],
    ['homes given twice', ['--once', '--data', 'x.csv', '--meters', '5']],
    ['an unknown flag', ['--once', '--turbo']],
  ])('%s: one clear line and exit code 2', async (_what, args) => {
    const { code, out, err } = await start(...args);
    expect([code, out]).toEqual([2, '']);
    expect(err.trimEnd().split('\n')).toHaveLength(1);
    expect(err).toMatch(/^(joulekeep|error): .{10,}/);
  });

  it('a file that holds no half-hours: one clear line and exit code 2', async () => {
    const file = join(directory, 'wrong.csv');
    writeFileSync(file, 'a,b\n1,2\n');
    const { code, err } = await start('--once', '--data', file);
    expect([code, err.trimEnd().split('\n').length]).toEqual([2, 1]);
    expect(existsSync(file)).toBe(true);
  });
});
