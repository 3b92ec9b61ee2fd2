import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { encodeEvents } from '../../../events/codec.ts';
import { DynamoCommits } from '../../../platform/aws/dynamo/commits.ts';
import { DynamoTable } from '../../../platform/aws/dynamo/table.ts';
import { OperationCounts } from '../../../platform/aws/operations.ts';
import type { EventStore, NewCommit, StreamHead } from '../../../platform/ports/event-store.ts';
import type { ObjectStore } from '../../../platform/ports/platform.ts';
import { Archives } from '../../../platform/store/archives.ts';
import { verifyStream } from '../../../platform/store/verify.ts';
import { all, commitOf, idOf, telemetryCommit, versionsOf } from '../../contract/support/events.ts';
import { discard, newState, type TestState } from '../../contract/support/state.ts';
import { FakeDynamo } from '../services/support/fake-dynamo.ts';
import { storeOf, verifyOptionsOf } from './dynamo-state.ts';

const SEGMENT = 'segment/00000';
const METER = 'meter/0011223344556677';
const BODY = idOf('body of a checkpoint');
const LARGE = 30_000;

let state: TestState;
let dynamo: FakeDynamo;
let operations: OperationCounts;
beforeEach(async () => {
  state = await newState();
  dynamo = new FakeDynamo();
  operations = new OperationCounts();
});
afterEach(() => {
  state.close();
  discard(state.directory);
});

const on = (principal: string, objects: ObjectStore = state.objects) => {
  const keys = Object.assign(state.keys.as(principal), { wasDestroyed: async () => false });
  return storeOf({ client: dynamo.client, events: 'events', operations, keys, state: { ...state, objects } as TestState }, principal);
};
const rows = () => dynamo.rows('events').filter(({ pk }) => !pk!.S!.startsWith('~'));
const bodies = async () => (await state.objects.list('bodies/')).map((key) => Number(key.split('/')[3]));

async function append(store: EventStore, stream: string, commits: readonly NewCommit[]): Promise<StreamHead[]> {
  const heads: StreamHead[] = [];
  let head = await store.head(stream);
  for (const commit of commits) {
    const appended = store.append(head, commit);
    await appended.durable;
    head = appended.head;
    heads.push(head);
  }
  return heads;
}

const large = (count: number) => Array.from({ length: count }, (_, i) => telemetryCommit(`large-${i}`, LARGE));

function verified() {
  const table = new DynamoTable({ client: dynamo.client, table: 'events', operations });
  const hot = new DynamoCommits(table, state.kms.as('auditor'), state.objects, state.clock);
  const keys = Object.assign(state.keys.as('auditor'), { wasDestroyed: async () => false });
  const options = verifyOptionsOf({ client: dynamo.client, events: 'events', operations, keys, state });
  return verifyStream(new Archives({ hot, objects: state.objects }), SEGMENT, options);
}

/** The file of a body, as whoever has the disk finds it. */
function fileOf(version: number): string {
  const folder = join(state.directory, 'objects/bodies', SEGMENT, String(version).padStart(16, '0'));
  return join(folder, readdirSync(folder)[0]!);
}

describe('a large body of telemetry', () => {
  it('lies in the object store, and its item takes one write unit', async () => {
    await append(on('ingest'), SEGMENT, large(3));
    expect(await bodies()).toEqual([0, 1, 2]);
    expect(rows().map(({ body, bodyHash }) => [body, bodyHash!.B!.length])).toEqual([
      [undefined, 32],
      [undefined, 32],
      [undefined, 32],
    ]);
    // The first names its stream in the index, and begins it.
    expect(operations.snapshot().get('dynamodb.write')).toEqual({ calls: 3, units: 4 });
  });

  it('is read as if it lay in the item, in order, and the chain is sound', async () => {
    await append(on('ingest'), SEGMENT, large(40));
    const read = await all(on('ingest').read(SEGMENT));
    expect(versionsOf(read)).toEqual(Array.from({ length: 40 }, (_, i) => i));
    expect(read.map(({ events }) => events)).toEqual(large(40).map(({ events }) => events));
    expect(await verified()).toMatchObject({ commits: 40 });
    expect((await verified()).bad).toBeUndefined();
  });

  it('C10.1-7: is nothing to whoever has the bucket', async () => {
    await append(on('ingest'), SEGMENT, large(1));
    const encoded = encodeEvents(large(1)[0]!.events);
    const body = readFileSync(fileOf(0));
    for (let at = 0; at < encoded.length; at += 64) expect(body.includes(encoded.subarray(at, at + 16))).toBe(false);
  });

  it('stays in the item where it is small, and in streams that stay', async () => {
    await append(on('ingest'), SEGMENT, [telemetryCommit('small', 2_000)]);
    await append(on('ingest'), METER, [telemetryCommit('of a meter', LARGE)]);
    expect(await bodies()).toEqual([]);
    expect(rows().every(({ body }) => body !== undefined)).toBe(true);
  });

  it('C10.1-5, C10.1-7: altered where it lies, or lost, damages its commit by name', async () => {
    await append(on('ingest'), SEGMENT, large(3));
    const file = fileOf(1);
    const body = readFileSync(file);
    body[100]! ^= 1;
    writeFileSync(file, body);
    await expect(all(on('ingest').read(SEGMENT))).rejects.toMatchObject({ code: 'ERR_COMMIT_DAMAGED' });
    expect((await verified()).bad).toMatchObject({ version: 1 });
    await state.objects.delete((await state.objects.list('bodies/'))[1]!);
    await expect(all(on('ingest').read(SEGMENT))).rejects.toMatchObject({
      code: 'ERR_COMMIT_DAMAGED',
      message: expect.stringMatching(/version 1 has lost its body/),
    });
  });

  it('of a writer that came second is nobody’s, and goes with what lies before it', async () => {
    const [first, second] = [on('ingest'), on('keys')];
    const [head] = await append(first, SEGMENT, large(1));
    await second.head(SEGMENT);
    await first.append(head!, telemetryCommit('winner', LARGE)).durable;
    const late = second.append(head!, telemetryCommit('loser', LARGE));
    await expect(late.durable).rejects.toMatchObject({ code: 'ERR_VERSION_CONFLICT' });
    expect(await bodies()).toEqual([0, 1, 1]);
    expect((await all(on('ingest').read(SEGMENT))).map(({ commitId }) => commitId)).toEqual([idOf('large-0'), idOf('winner')]);
    await on('archive').trim(await on('archive').head(SEGMENT), BODY);
    expect(await bodies()).toEqual([]);
  });
});

describe('telemetry whose bodies lie apart', () => {
  it('goes behind its anchor, rows and bodies, and what is kept stays', async () => {
    const heads = await append(on('ingest'), SEGMENT, large(12));
    await on('archive').trim(heads[8]!, BODY);
    expect(await bodies()).toEqual([9, 10, 11]);
    expect(versionsOf(await all(on('ingest').read(SEGMENT, 9)))).toEqual([9, 10, 11]);
    await expect(all(on('ingest').read(SEGMENT))).rejects.toMatchObject({ code: 'ERR_STREAM_TRIMMED', keptFrom: 9 });
  });

  it('costs a write unit each when it goes, whatever was in it', async () => {
    const heads = await append(on('ingest'), SEGMENT, large(12));
    const before = operations.snapshot().get('dynamodb.write')!.units;
    await on('archive').trim(heads[11]!, BODY);
    // The note that it begins and its place in the index, the anchor and its, 12 rows, and the note that it is done.
    expect(operations.snapshot().get('dynamodb.write')!.units - before).toBeLessThanOrEqual(12 + 8);
  });

  it('is carried on by the next run wherever its removal ended', async () => {
    const heads = await append(on('ingest'), SEGMENT, large(4));
    for (let left = 0; left < 4; left++) {
      const dying: ObjectStore = {
        put: (key, body) => state.objects.put(key, body),
        get: (key) => state.objects.get(key),
        list: (prefix) => state.objects.list(prefix),
        olderThan: (prefix, instant) => state.objects.olderThan(prefix, instant),
        delete: (key) => (left > 0 ? Promise.reject(new Error('this process is gone')) : state.objects.delete(key)),
      };
      const run = on('archive', dying).trim(heads[left]!, BODY);
      if (left === 0) await run;
      else await expect(run).rejects.toThrow(/gone/);
    }
    expect(await bodies()).toEqual([1, 2, 3]);
    await on('archive').sweep();
    expect(await bodies()).toEqual([]);
    expect(await verified()).toMatchObject({ trimmed: { why: 'checkpoint' } });
  });

  it('is not damage to a reader who was in the middle of it', async () => {
    const heads = await append(on('ingest'), SEGMENT, large(40));
    const reader = on('project').read(SEGMENT);
    expect((await reader.next()).value).toMatchObject({ version: 0 });
    await on('archive').trim(heads[35]!, BODY);
    await expect(all(reader)).rejects.toMatchObject({ code: 'ERR_STREAM_TRIMMED', keptFrom: 36 });
  });

  it('small commits beside it cost the object store nothing', async () => {
    await append(on('ingest'), METER, [commitOf('one'), commitOf('two')]);
    await append(on('ingest'), SEGMENT, [commitOf('one')]);
    expect(await state.objects.list('bodies/')).toEqual([]);
  });
});
