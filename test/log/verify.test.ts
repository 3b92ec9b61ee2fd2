import { copyFileSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { logCommand } from '../../bin/commands/log.ts';
import { makeLog } from '../../lambdas/log/handler.ts';
import { lambdaContext, scheduledEvent } from '../../platform/embedded/host/lambda-context.ts';
import { openCheckpoint } from '../../protocol/log/checkpoint.ts';
import { encodeEntry, parseEntries } from '../../protocol/log/entry.ts';
import { leafHash } from '../../protocol/log/hashes.ts';
import { verifyInclusion } from '../../protocol/log/verification.ts';
import { commitOf } from '../contract/support/events.ts';
import { defencesUnderTest } from '../support/defences.ts';
import { LoggedState, MINUTE } from './logged-state.ts';

let state: LoggedState;
/** The newest checkpoint, as somebody took it along. */
let exported: string;

beforeAll(async () => {
  state = new LoggedState();
  await state.grow(4);
  state.keep('early');
  await state.grow(6);
  exported = join(state.root, 'exported');
  copyFileSync(join(state.directory, 'objects/log/latest'), exported);
  state.keep('whole');
  state.keepWitness();
}, 60_000);
beforeEach(() => {
  state.putBack('whole');
  state.putWitnessBack();
});
afterAll(() => state.discard());

const STREAM = 'segment/00001';
/** Versions of its ten commits: of one event and of two in turn. */
const VERSIONS = [0, 1, 3, 4, 6, 7, 9, 10, 12, 13];

const objectsLog = (path: string) => join(state.directory, 'objects/log', path);
const versionsLeft = () => {
  let versions: number[] = [];
  state.tamper((database) => {
    const rows = database.prepare('SELECT version FROM commits WHERE stream = ? ORDER BY version').all(STREAM);
    versions = rows.map(({ version }) => Number(version));
  });
  return versions;
};

describe('C10.1-7: verify holds store and log against each other', () => {
  it('a sound state is sound, against what was exported and the witness as well', async () => {
    expect(versionsLeft()).toEqual(VERSIONS);
    const { isSound, said } = await state.verify({ checkpoint: [exported], witness: state.witness });
    expect(said).toEqual([
      '3 streams, 30 sound commits, 0 streams with a bad commit',
      'log of 30 entries as of 2026-01-15T10:02:00.000Z, held against 6 checkpoints; 0 younger commits wait for their place',
    ]);
    expect(isSound).toBe(true);
  });

  it('C10.1-7: an edited commit is named by its chain and by the log', async () => {
    state.tamper((database) => {
      database.prepare("UPDATE commits SET tag = x'00112233445566778899aabbccddeeff' WHERE stream = ? AND version = 4").run(STREAM);
    });
    const { isSound, said } = await state.verify();
    expect(said.slice(0, 2)).toEqual([`${STREAM}  version 4  altered`, `${STREAM}  version 4  not as logged`]);
    expect(isSound).toBe(false);
  });

  it('C10.1-7: a deleted last commit, which no chain misses, is named', async () => {
    state.tamper((database) => database.prepare('DELETE FROM commits WHERE stream = ? AND version = 13').run(STREAM));
    const { isSound, said } = await state.verify();
    expect(said[0]).toBe(`${STREAM}  version 13  gone`);
    expect(isSound).toBe(false);
  });

  it('C10.1-7: one stream rolled back to what it was is named where it ends', async () => {
    state.tamper((database) => database.prepare('DELETE FROM commits WHERE stream = ? AND version > 4').run(STREAM));
    const { isSound, said } = await state.verify();
    expect(said[0]).toBe(`${STREAM}  version 6  gone`);
    expect(isSound).toBe(false);
  });

  it('C10.1-7: a stream that is gone altogether is named', async () => {
    state.tamper((database) => database.prepare('DELETE FROM commits WHERE stream = ?').run(STREAM));
    expect(await state.verify()).toMatchObject({
      isSound: false,
      said: [`${STREAM}  version 0  gone`, expect.any(String), expect.any(String)],
    });
  });

  it('C10.1-7: two commits that changed places are named', async () => {
    state.tamper((database) => {
      for (const [from, to] of [
        [3, 999],
        [6, 3],
        [999, 6],
      ])
        database.prepare('UPDATE commits SET version = ? WHERE stream = ? AND version = ?').run(to!, STREAM, from!);
    });
    const { isSound, said } = await state.verify();
    expect(said[0]).toBe(`${STREAM}  version 3  misplaced`);
    expect(isSound).toBe(false);
  });

  it('C10.1-7: a commit that somebody with the keys added past the log is named, once it should have its place', async () => {
    const platform = await state.open();
    const store = platform.as('ingest').events;
    await store.append(await store.head(STREAM), commitOf('smuggled', 1)).durable;
    await state.close();
    const young = await state.verify();
    expect(young).toMatchObject({ isSound: true });
    expect(young.said[1]).toMatch(/; 1 younger commit waits for its place$/);
    // The log goes on, and never hears of it.
    const again = await state.open();
    const at = state.clock.now();
    state.clock.set(at + 5 * MINUTE);
    await makeLog(again.as('log'), defencesUnderTest())(scheduledEvent('log', state.clock.now()), lambdaContext('log', MINUTE));
    await state.close();
    state.clock.set(at);
    const { isSound, said } = await state.verify();
    expect(said[0]).toBe(`${STREAM}  version 15  unlogged`);
    expect(isSound).toBe(false);
  });

  it('C10.1-7: store and log rolled back together look sound by themselves, and not against what was exported', async () => {
    state.putBack('early');
    expect(await state.verify()).toMatchObject({ isSound: true });
    const { isSound, said } = await state.verify({ checkpoint: [exported] });
    expect(said.at(-1)).toBe(`log  entry 12  is missing: ${exported} was signed over 30 entries`);
    expect(isSound).toBe(false);
  });

  it('C10.1-7: the witness names the first commit that a roll-back of everything took away', async () => {
    state.putBack('early');
    const { isSound, said } = await state.verify({ witness: state.witness });
    expect(said.slice(-2)).toEqual([
      'log  entry 12  is missing: witness checkpoint/0000000000000030 was signed over 30 entries',
      'log  entry 12  segment/00000  version 6: the witness has this commit here, the log ends before it',
    ]);
    expect(isSound).toBe(false);
  });

  it('C10.1-7: a witness that gets nothing any more is named after ten minutes, and one of a log that rests is not', async () => {
    const at = state.clock.now();
    state.clock.set(at + 60 * MINUTE);
    await state.grow(0);
    expect(await state.verify({ witness: state.witness })).toMatchObject({ isSound: true });
    await state.grow(2);
    const since = new Date(state.clock.now()).toISOString();
    state.clock.set(state.clock.now() + 9 * MINUTE);
    await state.grow(2);
    state.putWitnessBack();
    expect(await state.verify({ witness: state.witness })).toMatchObject({ isSound: true });
    await state.grow(2);
    state.putWitnessBack();
    const { isSound, said } = await state.verify({ witness: state.witness });
    state.clock.set(at);
    expect(said.slice(2)).toEqual([`log  entry 30  is not with the witness, whose newest checkpoint is behind one of ${since}`]);
    expect(isSound).toBe(false);
  });

  it('C10.1-7: rolled back together, and gone on from there, they are not what was exported', async () => {
    state.putBack('early');
    const at = state.clock.now();
    await state.grow(9);
    state.clock.set(at);
    expect(await state.verify()).toMatchObject({ isSound: true });
    const against = await state.verify({ checkpoint: [exported] });
    expect(against.said.at(-1)).toBe(`log  entry 12  not the first 30 entries that ${exported} was signed over`);
    const witnessed = await state.verify({ witness: state.witness });
    expect(witnessed.said.at(-1)).toBe('log  entry 12  segment/00000  version 6: the witness has this commit here, the log another');
    expect([against.isSound, witnessed.isSound]).toEqual([false, false]);
  });
});

describe('C10.1-7: verify holds the log against its checkpoints', () => {
  it.each(['tile/0/000.p/30', 'entries/000.p/30'])('C10.1-7: one altered byte of %s is found', async (path) => {
    const bytes = readFileSync(objectsLog(path));
    bytes[bytes.length - 3]! ^= 1;
    writeFileSync(objectsLog(path), bytes);
    const { isSound, said } = await state.verify();
    expect(said.some((line) => line.startsWith('log  entry 29  is not what tile 0/0 has'))).toBe(true);
    expect(isSound).toBe(false);
  });

  it('C10.1-7: a log of which entries are not there whole is named, and nothing is said to differ from the witness behind them', async () => {
    const bytes = readFileSync(objectsLog('entries/000.p/30'));
    writeFileSync(objectsLog('entries/000.p/30'), bytes.subarray(0, -1));
    const { isSound, said } = await state.verify({ witness: state.witness });
    expect(said.filter((line) => line.startsWith('log  '))).toEqual(['log  entry 0  entries are not there whole']);
    expect(isSound).toBe(false);
  });

  it('C10.1-7: a log that was rewritten with all its tiles is not the one that was signed', async () => {
    const bytes = readFileSync(objectsLog('entries/000.p/30'));
    const entries = parseEntries(bytes);
    expect(entries).toHaveLength(30);
    bytes[bytes.length - 3]! ^= 1;
    writeFileSync(objectsLog('entries/000.p/30'), bytes);
    writeFileSync(objectsLog('tile/0/000.p/30'), Buffer.concat(parseEntries(bytes).map((entry) => leafHash(encodeEntry(entry)))));
    const { isSound, said } = await state.verify();
    expect(said.find((line) => line.startsWith('log'))).toBeDefined();
    expect(said).toContainEqual(expect.stringMatching(/^log {2}entry 12 {2}not the first 30 entries that log\/latest was signed over$/));
    expect(isSound).toBe(false);
  });

  it('C10.1-7: a checkpoint that nobody signed is named', async () => {
    const note = readFileSync(objectsLog('checkpoint/12'), 'utf8');
    writeFileSync(objectsLog('checkpoint/12'), note.replace('\n12\n', '\n11\n'));
    const { isSound, said } = await state.verify();
    expect(said.at(-1)).toBe("log  log/checkpoint/12  is no checkpoint that this log's key signed");
    expect(isSound).toBe(false);
  });

  it('C10.1-7: a state whose log was taken away is not sound', async () => {
    rmSync(objectsLog(''), { recursive: true });
    const { isSound, said } = await state.verify();
    expect(said).toContain('log  there is none: nothing vouches for the store as a whole');
    expect(isSound).toBe(false);
  });

  it('what waits when the service ends gets its place when it goes on', async () => {
    await state.grow(1);
    expect(readdirSync(objectsLog('pending'))).toEqual([]);
    expect((await state.verify()).said.at(-1)).toMatch(/^log of 33 entries/);
  });
});

describe('joulekeep log', () => {
  async function printed(...args: readonly string[]): Promise<string> {
    const out: string[] = [];
    const write = vi.spyOn(process.stdout, 'write').mockImplementation((text) => out.push(String(text)) > 0);
    try {
      await logCommand().parseAsync([...args, '--state', state.directory], { from: 'user' });
    } finally {
      write.mockRestore();
    }
    return out.join('');
  }

  it('prints the newest checkpoint as it was signed', async () => {
    expect(await printed('checkpoint')).toBe(readFileSync(exported, 'utf8'));
  });

  it('C10.1-7: proves a commit with nothing but what it prints', async () => {
    const told = JSON.parse(await printed('prove', STREAM, '4')) as Record<string, string> & { index: number; proof: string[] };
    expect(told).toMatchObject({ stream: STREAM, version: 4 });
    const bytes = (text: string) => Buffer.from(text, 'base64');
    const head = openCheckpoint(told['checkpoint']!, 'joulekeep/log', [bytes(told['publicKey']!)]);
    const leaf = leafHash(encodeEntry({ stream: STREAM, version: 4, hash: bytes(told['hash']!) }));
    expect(verifyInclusion({ leaf, index: told.index, head, proof: told.proof.map(bytes) })).toBe(true);
    const other = leafHash(encodeEntry({ stream: STREAM, version: 6, hash: bytes(told['hash']!) }));
    expect(verifyInclusion({ leaf: other, index: told.index, head, proof: told.proof.map(bytes) })).toBe(false);
    await expect(printed('prove', STREAM, '5')).rejects.toThrow(`5 of ${STREAM} is inside the commit that begins at 4`);
    await expect(printed('prove', STREAM, '14')).rejects.toThrow(`14 of ${STREAM} is inside the commit that begins at 13`);
    await expect(printed('prove', STREAM, '15')).rejects.toThrow('the log has no commit 15');
    await expect(printed('prove', 'segment/99999', '0')).rejects.toThrow(
      'segment/99999: there is no such stream, in the store or in the log',
    );
  });
});
