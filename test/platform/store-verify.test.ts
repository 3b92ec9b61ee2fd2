import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { StreamHead } from '../../platform/ports/event-store.ts';
import { chainHash } from '../../platform/store/commit.ts';
import { type Envelope, encodeEnvelope, parseEnvelope } from '../../platform/store/envelope.ts';
import { verifyStream, verifyStreams } from '../../platform/store/verify.ts';
import { all, commitOf, idOf } from '../contract/support/events.ts';
import { DAY, discard, newState, type TestState, verifyOptions } from '../contract/support/state.ts';

const STREAM = 'segment/00000';
/** Versions of the first five commits are 0, 1, 3, 4, 6: the first key seals three, a later one the others. */
const COUNTS = [1, 2, 1, 2, 1];
const VERSIONS = [0, 1, 3, 4, 6];

interface Row {
  readonly version: number;
  readonly count: number;
  readonly commit_id: Buffer;
  readonly hash: Buffer;
  readonly envelope: Buffer;
  readonly tag: Buffer;
  readonly body: Buffer;
}

describe('the verifier', () => {
  let state: TestState;
  let head: StreamHead;

  beforeEach(async () => {
    state = await newState();
    const store = state.store('ingest');
    for (const [index, count] of COUNTS.entries()) {
      if (index === 3) state.clock.advance(28 * DAY);
      await store.append(await store.head(STREAM), commitOf(`commit ${index}`, count)).durable;
    }
    head = await store.head(STREAM);
  });
  afterEach(() => {
    state.close();
    discard(state.directory);
  });

  const verify = (known?: StreamHead) => verifyStream(state.database, STREAM, { ...verifyOptions(state), ...(known ? { known } : {}) });

  async function eraseFirstThree(): Promise<void> {
    const [row] = await state.keys.as('auditor').list('segment/00000/');
    await state.keys.as('maintenance').destroy(row!.id);
  }

  /** Writes to the file behind the store's back. */
  function tamper(run: (database: DatabaseSync) => void): void {
    const database = new DatabaseSync(join(state.directory, 'events.db'));
    run(database);
    database.close();
  }

  function rowAt(version: number): Row {
    const database = new DatabaseSync(join(state.directory, 'events.db'), { readOnly: true });
    const row = database.prepare('SELECT * FROM commits WHERE stream = ? AND version = ?').get(STREAM, version) as Record<string, never>;
    database.close();
    const bytes = (name: string) => Buffer.from(row[name]!);
    return {
      version,
      count: Number(row['count']),
      commit_id: bytes('commit_id'),
      hash: bytes('hash'),
      envelope: bytes('envelope'),
      tag: bytes('tag'),
      body: bytes('body'),
    };
  }

  /** Puts a row, with the hash column a careful forger would write. */
  function put(row: Row, version = row.version): void {
    tamper((database) => {
      database.prepare('DELETE FROM commits WHERE stream = ? AND version = ?').run(STREAM, version);
      database
        .prepare('INSERT INTO commits (stream, version, count, commit_id, hash, envelope, tag, body) VALUES (?, ?, ?, ?, ?, ?, ?, ?)')
        .run(STREAM, version, row.count, row.commit_id, chainHash(row), row.envelope, row.tag, row.body);
    });
  }

  function edit(version: number, change: (envelope: Envelope) => Partial<Envelope>): void {
    const row = rowAt(version);
    const envelope = parseEnvelope(row.envelope);
    put({ ...row, envelope: encodeEnvelope({ ...envelope, ...change(envelope) }) });
  }

  it('a reader that begins at a commit that is not there says so, wherever it begins', async () => {
    for (const missing of [3, 1, 0]) {
      tamper((database) => database.prepare('DELETE FROM commits WHERE stream = ? AND version = ?').run(STREAM, missing));
      const reading = Array.fromAsync(state.store('auditor').read(STREAM, missing));
      await expect(reading, `from ${missing}`).rejects.toMatchObject({ code: 'ERR_COMMIT_DAMAGED' });
    }
    expect(await Array.fromAsync(state.store('auditor').read(STREAM, head.version + 1))).toEqual([]);
  });

  it('a sound stream is sound, with its head', async () => {
    expect(await verify(head)).toEqual({ stream: STREAM, commits: 5, events: 7, erased: 0, head });
    await eraseFirstThree();
    expect(await verify(head)).toEqual({ stream: STREAM, commits: 5, events: 7, erased: 3, head });
  });

  it.each(['envelope', 'tag', 'body'] as const)('G1, C10.1-7: one altered byte of the %s names its commit', async (part) => {
    for (const version of VERSIONS) {
      const row = rowAt(version);
      for (const at of [0, row[part].length >> 1, row[part].length - 1]) {
        const bytes = Buffer.from(row[part]);
        bytes[at]! ^= 0x40;
        put({ ...row, [part]: bytes });
        const { bad } = await verify();
        expect(bad?.version, `byte ${at} of ${part} at version ${version}`).toBe(version);
      }
      put(row);
    }
    expect((await verify(head)).bad).toBeUndefined();
  });

  it('G1: the noted hash of a commit, altered alone, names it', async () => {
    tamper((database) => database.prepare('UPDATE commits SET hash = ? WHERE version = 3').run(idOf('x')));
    expect((await verify()).bad).toEqual({ stream: STREAM, version: 3, fault: 'altered' });
  });

  it('G1: a reader does not get past an altered commit either', async () => {
    edit(3, () => ({ recordedAt: 1 }));
    await expect(all(state.store('auditor').read(STREAM))).rejects.toMatchObject({ code: 'ERR_COMMIT_DAMAGED' });
  });

  it('G2, C10.1-7: a deleted commit in the middle is named', async () => {
    for (const version of VERSIONS.slice(0, -1)) {
      const row = rowAt(version);
      tamper((database) => database.prepare('DELETE FROM commits WHERE version = ?').run(version));
      expect((await verify()).bad).toEqual({ stream: STREAM, version, fault: 'missing' });
      if (version > 0) await expect(all(state.store('auditor').read(STREAM))).rejects.toMatchObject({ code: 'ERR_COMMIT_DAMAGED' });
      put(row);
    }
  });

  it('G2, C10.1-7: deleted last commits are named against a known head, and only against one', async () => {
    tamper((database) => database.prepare('DELETE FROM commits WHERE version >= 4').run());
    expect((await verify()).bad).toBeUndefined();
    expect((await verify(head)).bad).toEqual({ stream: STREAM, version: 4, fault: 'missing' });
  });

  it('G2, C10.1-7: a commit inserted at the end, or between the versions of another, is named', async () => {
    const last = rowAt(6);
    const envelope = parseEnvelope(last.envelope);
    put({ ...last, version: 7, envelope: encodeEnvelope({ ...envelope, version: 7, prev: head.hash }) });
    expect((await verify()).bad).toEqual({ stream: STREAM, version: 7, fault: 'altered' });
    tamper((database) => database.prepare('DELETE FROM commits WHERE version = 7').run());
    put({ ...rowAt(1), version: 2 });
    expect((await verify()).bad).toEqual({ stream: STREAM, version: 2, fault: 'inserted' });
  });

  it('C10.1-7: a forger who names a key that never was, or one long destroyed, inserts nothing', async () => {
    await eraseFirstThree();
    const [destroyed] = [parseEnvelope(rowAt(0).envelope).keyId];
    for (const keyId of ['segment/00000/1999999999999', destroyed]) {
      const last = rowAt(6);
      const forged = { ...parseEnvelope(last.envelope), version: 7, prev: head.hash, keyId };
      put({ ...last, version: 7, envelope: encodeEnvelope(forged) });
      expect((await verify()).bad?.version).toBe(7);
    }
  });

  it('C10.1-7: what is made up under a destroyed key between the versions of another is named, at the end of a stream too', async () => {
    for (const { id } of await state.keys.as('auditor').list(`${STREAM}/`)) await state.keys.as('maintenance').destroy(id);
    const last = rowAt(4);
    const forged = { ...parseEnvelope(last.envelope), version: 5, count: 1, prev: chainHash(last), commitId: idOf('made up') };
    put({ ...last, version: 5, count: 1, commit_id: idOf('made up'), envelope: encodeEnvelope(forged) });
    expect((await verify()).bad).toEqual({ stream: STREAM, version: 5, fault: 'inserted', since: 0 });
    tamper((database) => database.prepare('DELETE FROM commits WHERE version = 6').run());
    expect((await verify()).bad).toEqual({ stream: STREAM, version: 5, fault: 'inserted', since: 0 });
  });

  it('C10.1-7: a body in clear is no commit', async () => {
    const last = rowAt(6);
    put({ ...last, tag: Buffer.alloc(0), envelope: encodeEnvelope({ ...parseEnvelope(last.envelope), keyId: '' }) });
    expect((await verify()).bad).toEqual({ stream: STREAM, version: 6, fault: 'altered' });
    await expect(all(state.store('auditor').read(STREAM))).rejects.toMatchObject({ code: 'ERR_COMMIT_DAMAGED' });
  });

  it('G2, C10.1-7: of two swapped commits the first is named', async () => {
    const [one, other] = [rowAt(0), rowAt(3)];
    put(one, 3);
    put(other, 0);
    expect((await verify()).bad).toEqual({ stream: STREAM, version: 0, fault: 'misplaced' });
  });

  it('C10.1-7: a commit of another stream is misplaced', async () => {
    const store = state.store('ingest');
    await store.append(await store.head('segment/00001'), commitOf('elsewhere')).durable;
    tamper((database) => {
      database.prepare('DELETE FROM commits WHERE stream = ? AND version = 0').run(STREAM);
      database.prepare("UPDATE commits SET stream = ? WHERE stream = 'segment/00001'").run(STREAM);
    });
    expect((await verify()).bad).toEqual({ stream: STREAM, version: 0, fault: 'misplaced' });
  });

  const FIELDS: readonly (readonly [string, (envelope: Envelope) => Partial<Envelope>])[] = [
    ['stream', () => ({ stream: 'segment/00001' })],
    ['version', ({ version }) => ({ version: version + 1 })],
    ['count', ({ count }) => ({ count: count + 1 })],
    ['count, downwards,', ({ count, recordedAt }) => (count > 1 ? { count: count - 1 } : { recordedAt: recordedAt - 1 })],
    ['commitId', () => ({ commitId: idOf('other') })],
    ['recordedAt', ({ recordedAt }) => ({ recordedAt: recordedAt - 1 })],
    ['keyId', () => ({ keyId: 'segment/00000/1000000000000' })],
    ['nonce', () => ({ nonce: Buffer.alloc(12) })],
    ['prev', () => ({ prev: idOf('other') })],
  ];

  it.each(FIELDS)('C10.1-7: the %s of an erased commit cannot be edited unseen', async (_field, change) => {
    await eraseFirstThree();
    for (const version of [0, 1, 3]) {
      const row = rowAt(version);
      edit(version, change);
      const { bad } = await verify();
      expect(bad, `version ${version}`).toBeDefined();
      expect(bad!.version, JSON.stringify(bad)).toBe(version);
      put(row);
    }
    expect((await verify()).bad).toBeUndefined();
  });

  it('C10.1-7: an erased commit edited in two fields, so that another seems to be missing, is within the span named', async () => {
    await eraseFirstThree();
    edit(1, () => ({ count: 1, recordedAt: 1 }));
    expect((await verify()).bad).toEqual({ stream: STREAM, version: 2, fault: 'missing', since: 0 });
  });

  it('C10.1-7: a run of erased commits, rewritten with a new chain, ends at the first that can still speak', async () => {
    await eraseFirstThree();
    edit(0, () => ({ recordedAt: 1 }));
    edit(1, () => ({ prev: chainHash(rowAt(0)) }));
    edit(3, () => ({ prev: chainHash(rowAt(1)) }));
    expect((await verify()).bad).toEqual({ stream: STREAM, version: 3, fault: 'altered', since: 0 });
  });

  it('C10.1-7: where a stream ends in erased commits, the known head says which of the last two was edited', async () => {
    tamper((database) => database.prepare('DELETE FROM commits WHERE version > 3').run());
    await eraseFirstThree();
    const known = (await verify()).head;
    edit(1, ({ recordedAt }) => ({ recordedAt: recordedAt - 1 }));
    expect((await verify(known)).bad).toEqual({ stream: STREAM, version: 1, fault: 'altered', since: 0 });
    expect((await verify({ ...known, hash: idOf('another') })).bad).toEqual({ stream: STREAM, version: 3, fault: 'altered', since: 0 });
  });

  it('C10.1-7: another history that ends at the same version is not the known one', async () => {
    const known = { ...head, hash: idOf('another history') };
    expect((await verify(known)).bad).toEqual({ stream: STREAM, version: 6, fault: 'replaced' });
  });

  it('what was deleted behind a checkpoint is not asked for', async () => {
    const commits = await all(state.store('auditor').read(STREAM));
    tamper((database) => database.prepare('DELETE FROM commits WHERE version < 3').run());
    const report = await verifyStream(state.database, STREAM, { ...verifyOptions(state), after: commits[1]!.head, known: head });
    expect(report).toEqual({ stream: STREAM, commits: 3, events: 4, erased: 0, head });
    const wrong = await verifyStream(state.database, STREAM, { ...verifyOptions(state), after: { ...commits[1]!.head, hash: idOf('x') } });
    expect(wrong.bad).toEqual({ stream: STREAM, version: 3, fault: 'replaced' });
  });

  it('C10.1-7: of more streams than are walked at once each is reported, in the order of names, and only the bad one as bad', async () => {
    const store = state.store('ingest');
    const names = Array.from({ length: 150 }, (_, i) => `segment/${String(i).padStart(5, '0')}`);
    for (const name of names.slice(1)) await store.append(await store.head(name), commitOf(`of ${name}`, 1)).durable;
    const [altered, gone] = [names[70]!, names[140]!];
    tamper((database) => {
      database.prepare("UPDATE commits SET tag = x'00' WHERE stream = ?").run(altered);
      database.prepare('DELETE FROM commits WHERE stream = ?').run(gone);
    });
    const reports = await Array.fromAsync(verifyStreams(state.database, '', verifyOptions(state)));
    expect(reports.map(({ stream }) => stream)).toEqual(names.filter((name) => name !== gone));
    expect(reports.flatMap(({ bad }) => bad ?? [])).toEqual([{ stream: altered, version: 0, fault: 'altered' }]);
  });

  it('a walk that cannot go on is told when its turn comes, whatever came before', async () => {
    const store = state.store('ingest');
    await store.append(await store.head('segment/00001'), commitOf('other', 1)).durable;
    const { promise: asked, resolve: ask } = Promise.withResolvers<void>();
    const keyOf = async (keyId: string) => {
      if (keyId.startsWith('segment/00001/')) setImmediate(ask);
      else await asked;
      throw new Error(`no key service for ${keyId.slice(0, 13)}`);
    };
    const walking = Array.fromAsync(verifyStreams(state.database, '', { ...verifyOptions(state), keyOf }));
    await expect(walking).rejects.toThrow('no key service for segment/00000');
  });
});
