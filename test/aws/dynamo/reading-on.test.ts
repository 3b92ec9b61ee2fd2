import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { DynamoDirectory } from '../../../platform/aws/dynamo/directory.ts';
import { OperationCounts } from '../../../platform/aws/operations.ts';
import { all, commitOf, idOf, versionsOf } from '../../contract/support/events.ts';
import { discard, MINUTE, newState, type TestState } from '../../contract/support/state.ts';
import { FakeDynamo } from '../services/support/fake-dynamo.ts';
import { storeOf } from './dynamo-state.ts';

const STREAM = 'segment/00000';
let state: TestState;
let dynamo: FakeDynamo;
beforeEach(async () => {
  state = await newState();
  dynamo = new FakeDynamo();
});
afterEach(() => {
  state.close();
  discard(state.directory);
});

const on = (principal: string) => {
  const keys = Object.assign(state.keys.as(principal), { wasDestroyed: async () => false });
  return storeOf({ client: dynamo.client, events: 'events', operations: new OperationCounts(), keys, state }, principal);
};

/** Requests that reading takes. */
async function callsOf<Result>(work: () => Promise<Result>): Promise<{ result: Result; calls: string[] }> {
  dynamo.calls.length = 0;
  const result = await work();
  return { result, calls: [...dynamo.calls] };
}

async function append(names: readonly string[]) {
  const store = on('ingest');
  const heads = [];
  for (const name of names) {
    const head = await store.head(STREAM);
    const appended = store.append(head, commitOf(name));
    await appended.durable;
    heads.push(appended.head);
  }
  return heads;
}

describe('reading on behind a head that was seen', () => {
  it('is one request for twenty minutes after the last look, then two', async () => {
    await append(['a', 'b']);
    const reader = on('project');
    await all(reader.read(STREAM));
    await append(['c']);
    const soon = await callsOf(() => all(reader.read(STREAM, 2)));
    expect([versionsOf(soon.result), soon.calls]).toEqual([[2], ['Query']]);
    for (const _look of [1, 2, 3]) {
      state.clock.advance(20 * MINUTE - 1);
      expect((await callsOf(() => all(reader.read(STREAM, 3)))).calls).toEqual(['Query']);
    }
    state.clock.advance(20 * MINUTE);
    expect((await callsOf(() => all(reader.read(STREAM, 3)))).calls).toEqual(['GetItem', 'Query']);
  });

  it('from any other version asks where the stream begins', async () => {
    await append(['a', 'b', 'c']);
    const reader = on('project');
    await all(reader.read(STREAM));
    expect((await callsOf(() => all(reader.read(STREAM, 1)))).calls).toEqual(['GetItem', 'Query']);
    expect((await callsOf(() => all(on('project').read(STREAM, 1)))).calls).toEqual(['GetItem', 'Query']);
  });

  it('never leaves out what was recorded and taken out behind it', async () => {
    await append(['a', 'b']);
    const reader = on('project');
    await all(reader.read(STREAM));
    const heads = await append(['c', 'd', 'e']);
    await on('archive').trim(heads[1]!, idOf('body of a checkpoint'));
    await expect(all(reader.read(STREAM, 2))).rejects.toMatchObject({ code: 'ERR_STREAM_TRIMMED', keptFrom: 4 });
    expect(versionsOf(await all(reader.read(STREAM, 4)))).toEqual([4]);
  });

  it('finds what stands on another head than the one seen damaged', async () => {
    await append(['a', 'b']);
    const reader = on('project');
    await all(reader.read(STREAM));
    const other = dynamo;
    dynamo = new FakeDynamo();
    await append(['x', 'y', 'z']);
    const z = dynamo.rows('events').find(({ sk }) => sk!.N === '2')!;
    other.put('events', z);
    await expect(all(reader.read(STREAM, 2))).rejects.toMatchObject({ code: 'ERR_COMMIT_DAMAGED' });
  });
});

describe('the directory', () => {
  it('asks once for what is asked for side by side, and again for what is asked for later', async () => {
    const directory = new DynamoDirectory({ client: dynamo.client, table: 'directory', operations: new OperationCounts() });
    await directory.put([{ key: 'a', value: Buffer.from('1') }]);
    await directory.put([{ key: 'b', value: Buffer.from('2') }]);
    const side = await callsOf(() => Promise.all(['a', 'b', 'c', 'a'].map((key) => directory.get(key))));
    expect(side.result.map(String)).toEqual(['1', '2', 'undefined', '1']);
    expect(side.calls).toEqual(['BatchGetItem']);
    await directory.put([{ key: 'a', value: Buffer.from('3') }]);
    const later = await callsOf(() => directory.get('a'));
    expect([String(later.result), later.calls]).toEqual(['3', ['GetItem']]);
  });
});
