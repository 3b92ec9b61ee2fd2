import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { EventDatabase } from '../../platform/embedded/event-database.ts';
import { EmbeddedEventStore } from '../../platform/embedded/event-store.ts';
import { verifyStream } from '../../platform/store/verify.ts';
import { eventStoreContract } from '../contract/event-store.ts';
import { subjectStoreContract } from '../contract/subject-store.ts';
import { activated, all, commitOf, idOf } from '../contract/support/events.ts';
import { DAY, discard, filesWith, MINUTE, newState, openState, type TestState, verifyOptions } from '../contract/support/state.ts';
import { defencesUnderTest } from '../support/defences.ts';

const WRITER = join(import.meta.dirname, '../contract/support/crash-writer.ts');
const STREAM = 'meter/0011223344556677';

eventStoreContract('embedded', async () => {
  const state = await newState();
  const second = openState(state.directory, state.clock);
  return {
    store: state.store('ingest'),
    other: second.store('keys'),
    crashAfterPut: async (stream, name) => {
      const child = execFile(process.execPath, [WRITER, state.directory, stream, name]);
      const [, signal] = (await once(child, 'exit')) as [number | null, string | null];
      expect(signal).toBe('SIGKILL');
    },
    close: async () => {
      second.close();
      state.close();
      discard(state.directory);
    },
  };
});

subjectStoreContract('embedded', async () => {
  const state = await newState();
  return {
    days: () => state.store('close-day'),
    bills: () => state.store('billing'),
    destroyKey: (row) => state.keys.as('archive').destroy(row),
    isSound: async (stream) => (await verifyStream(state.database, stream, verifyOptions(state))).bad === undefined,
    keyCalls: () => state.calls.length,
    close: async () => {
      state.close();
      discard(state.directory);
    },
  };
});

describe('the embedded event store', () => {
  let state: TestState;
  beforeEach(async () => {
    state = await newState();
  });
  afterEach(() => {
    state.close();
    discard(state.directory);
  });

  it('what was acknowledged before the process was killed is there, dense and sound', async () => {
    const child = spawn(process.execPath, [WRITER, state.directory, STREAM], { stdio: ['ignore', 'pipe', 'inherit'] });
    let heard = '';
    child.stdout.on('data', (chunk: Buffer) => {
      heard += chunk.toString();
      if (heard.split('\n').length > 40) child.kill('SIGKILL');
    });
    await once(child, 'close');
    const acknowledged = heard.split('\n').slice(0, -1).length;
    const store = state.store('auditor');
    const commits = await all(store.read(STREAM));
    expect(acknowledged).toBeGreaterThanOrEqual(40);
    expect(commits.length).toBeGreaterThanOrEqual(acknowledged);
    expect(commits.map(({ commitId }) => commitId)).toEqual(commits.map((_, index) => idOf(`commit ${index}`)));
  });

  it('appends of one turn share one transaction', async () => {
    const store = state.store('ingest');
    const heads = await Promise.all(Array.from({ length: 10 }, (_, index) => store.head(`segment/0000${index}`)));
    const waiting = heads.map((head) => store.append(head, commitOf(head.stream)).durable);
    const order: string[] = [];
    await Promise.all([
      ...waiting.map((durable) => durable.then(() => order.push('durable'))),
      checkPhase().then(() => order.push('turn')),
    ]);
    expect(order.slice(0, 10)).toEqual(Array(10).fill('durable'));
  });

  it('a key out of memory is a retryable refusal, and head brings it back', async () => {
    const store = state.store('ingest');
    const head = await store.head('segment/00000');
    state.clock.advance(60 * MINUTE);
    expect(() => store.append(head, commitOf('late'))).toThrow(expect.objectContaining({ code: 'ERR_STREAM_KEY_COLD', retryable: true }));
    await store.head('segment/00000');
    expect(await store.append(head, commitOf('late')).durable).toBe('appended');
  });

  it('a stream that is used never runs out of its key', async () => {
    const store = state.store('ingest');
    let head = await store.head('segment/00000');
    for (let minutes = 0; minutes < 60; minutes += 4) {
      const appended = store.append(head, commitOf(`at ${minutes}`));
      head = appended.head;
      await appended.durable;
      state.clock.advance(4 * MINUTE);
      await nextTurn();
    }
    expect((await store.head('segment/00000')).version).toBe(14);
  });

  it('a principal that may read only reads, and is told why it cannot append', async () => {
    await append(state, STREAM, 'a');
    const auditor = state.store('auditor');
    expect((await all(auditor.read(STREAM))).length).toBe(1);
    const head = await auditor.head('relay/dc9');
    const refusal = catchError(() => auditor.append(head, commitOf('forged')));
    expect(refusal).toMatchObject({ code: 'ERR_STREAM_KEY_COLD', cause: { code: 'ERR_KMS_ACCESS_DENIED' } });
  });

  it('C10.1-6: a segment gets a new key every 28 days, and a destroyed one takes its commits with it', async () => {
    const stream = 'segment/00000';
    await append(state, stream, 'old', 2);
    state.clock.advance(28 * DAY);
    await append(state, stream, 'new');
    const rows = await state.keys.as('auditor').list('segment/00000/');
    expect(rows.length).toBe(2);
    const before = await all(state.store('auditor').read(stream));
    await state.keys.as('maintenance').destroy(rows[0]!.id);

    const after = await all(state.store('auditor').read(stream));
    expect(after.map(({ version, events, erased }) => [version, events.length, erased])).toEqual([
      [0, 0, true],
      [2, 1, undefined],
    ]);
    expect(after.map(({ head, commitId }) => [head, commitId])).toEqual(before.map(({ head, commitId }) => [head, commitId]));
    const report = await verifyStream(state.database, stream, verifyOptions(state));
    expect(report).toMatchObject({ commits: 2, events: 3, erased: 1 });
    expect(report.bad).toBeUndefined();
  });

  it('C10.1-6: a backup made before the destruction opens nothing afterwards', async () => {
    const stream = 'segment/00000';
    await append(state, stream, 'a');
    const copy = join(state.directory, 'copy');
    await state.database.backup(copy);
    const [row] = await state.keys.as('auditor').list('segment/00000/');
    await state.keys.as('maintenance').destroy(row!.id);

    const restored = new EventDatabase(copy);
    const { clock } = state;
    const store = new EmbeddedEventStore({
      principal: 'auditor',
      database: restored,
      keyring: state.keyring('auditor'),
      kms: state.kms.as('auditor'),
      objects: state.objects,
      clock,
      defences: defencesUnderTest(),
    });
    const [commit] = await all(store.read(stream));
    expect(commit).toMatchObject({ events: [], erased: true });
    expect(filesWith(state.directory, row!.wrapped)).toEqual([]);
    restored.close();
  });

  it('R9.1-3, C10.1-7: known values and keys are nowhere in the state directory', async () => {
    const secrets = await writeKnownValues(state);
    for (const secret of secrets) expect(filesWith(state.directory, secret)).toEqual([]);
  });

  it('R9.1-3: the scan finds what is stored in clear, and a key that lies about (positive control)', async () => {
    const root = readFileSync(join(state.directory, 'kms.root'));
    expect(filesWith(state.directory, root)).toEqual([join(state.directory, 'kms.root')]);
    const clear = await newState({ ...defencesUnderTest(), sealedStorage: false });
    const [value] = await writeKnownValues(clear);
    expect(filesWith(clear.directory, value!).map((path) => path.slice(clear.directory.length + 1))).toContain('events.db-wal');
    clear.close();
    discard(clear.directory);
  });
});

/** Stores readings and a certificate that can be recognised. @returns what must not be found */
async function writeKnownValues(state: TestState): Promise<Buffer[]> {
  const reading = Buffer.from('register 0123456789 of a known home');
  const certificate = Buffer.from('a certificate that can be recognised');
  const store = state.store('ingest');
  const dataKeys: Buffer[] = [];
  const frames = {
    count: 1,
    member: Buffer.alloc(2),
    header: Buffer.alloc(20),
    tag: Buffer.alloc(4),
    plaintext: reading,
    sizeClass: Buffer.alloc(1),
    annotations: Buffer.alloc(4),
    receivedAt: Buffer.alloc(4),
  };
  const batch = { dcId: 'dc1', sequence: 1, digest: Buffer.alloc(8) };
  const data = { batch, brokerTime: 1, frames, duplicates: 0, slotsRepeated: 0 };
  await store.append(await store.head('segment/00000'), { commitId: idOf('x'), events: [{ type: 'FramesAccepted', data }] }).durable;
  const renewed = { type: 'CertificateRenewed', data: { certificate, at: 1 } } as const;
  await store.append(await store.head(STREAM), { commitId: idOf('y'), events: [renewed] }).durable;
  for (const row of await state.keys.as('auditor').list('segment/')) {
    dataKeys.push(await state.kms.as('auditor').decrypt(row.wrappedBy, row.wrapped, { row: row.id }));
  }
  expect(dataKeys.length).toBe(1);
  return [reading, certificate, ...dataKeys];
}

async function append(state: TestState, stream: string, name: string, events = 1): Promise<void> {
  const store = state.store('ingest');
  const commit = { commitId: idOf(name), events: Array.from({ length: events }, (_, index) => activated(index)) };
  await store.append(await store.head(stream), commit).durable;
}

/** Whatever was asked for in this turn before is done by then, however slow the machine. */
function checkPhase(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

function nextTurn(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 1));
}

function catchError(run: () => unknown): unknown {
  try {
    run();
  } catch (error) {
    return error;
  }
  return undefined;
}
