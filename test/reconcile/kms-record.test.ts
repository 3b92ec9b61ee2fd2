import { spawnSync } from 'node:child_process';
import { appendFileSync, mkdirSync, readdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { SoftwareKms } from '../../platform/embedded/kms/kms.ts';
import { besideRecord } from '../../platform/embedded/kms/record.ts';
import type { KmsCall, KmsDay } from '../../platform/ports/kms-record.ts';
import { KMS_RECORD_DAYS } from '../../topology/retention.ts';
import { CONTRACT_KEYS } from '../contract/kms.ts';
import { DAY, discard, temporaryDirectory } from '../contract/support/state.ts';
import { defencesUnderTest } from '../support/defences.ts';
import { ManualClock } from '../support/memory-platform.ts';

const START = Date.UTC(2026, 0, 15, 10);
let directory: string;
let clock: ManualClock;
let kms: SoftwareKms;

function open(recordPath?: string): SoftwareKms {
  const paths = { path: join(directory, 'kms.db'), rootKeyPath: join(directory, 'kms.root') };
  return new SoftwareKms({
    ...paths,
    clock,
    defences: defencesUnderTest(),
    keys: CONTRACT_KEYS,
    ...(recordPath === undefined ? {} : { recordPath }),
  });
}

beforeEach(async () => {
  directory = temporaryDirectory();
  clock = new ManualClock(START);
  kms = open();
  await kms.admin.createMissing();
});

afterEach(() => {
  kms.close();
  discard(directory);
});

const file = (day: string) => join(directory, 'kms-record', `${day}.log`);
const mac = (name: string) => kms.as('ingest').generateMac('hmac', Buffer.from(name));

async function read(day: string, after?: string): Promise<KmsDay & { readonly heard: readonly KmsCall[] }> {
  const heard: KmsCall[] = [];
  return { ...(await kms.record.readDay(day, after, (call) => heard.push(call))), heard };
}

/** Two days with calls. */
async function twoDays(): Promise<void> {
  for (const name of ['a', 'b', 'c']) await mac(name);
  clock.advance(DAY);
  for (const name of ['d', 'e']) await mac(name);
  clock.advance(DAY);
}

function editLines(day: string, edit: (lines: string[]) => readonly string[]): void {
  const lines = readFileSync(file(day), 'utf8').trimEnd().split('\n');
  writeFileSync(
    file(day),
    edit(lines)
      .map((line) => `${line}\n`)
      .join(''),
  );
}

describe('the record of the key service', () => {
  it('tells who asked for what, bound to what, when, and how it ended, in order', async () => {
    const ingest = kms.as('ingest');
    const { wrapped } = await ingest.generateDataKey('kek', { row: 'r', subject: 's' });
    clock.advance(1_000);
    await ingest.decrypt('kek', wrapped, { row: 'r', subject: 't' }).catch(() => undefined);
    await kms
      .as('enrol')
      .decrypt('kek', wrapped, { row: 'r', subject: 's' })
      .catch(() => undefined);
    const { heard, calls, faults } = await read('2026-01-15');
    const asked = { keyId: 'kek', principal: 'ingest' };
    expect(heard).toEqual([
      { ...asked, at: START, operation: 'generateDataKey', context: { row: 'r', subject: 's' }, outcome: 'ok' },
      { ...asked, at: START + 1_000, operation: 'decrypt', context: { row: 'r', subject: 't' }, outcome: 'ERR_KMS_INVALID_CIPHERTEXT' },
      {
        ...asked,
        principal: 'enrol',
        at: START + 1_000,
        operation: 'decrypt',
        context: { row: 'r', subject: 's' },
        outcome: 'ERR_KMS_ACCESS_DENIED',
      },
    ]);
    expect({ calls, faults }).toEqual({ calls: 3, faults: [] });
  });

  it('is read day by day, each continuing the one before, over restarts', async () => {
    await twoDays();
    kms.close();
    kms = open();
    await mac('f');
    clock.advance(DAY);
    const first = await read('2026-01-15');
    const second = await read('2026-01-16', first.end);
    const third = await read('2026-01-17', second.end);
    expect([first, second, third].map(({ calls, faults }) => [calls, faults])).toEqual([
      [3, []],
      [2, []],
      [1, []],
    ]);
    expect(await kms.record.firstDay()).toBe('2026-01-15');
    const empty = await read('2026-01-18', third.end);
    expect([empty.calls, empty.faults, empty.end]).toEqual([0, [], third.end]);
  });

  it('goes on in the day it is in when the clock is put back', async () => {
    await twoDays();
    await mac('f');
    clock.set(START);
    await mac('g');
    const { heard } = await read('2026-01-17');
    expect(heard.map(({ at }) => at)).toEqual([START + 2 * DAY, START]);
  });

  it('answers nobody before the call is on record: what cannot be recorded is not done', async () => {
    await mac('a');
    clock.advance(DAY);
    // Where the next day's file should be, nothing can be written.
    mkdirSync(file('2026-01-16'));
    await expect(mac('b')).rejects.toMatchObject({ code: 'ERR_KMS_UNRECORDED', retryable: true });
    rmSync(file('2026-01-16'), { recursive: true });
    await mac('c');
    clock.advance(DAY);
    const { calls, faults } = await read('2026-01-16', (await read('2026-01-15')).end);
    expect([calls, faults]).toEqual([1, []]);
  });

  it('outlives the process: what was answered before a kill is there, and the break is told', () => {
    kms.close();
    const url = new URL('../../platform/embedded/kms/kms.ts', import.meta.url).href;
    const script = `
      const { SoftwareKms } = await import(${JSON.stringify(url)});
      const keys = [{ id: 'hmac', usage: 'mac', rotationDays: 365, overlapDays: 0, allow: { ingest: ['generateMac'] } }];
      const kms = new SoftwareKms({ path: process.argv[1] + '/kms.db', rootKeyPath: process.argv[1] + '/kms.root', clock: { now: () => ${START} }, defences: { keyPolicies: true }, keys });
      for (let i = 0; i < 3; i++) await kms.as('ingest').generateMac('hmac', Buffer.alloc(1));
      process.kill(process.pid, 'SIGKILL');`;
    const { signal } = spawnSync(process.execPath, ['--input-type=module', '-e', script, directory]);
    expect(signal).toBe('SIGKILL');
    clock.advance(1_000);
    kms = open();
    clock.advance(DAY);
    return read('2026-01-15').then(({ calls, faults }) => {
      expect(calls).toBe(3);
      expect(faults).toEqual([{ fault: 'broken-off', from: START, until: START + 1_000 }]);
    });
  });

  it('of another process beside it is a record of its own, and is read with it', async () => {
    await mac('a');
    const beside = open(besideRecord(join(directory, 'kms-record'), clock.now()));
    await beside.as('ingest').generateMac('hmac', Buffer.alloc(1));
    beside.close();
    clock.advance(DAY);
    const { calls, faults } = await read('2026-01-15');
    expect([calls, faults]).toEqual([2, []]);
  });

  it('is kept as long as it should be, and no longer', async () => {
    await mac('a');
    const beside = open(besideRecord(join(directory, 'kms-record'), clock.now()));
    beside.close();
    clock.advance(KMS_RECORD_DAYS * DAY);
    await mac('b');
    expect(await kms.record.firstDay()).toBe('2026-01-15');
    clock.advance(DAY);
    await mac('c');
    expect(await kms.record.firstDay()).toBe('2027-02-19');
    kms.close();
    kms = open();
    expect(readdirSync(join(directory, 'kms-record')).filter((name) => name.startsWith('beside'))).toEqual([]);
  });
});

describe('C10.1-1: a record that was tampered with says so', () => {
  const faultsOf = async (day = '2026-01-15') => (await read(day)).faults.map(({ fault }) => fault);

  it('C10.1-1: untouched it is sound', async () => {
    await twoDays();
    expect([await faultsOf(), await faultsOf('2026-01-16')]).toEqual([[], []]);
  });

  it('C10.1-1: a line that was altered, for another principal or another subject', async () => {
    await twoDays();
    editLines('2026-01-15', (lines) => lines.map((line, i) => (i === 2 ? line.replace('ingest', 'auditr') : line)));
    expect(await faultsOf()).toEqual(['altered']);
  });

  it.each([0, 1, 2])('C10.1-1: a line that is gone, %i from the end', async (fromEnd) => {
    await twoDays();
    editLines('2026-01-15', (lines) => lines.filter((_, i) => i !== lines.length - 1 - fromEnd));
    expect(await faultsOf()).toEqual(['missing']);
  });

  it('C10.1-1: lines in another order, a line twice', async () => {
    await twoDays();
    const whole = readFileSync(file('2026-01-15'));
    editLines('2026-01-15', ([opened, a, b, ...rest]) => [opened!, b!, a!, ...rest]);
    expect(await faultsOf()).toContain('missing');
    writeFileSync(file('2026-01-15'), whole);
    editLines('2026-01-15', (lines) => [...lines, lines.at(-1)!]);
    expect(await faultsOf()).toContain('missing');
  });

  it('C10.1-1: the end of what is written now, cut while the key service runs', async () => {
    await mac('a');
    await mac('b');
    editLines('2026-01-15', (lines) => lines.slice(0, -1));
    expect(await faultsOf()).toEqual(['missing']);
  });

  it('C10.1-1: a whole day, by the day before and by the day behind', async () => {
    await twoDays();
    await mac('f');
    const { end } = await read('2026-01-15');
    rmSync(file('2026-01-16'));
    expect((await read('2026-01-16', end)).faults.map(({ fault }) => fault)).toEqual(['missing']);
    expect(await faultsOf()).toEqual(['missing']);
  });

  it('C10.1-1: another record in its place, which begins anew', async () => {
    await twoDays();
    const { end } = await read('2026-01-15');
    kms.close();
    rmSync(join(directory, 'kms-record'), { recursive: true });
    kms = open();
    await mac('f');
    clock.advance(DAY);
    expect((await read('2026-01-17', end)).faults.map(({ fault }) => fault)).toEqual(['missing']);
  });

  it('C10.1-1: a line that another key made', async () => {
    await twoDays();
    appendFileSync(file('2026-01-15'), `${'A'.repeat(43)} [4,"",0,"called",[]]\n`);
    expect(await faultsOf()).toEqual(['altered']);
  });

  it('a line that was not written to its end is a break, not a forgery', async () => {
    await mac('a');
    kms.close();
    editLines('2026-01-15', (lines) => lines.slice(0, -1));
    appendFileSync(file('2026-01-15'), 'half a line');
    kms = open();
    await mac('b');
    clock.advance(DAY);
    expect(await faultsOf()).toEqual(['broken-off']);
    truncateSync(file('2026-01-15'), 0);
    expect(await faultsOf()).toEqual([]);
  });
});
