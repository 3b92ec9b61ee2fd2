import {
  BatchGetItemCommand,
  BatchWriteItemCommand,
  ConditionalCheckFailedException,
  DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
  QueryCommand,
} from '@aws-sdk/client-dynamodb';
import { mockClient } from 'aws-sdk-client-mock';
import { beforeEach, describe, expect, it } from 'vitest';
import { DynamoDirectory } from '../../../platform/aws/dynamo/directory.ts';
import { DynamoKeyTable } from '../../../platform/aws/dynamo/key-table.ts';
import { DynamoTable } from '../../../platform/aws/dynamo/table.ts';
import { dynamoError } from '../../../platform/aws/errors.ts';
import { OperationCounts } from '../../../platform/aws/operations.ts';
import { BearerStore } from '../../../platform/ports/bearer-store.ts';
import { MemoryWorld } from '../../support/memory-platform.ts';
import { CREDENTIALS, REGION } from './tables.ts';

const client = new DynamoDBClient({ region: REGION, credentials: CREDENTIALS });
const sent = mockClient(client);
const pauses: number[] = [];
let operations: OperationCounts;
let table: DynamoTable;

beforeEach(() => {
  sent.reset();
  pauses.length = 0;
  operations = new OperationCounts();
  table = new DynamoTable(parts());
});

const parts = () => ({ client, table: 't', operations, pause: async (ms: number) => void pauses.push(ms) });
const row = (sk: string) => ({ pk: { S: 'p' }, sk: { S: sk } });
const reads = () => operations.snapshot().get('dynamodb.read');
const writes = () => operations.snapshot().get('dynamodb.write');
const fault = (name: string, more: object = {}) => Object.assign(new Error(name), { name, ...more });

describe('a page boundary', () => {
  const query = () => Array.fromAsync(table.query({ condition: 'pk = :p', values: { ':p': { S: 'p' } } }));

  it('is crossed to the end, over pages that hold nothing, and every page is counted', async () => {
    sent
      .on(QueryCommand)
      .resolvesOnce({ Items: [row('a')], LastEvaluatedKey: row('a'), ConsumedCapacity: { CapacityUnits: 3 } })
      .resolvesOnce({ Items: [], LastEvaluatedKey: row('m'), ConsumedCapacity: { CapacityUnits: 128 } })
      .resolvesOnce({ Items: [row('z')], ConsumedCapacity: { CapacityUnits: 1 } });
    expect(await query()).toEqual([row('a'), row('z')]);
    expect(sent.commandCalls(QueryCommand).map(({ args }) => args[0].input.ExclusiveStartKey)).toEqual([undefined, row('a'), row('m')]);
    expect(sent.commandCalls(QueryCommand).every(({ args }) => args[0].input.ConsistentRead === true)).toBe(true);
    expect(reads()).toEqual({ calls: 3, units: 132 });
  });

  it('a fault behind it is no end', async () => {
    sent
      .on(QueryCommand)
      .resolvesOnce({ Items: [row('a')], LastEvaluatedKey: row('a') })
      .rejects(fault('InternalServerError', { $fault: 'server' }));
    await expect(query()).rejects.toMatchObject({ code: 'ERR_STORE_UNAVAILABLE', retryable: true });
  });

  it('of an index is read as an index is', async () => {
    sent.on(QueryCommand).resolves({ Items: [] });
    await Array.fromAsync(table.query({ condition: '#shard = :s', index: 'names' }));
    expect(sent.commandCalls(QueryCommand)[0]!.args[0].input).toMatchObject({ IndexName: 'names', ScanIndexForward: true });
    expect(sent.commandCalls(QueryCommand)[0]!.args[0].input.ConsistentRead).toBeUndefined();
  });
});

describe('what a batch leaves undone', () => {
  it('is asked for again, alone, after a pause that grows', async () => {
    const keys = ['a', 'b', 'c'].map(row);
    sent
      .on(BatchGetItemCommand)
      .resolvesOnce({ Responses: { t: [row('a')] }, UnprocessedKeys: { t: { Keys: [row('b'), row('c')] } } })
      .resolvesOnce({ Responses: { t: [] }, UnprocessedKeys: { t: { Keys: [row('b'), row('c')] } } })
      .resolvesOnce({ Responses: { t: [row('c'), row('b')] } });
    expect(await table.getMany(keys)).toEqual([row('a'), row('c'), row('b')]);
    const asked = sent.commandCalls(BatchGetItemCommand).map(({ args }) => args[0].input.RequestItems!['t']!.Keys);
    expect(asked).toEqual([keys, [row('b'), row('c')], [row('b'), row('c')]]);
    expect(pauses.length).toBe(2);
    expect(pauses[0]).toBeGreaterThan(0);
    expect(pauses[1]).toBeGreaterThanOrEqual(pauses[0]!);
  });

  it('is written again, and nothing of what was done is', async () => {
    const directory = new DynamoDirectory(parts());
    sent
      .on(BatchWriteItemCommand)
      .callsFakeOnce(({ RequestItems }) => ({ UnprocessedItems: { t: RequestItems.t.slice(1) } }))
      .resolves({});
    await directory.put(['a', 'b', 'c'].map((key) => ({ key, value: Buffer.from(key) })));
    const put = sent.commandCalls(BatchWriteItemCommand).map(({ args }) => args[0].input.RequestItems!['t']!);
    const names = put.map((requests) => requests.map(({ PutRequest }) => PutRequest!.Item!['sk']!.S));
    expect(names).toEqual([
      ['a', 'b', 'c'],
      ['b', 'c'],
    ]);
  });

  it('and stays undone again and again, is a throttle', async () => {
    sent.on(BatchGetItemCommand).resolves({ Responses: {}, UnprocessedKeys: { t: { Keys: [row('a')] } } });
    await expect(table.getMany([row('a')])).rejects.toMatchObject({ code: 'ERR_STORE_THROTTLED', retryable: true });
    expect(sent.commandCalls(BatchGetItemCommand).length).toBe(8);
    expect(reads()!.calls).toBe(8);
  });

  it('more than a hundred keys go in several requests', async () => {
    sent.on(BatchGetItemCommand).resolves({ Responses: { t: [] } });
    await table.getMany(Array.from({ length: 230 }, (_, i) => row(String(i))));
    expect(sent.commandCalls(BatchGetItemCommand).map(({ args }) => args[0].input.RequestItems!['t']!.Keys!.length)).toEqual([
      100, 100, 30,
    ]);
  });
});

describe('a write', () => {
  it('is counted by what DynamoDB says it took, and by its size where it says nothing', async () => {
    sent
      .on(PutItemCommand)
      .resolvesOnce({ ConsumedCapacity: { CapacityUnits: 7 } })
      .resolvesOnce({});
    await table.put({ ...row('a'), body: { B: Buffer.alloc(10) } });
    expect(sent.commandCalls(PutItemCommand)[0]!.args[0].input.ReturnConsumedCapacity).toBe('TOTAL');
    await table.put({ ...row('a'), body: { B: Buffer.alloc(3000) } });
    expect(writes()).toEqual({ calls: 2, units: 10 });
  });

  it('that was refused is told what stands in its way, in the same call, and counts as well', async () => {
    const refusal = new ConditionalCheckFailedException({ message: '', $metadata: {}, Item: row('there') });
    sent.on(PutItemCommand).rejects(refusal);
    const written = await table.put({ ...row('a'), body: { B: Buffer.alloc(2000) } }, { condition: 'attribute_not_exists(pk)' });
    expect(written).toEqual({ done: false, found: row('there') });
    expect(sent.commandCalls(PutItemCommand)[0]!.args[0].input.ReturnValuesOnConditionCheckFailure).toBe('ALL_OLD');
    expect(writes()).toEqual({ calls: 1, units: 2 });
    expect(sent.calls().length).toBe(1);
  });
});

describe('faults of DynamoDB', () => {
  it.each([
    ['ProvisionedThroughputExceededException', {}, 'ERR_STORE_THROTTLED', true],
    ['ThrottlingException', {}, 'ERR_STORE_THROTTLED', true],
    ['RequestLimitExceeded', {}, 'ERR_STORE_THROTTLED', true],
    ['InternalServerError', { $fault: 'server' }, 'ERR_STORE_UNAVAILABLE', true],
    ['ServiceUnavailable', { $metadata: { httpStatusCode: 503 } }, 'ERR_STORE_UNAVAILABLE', true],
    ['TimeoutError', {}, 'ERR_STORE_UNAVAILABLE', true],
    ['Error', { code: 'ECONNRESET' }, 'ERR_STORE_UNAVAILABLE', true],
    ['AccessDeniedException', { $fault: 'client' }, 'ERR_STORE_ACCESS_DENIED', false],
    ['ResourceNotFoundException', { $fault: 'client' }, 'ERR_STORE_MISSING', false],
    ['ValidationException', { $fault: 'client' }, 'ERR_STORE_REFUSED', false],
  ])('%s %o is %s', (name, more, code, retryable) => {
    const cause = fault(name, more);
    expect(dynamoError(cause, 't')).toMatchObject({ code, retryable, cause });
  });

  it('a row behind a token ends by the table’s own clock, no second before its time; one that protects data never does', async () => {
    sent.on(PutItemCommand).resolves({});
    const table = new DynamoKeyTable(parts());
    const row = { wrapped: Buffer.alloc(16), wrappedBy: 'nobody', createdAt: 1_000, destroyAt: 901_500 };
    await table.putIfAbsent({ ...row, id: 'token/proof/0a1b' });
    await table.putIfAbsent({ ...row, id: 'shard/1/1' });
    const items = sent.commandCalls(PutItemCommand).map(({ args: [{ input }] }) => [input.Item?.['pk']?.S, input.Item?.['expiresAt']?.N]);
    expect(items).toEqual([
      ['token/proof/0a', '902'],
      ['shard/', undefined],
    ]);
    const prefixes = ['token/', 'kept/', 'shard/', 'epoch/'];
    expect(prefixes.map((prefix) => table.endsByItself(prefix))).toEqual([true, true, false, false]);
  });

  it('T8.3-2: marks of proofs, and what is looked up of sessions, lie in many partitions, and are found and listed there', async () => {
    sent.on(PutItemCommand).resolves({});
    sent.on(QueryCommand).resolves({ Items: [] });
    const marks = new BearerStore({
      keys: new DynamoKeyTable(parts()),
      directory: new MemoryWorld().as('session').directory,
      clock: { now: () => 0 },
    });
    for (let proof = 0; proof < 2_000; proof += 1) await marks.claim('proof', `proof ${proof}`, 900);
    const perPartition = Map.groupBy(sent.commandCalls(PutItemCommand), ({ args: [{ input }] }) => input.Item?.['pk']?.S);
    expect(perPartition.size).toBeGreaterThan(250);
    expect(Math.max(...[...perPartition.values()].map(({ length }) => length))).toBeLessThan(30);
    await marks.addAmong('session-of', 'customer anna', 'a', {}, 900);
    const { pk, sk } = sent.commandCalls(PutItemCommand).at(-1)!.args[0].input.Item!;
    await marks.among('session-of', 'customer anna');
    const { ExpressionAttributeValues: asked } = sent.commandCalls(QueryCommand)[0]!.args[0].input;
    expect(asked?.[':partition']).toEqual(pk);
    expect(sk!.S!.startsWith(asked?.[':rest']?.S ?? '-')).toBe(true);
  });

  it('a row of the key table that IAM keeps from a principal is refused as on the embedded platform', async () => {
    sent.on(GetItemCommand).rejects(fault('AccessDeniedException', { $fault: 'client' }));
    await expect(new DynamoKeyTable(parts()).get('epoch/1/00001')).rejects.toMatchObject({ code: 'ERR_KEY_TABLE_ACCESS_DENIED' });
    sent.on(GetItemCommand).rejects(fault('ThrottlingException'));
    await expect(new DynamoKeyTable(parts()).get('epoch/1/00001')).rejects.toMatchObject({ code: 'ERR_STORE_THROTTLED', retryable: true });
    expect(reads()!.calls).toBe(2);
  });
});
