import { execFile } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parquetMetadata, parquetReadObjects } from 'hyparquet';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { DataAccessed } from '../../events/index.ts';

const JOULEKEEP = fileURLToPath(new URL('../../bin/joulekeep.ts', import.meta.url));
const DAY = 86_400_000;
const folder = mkdtempSync(join(tmpdir(), 'joulekeep-exchange-'));
const state = join(folder, 'state');
const path = (name: string) => join(folder, name);
afterAll(() => rmSync(folder, { recursive: true }));

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

/** Four homes, four days: the second of them is whole in UTC and in market time, and no meter of the town is at fault on it. */
let window: readonly string[];
let recordedWh: number;
beforeAll(async () => {
  const { code, out } = await joulekeep(
    'start',
    '--once',
    '--json',
    '--meters',
    '4',
    '--interval',
    '30',
    '--days',
    '4',
    '--honest',
    '--state',
    state,
  );
  expect(code).toBe(0);
  const { storedWh, days } = JSON.parse(out) as { storedWh: number; days: { from: string } };
  recordedWh = storedWh;
  window = ['--state', state, '--from', new Date(Date.parse(days.from) + DAY).toISOString().slice(0, 10), '--days', '1'];
});

/** `meterId,channel,end_utc,wh` of the plain export that lie in the window at an offset. */
function plainRows(offsetMinutes: number): { meterId: string; channel: string; wh: number }[] {
  const from = Date.parse(`${window[3]}T00:00Z`) - offsetMinutes * 60_000;
  return readFileSync(path('plain.csv'), 'utf8')
    .trim()
    .split('\n')
    .slice(1)
    .map((line) => line.split(','))
    .filter(([, , end]) => Date.parse(end!) > from && Date.parse(end!) <= from + DAY)
    .map(([meterId, channel, , wh]) => ({ meterId: meterId!, channel: channel!, wh: Number(wh) }));
}

/** Ends of all intervals of the plain export, UTC ms, in order. */
function plainRowsEnds(): readonly number[] {
  const lines = readFileSync(path('plain.csv'), 'utf8').trim().split('\n').slice(1);
  return lines.map((line) => Date.parse(line.split(',')[2]!)).sort((a, b) => a - b);
}

/** What is on record of exports since an instant, UTC ms. */
async function exportAccesses(since: number): Promise<DataAccessed[]> {
  const { out: names } = await joulekeep('stream', 'list', 'access/', '--state', state);
  const streams = names.split('\n').filter((name) => name.endsWith('.export'));
  const shown = await Promise.all(streams.map((stream) => joulekeep('stream', 'show', stream, '--json', '--state', state)));
  const lines = shown.flatMap(({ out }) => out.trim().split('\n'));
  return lines.map((line) => (JSON.parse(line) as { data: DataAccessed }).data).filter(({ at }) => at >= since);
}

const sum = (rows: readonly { wh: number }[]) => rows.reduce((total, { wh }) => total + wh, 0);

/** Energy that `import check` finds, over all registers. */
async function checkedWh(file: string): Promise<number> {
  const { code, out } = await joulekeep('import', 'check', file);
  expect(code).toBe(0);
  const energy = /^energy +(.*)$/m.exec(out)![1]!;
  return [...energy.matchAll(/(\d+) Wh/g)].reduce((total, [, wh]) => total + Number(wh), 0);
}

describe('joulekeep export and import check', () => {
  it('export as before: every reading, on standard output or to a file', async () => {
    const { code, out } = await joulekeep('export', '--state', state);
    expect(code).toBe(0);
    const lines = out.trim().split('\n');
    expect(lines[0]).toBe('meterId,channel,end_utc,wh');
    expect(lines.slice(1).reduce((total, line) => total + Number(line.split(',')[3]), 0)).toBe(recordedWh);
    const [meterId] = lines[1]!.split(',');
    const one = await joulekeep('export', meterId!, '--state', state);
    expect(one.out.trim().split('\n').slice(1)).toEqual(lines.slice(1).filter((line) => line.startsWith(meterId!)));
    const meters = new Set(lines.slice(1).map((line) => line.split(',')[0])).size;
    expect(await joulekeep('export', '--state', state, '--out', path('plain.csv'))).toEqual({
      code: 0,
      out: `${lines.length - 1} readings of ${meters} meters written to ${path('plain.csv')}\n`,
      err: '',
    });
    expect(readFileSync(path('plain.csv'), 'utf8')).toBe(out);
    expect(await checkedWh(path('plain.csv'))).toBe(recordedWh);
  });

  it('whose telemetry is exported, of which time and by whom, is on record before the export', async () => {
    const before = Date.now();
    const { out } = await joulekeep('export', '--state', state, '--as', 'ann');
    const { out: points } = await joulekeep('point', 'list', '--state', state);
    const [, , meterId] = points
      .split('\n')
      .find((line) => line.includes('account-00003'))!
      .split(/ +/);
    expect(await joulekeep('export', meterId!, '--state', state, '--as', 'bob')).toMatchObject({ code: 0 });
    expect(await joulekeep('export', '--state', state)).toMatchObject({ code: 0 });
    const accesses = await exportAccesses(before);
    expect(accesses.map(({ person }) => person)).toEqual(['ann', 'bob', userInfo().username]);
    const [all, one] = accesses;
    expect([...all!.subjects].sort()).toEqual(['account-00001', 'account-00002', 'account-00003', 'account-00004', 'utility']);
    expect([...one!.subjects].sort()).toEqual(['account-00003', 'utility']);
    const ends = out
      .trim()
      .split('\n')
      .slice(1)
      .map((line) => Date.parse(line.split(',')[2]!));
    for (const { principal, purpose, from, until } of accesses) {
      expect([principal, purpose]).toEqual(['export', 'export']);
      expect(ends.every((end) => end > from && end <= until)).toBe(true);
    }
  });

  it('who looks into readings of a segment or exports logs is on record before, and nobody who sees the stream without them', async () => {
    const before = Date.now();
    const look = (...words: string[]) => joulekeep('stream', 'show', 'segment/00000', '--state', state, ...words);
    const plain = await look();
    expect(plain.code).toBe(0);
    expect(plain.out).toMatch(/"plaintext":"\(\d+ bytes\)"/);
    expect((await look('--as', 'cleo', '--frames')).out).toMatch(/ register \d+: /);
    expect((await look('--as', 'dora', '--json')).out).toContain('"plaintext":');
    expect(await joulekeep('export', 'logs', ...window, '--as', 'eve', '--out', path('logs.csv'))).toMatchObject({ code: 0 });
    const accesses = await exportAccesses(before);
    expect(accesses.map(({ person, purpose }) => [person, purpose])).toEqual([
      ['cleo', 'audit'],
      ['dora', 'audit'],
      ['eve', 'export'],
    ]);
    expect([...accesses[0]!.subjects].sort()).toEqual(['account-00001', 'account-00002', 'account-00003', 'account-00004', 'utility']);
    expect(await look('--as', 'close-day', '--frames')).toMatchObject({ code: 2, out: '' });
    expect(await joulekeep('export', 'logs', ...window, '--as', 'a/b', '--out', path('logs.csv'))).toMatchObject({ code: 2, out: '' });
  });

  it('telemetry is not exported for a name that is none, and that is all that is said', async () => {
    const { code, out, err } = await joulekeep('export', '--state', state, '--as', 'close-day');
    expect([code, out]).toEqual([2, '']);
    expect(err).toBe("joulekeep: --as close-day: the system itself goes by this name; give a person's\n");
  });

  it('csv: the readings of the window, and import check finds their energy', async () => {
    expect(await joulekeep('export', 'csv', ...window, '--out', path('full.csv'))).toMatchObject({ code: 0, err: '' });
    const rows = plainRows(0);
    expect(readFileSync(path('full.csv'), 'utf8').trim().split('\n')).toHaveLength(rows.length + 1);
    expect(await checkedWh(path('full.csv'))).toBe(sum(rows));
  });

  it.each(['nem12', 'nem13'])('%s: a day of market time, and import check finds its energy', async (format) => {
    expect(await joulekeep('export', format, ...window, '--out', path(format))).toMatchObject({ code: 0 });
    expect(sum(plainRows(600))).toBeGreaterThan(0);
    expect(await checkedWh(path(format))).toBe(sum(plainRows(600)));
  });

  it('nem13 of a first day says that a register needs a reading before', async () => {
    const [first] = plainRowsEnds();
    const day = new Date(first! + 10 * 3_600_000).toISOString().slice(0, 10);
    const { code, err } = await joulekeep('export', 'nem13', '--state', state, '--from', day, '--days', '1', '--out', path('first'));
    expect([code, existsSync(path('first'))]).toEqual([2, false]);
    expect(err).toMatch(
      /^joulekeep: \S+ channel \d: no reading at the begin .*; a register needs a reading before the begin: let it begin a day later\n$/,
    );
  });

  it.each([[['--from', '2026-01-01']], [['--state', 'anywhere']]])(
    'a word that is neither format nor meter is told so: %j',
    async (more) => {
      expect(await joulekeep('export', 'xyz', ...more)).toEqual({
        code: 2,
        out: '',
        err: 'joulekeep: xyz: no format (csv, nem12, nem13, parquet, logs), and no meter id: 16 hex digits, in lower case\n',
      });
      const { code, err } = await joulekeep('export', '0011223344556677', '--from', '2026-01-01');
      expect([code, err]).toEqual([2, "joulekeep: unknown option '--from'\n"]);
    },
  );

  it('nem12 of one meter under its NMI', async () => {
    const { meterId } = plainRows(600)[0]!;
    const done = await joulekeep('export', 'nem12', ...window, '--meter', meterId, '--nmi', 'NMI0000001', '--out', path('one'));
    expect(done).toMatchObject({ code: 0, err: '' });
    const channels = readFileSync(path('one'), 'utf8')
      .split('\r\n')
      .filter((line) => line.startsWith('200'));
    expect(channels.map((line) => line.split(',')[1])).toEqual(channels.map(() => 'NMI0000001'));
    expect(await checkedWh(path('one'))).toBe(sum(plainRows(600).filter((row) => row.meterId === meterId)));
  });

  it('parquet: not without who, purpose and legal basis; with them, inside the file', async () => {
    const file = path('x.parquet');
    const refused = await joulekeep('export', 'parquet', ...window, '--out', file, '--who', 'w', '--purpose', 'p');
    expect(refused).toMatchObject({ code: 2, out: '' });
    expect(existsSync(file)).toBe(false);
    expect(
      await joulekeep('export', 'parquet', ...window, '--out', file, '--who', 'w', '--purpose', 'p', '--legal-basis', 'l'),
    ).toMatchObject({ code: 0 });
    const bytes = readFileSync(file);
    const buffer = bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length) as ArrayBuffer;
    const told = Object.fromEntries(parquetMetadata(buffer).key_value_metadata!.map(({ key, value }) => [key, value]));
    expect(told).toMatchObject({ who: 'w', purpose: 'p', legalBasis: 'l' });
    const rows = await parquetReadObjects({ file: buffer });
    expect(rows.reduce((total, { energyWh }) => total + Number(energyWh), 0)).toBe(sum(plainRows(0)));
  });

  it('logs: what the meters measured of the grid, and what they reported', async () => {
    expect(await joulekeep('export', 'logs', '--quality', ...window, '--out', path('quality'))).toMatchObject({ code: 0 });
    const [head, first] = readFileSync(path('quality'), 'utf8').split('\n');
    expect(head).toMatch(/^meterId,end_utc,minutes,voltage_min_v/);
    expect(first).toMatch(/^[0-9a-f]{16},.*Z,30,229,230,231,50,0\.98$/);
    expect(await joulekeep('export', 'logs', ...window, '--out', path('events'))).toMatchObject({ code: 0 });
    expect(readFileSync(path('events'), 'utf8')).toMatch(/^meterId,at_utc,event,value\n/);
  });

  it('import check: every problem by file, line and column; exit code 2', async () => {
    const bad = path('bad.csv');
    writeFileSync(
      bad,
      readFileSync(path('nem12'), 'utf8')
        .replace(/,kWh,/, ',litre,')
        .replace(/\r\n900\r\n$/, ''),
    );
    const { code, out, err } = await joulekeep('import', 'check', bad);
    expect([code, out]).toEqual([2, '']);
    expect(err).toContain(`${bad}:2:`);
    expect(err).toContain('the file ends without its 900 record. It was cut off: get it again.');
    expect(err.trim().split('\n').at(-1)).toBe(`joulekeep: ${bad} has 2 problems: nothing of it can be imported`);
  });

  it.each<[string, string[], string]>([
    ['export without a state', ['export'], 'export needs --state'],
    ['a meter without readings', ['export', 'ffffffffffffffff', '--out', path('no'), '--state', state], 'ffffffffffffffff: no readings in'],
    ['the same on standard output', ['export', 'ffffffffffffffff', '--state', state], 'ffffffffffffffff: no readings in'],
    ['a format without a window', ['export', 'csv', '--state', state, '--out', path('no')], '--from'],
    [
      'a meter that is not there',
      ['export', 'csv', '--meter', 'ffffffffffffffff', '--out', path('no')],
      'no closed day of ffffffffffffffff',
    ],
    ['an NMI for all', ['export', 'nem12', '--nmi', 'N', '--out', path('no')], '--nmi needs'],
    ['a folder that is not there', ['export', 'csv', '--out', path('none/x')], "can't be written (ENOENT)"],
    ['a file to check that is not there', ['import', 'check', path('none')], "can't be read (ENOENT)"],
  ])('%s: one line, exit code 2, no file', async (_, args, says) => {
    const complete = args[0] === 'export' && args.length > 1 && !args.includes('--state') ? [...args, ...window] : args;
    const { code, out, err } = await joulekeep(...complete);
    expect([code, out]).toEqual([2, '']);
    expect(err).toContain(says);
    expect(readdirSync(folder).filter((name) => name === 'no' || name.endsWith('.part'))).toEqual([]);
  });
});
