import { ConditionalCheckFailedException, DynamoDBClient, GetItemCommand, PutItemCommand, QueryCommand } from '@aws-sdk/client-dynamodb';
import { mockClient } from 'aws-sdk-client-mock';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Row } from '../../../platform/aws/dynamo/row.ts';
import { OperationCounts } from '../../../platform/aws/operations.ts';
import { VersionConflict } from '../../../platform/ports/version-conflict.ts';
import { commitOf, idOf, telemetryCommit } from '../../contract/support/events.ts';
import { discard, newState, type TestState } from '../../contract/support/state.ts';
import { storeOf } from './dynamo-state.ts';
import { CREDENTIALS, REGION } from './tables.ts';

const STREAM = 'segment/00000';
const client = new DynamoDBClient({ region: REGION, credentials: CREDENTIALS });
const sent = mockClient(client);
let state: TestState;
let operations: OperationCounts;

beforeEach(async () => {
  sent.reset();
  sent.on(QueryCommand).resolves({ Items: [] });
  sent.on(GetItemCommand).resolves({});
  sent.on(PutItemCommand).resolves({});
  operations = new OperationCounts();
  state = await newState();
});
afterEach(() => {
  state.close();
  discard(state.directory);
});

const storeUnderTest = () => {
  const keys = Object.assign(state.keys.as('ingest'), { wasDestroyed: async () => false });
  return storeOf({ client, events: 'events', operations, keys, state }, 'ingest');
};
const puts = () => sent.commandCalls(PutItemCommand).map(({ args }) => args[0].input);
const refusal = (Item?: Row) => new ConditionalCheckFailedException({ message: '', $metadata: {}, ...(Item && { Item }) });

describe('an append', () => {
  it('is one conditional put and no other call, once the head is known', async () => {
    const store = storeUnderTest();
    let head = await store.head(STREAM);
    const before = sent.calls().length;
    for (const name of ['a', 'b', 'c']) {
      const appended = store.append(head, telemetryCommit(name, 30_000));
      head = appended.head;
      expect(await appended.durable).toBe('appended');
    }
    expect(sent.calls().length - before).toBe(3);
    for (const put of puts())
      expect(put).toMatchObject({
        TableName: 'events',
        ConditionExpression: 'attribute_not_exists(pk)',
        ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
      });
    expect(puts().map(({ Item }) => [Item!['pk']!.S, Item!['sk']!.N, Item!['shard'] !== undefined])).toEqual([
      [STREAM, '0', true],
      [STREAM, '1', false],
      [STREAM, '2', false],
    ]);
    expect(operations.snapshot().get('dynamodb.write')).toEqual({ calls: 3, units: 3 });
    expect(puts().every(({ Item }) => Item!['expiresAt'] === undefined)).toBe(true);
  });

  it('that was throttled says so, and what was appended on top of it is refused without being written', async () => {
    sent.on(PutItemCommand).rejectsOnce(Object.assign(new Error('slow down'), { name: 'ProvisionedThroughputExceededException' }));
    const store = storeUnderTest();
    const first = store.append(await store.head(STREAM), commitOf('a'));
    const second = store.append(first.head, commitOf('b'));
    await expect(first.durable).rejects.toMatchObject({ code: 'ERR_STORE_THROTTLED', retryable: true });
    await expect(second.durable).rejects.toBeInstanceOf(VersionConflict);
    expect(puts().length).toBe(1);
  });

  it('that was throttled does so to its own stream alone', async () => {
    const store = storeUnderTest();
    const [here, there] = [await store.head(STREAM), await store.head('segment/00001')];
    sent
      .on(PutItemCommand)
      .rejectsOnce(Object.assign(new Error('slow down'), { name: 'ThrottlingException' }))
      .resolves({});
    const lost = store.append(here, commitOf('a'));
    const kept = store.append(there, commitOf('b'));
    await expect(lost.durable).rejects.toMatchObject({ code: 'ERR_STORE_THROTTLED' });
    expect(await kept.durable).toBe('appended');
    expect(await store.append(here, commitOf('a')).durable).toBe('appended');
  });

  it('hears from the refusal itself who has its place', async () => {
    const store = storeUnderTest();
    const head = await store.head(STREAM);
    const before = sent.calls().length;
    sent.on(PutItemCommand).rejects(refusal({ commitId: { B: idOf('winner') }, hash: { B: idOf('x') } }));
    await expect(store.append(head, commitOf('a')).durable).rejects.toMatchObject({ winner: idOf('winner'), expectedVersion: 0 });
    expect(sent.calls().length - before).toBe(1);
  });

  it('on a head that was never seen in the table is held against it first', async () => {
    const store = storeUnderTest();
    const head = await store.head(STREAM);
    const invented = { ...head, version: 3, hash: idOf('invented') };
    await expect(store.append(invented, commitOf('a')).durable).rejects.toMatchObject({ winner: undefined, expectedVersion: 4 });
    expect(puts()).toEqual([]);
  });

  it('believes a head for twenty minutes, then looks again', async () => {
    // Streams of one class share a key: a look at a third keeps it in memory, and sees nothing of the others.
    const [one, other, third] = ['relay/a', 'relay/b', 'relay/c'] as const;
    const store = storeUnderTest();
    const [head, later] = [await store.head(one), await store.head(other)];
    state.clock.advance(20 * 60_000 - 1);
    await store.head(third);
    const before = sent.calls().length;
    await store.append(head, commitOf('a')).durable;
    expect(sent.calls().length - before).toBe(1);
    state.clock.advance(1);
    const queries = sent.commandCalls(QueryCommand).length;
    expect(await store.append(later, commitOf('b')).durable).toBe('appended');
    expect(sent.commandCalls(QueryCommand).length).toBe(queries + 1);
  });
});
