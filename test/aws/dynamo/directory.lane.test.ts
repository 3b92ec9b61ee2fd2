import { describe, expect, inject, it } from 'vitest';
import { DynamoDirectory } from '../../../platform/aws/dynamo/directory.ts';
import { OperationCounts } from '../../../platform/aws/operations.ts';
import { directoryContract } from '../../contract/directory.ts';
import { createTable, localClient } from './tables.ts';

const client = localClient(inject('dynamodbEndpoint'));

async function fresh(operations = new OperationCounts()): Promise<DynamoDirectory> {
  return new DynamoDirectory({ client, table: await createTable(client, 'directory'), operations });
}

directoryContract('DynamoDB', async () => ({ directory: await fresh(), close: async () => {} }));

describe('the directory on DynamoDB', () => {
  it('of two values under one key in one put the later stands, and a key may be asked for twice', async () => {
    const directory = await fresh();
    await directory.put([
      { key: 'a', value: Buffer.from('1') },
      { key: 'b', value: Buffer.from('2') },
      { key: 'a', value: Buffer.from('3') },
    ]);
    expect((await directory.getMany(['a', 'b', 'a'])).map(String)).toEqual(['3', '2', '3']);
    expect((await Array.fromAsync(directory.list(''))).map(({ key }) => key)).toEqual(['a', 'b']);
    expect(await directory.getMany([])).toEqual([]);
    await directory.put([]);
  });

  it('what is put together is put 25 at a time, and counted', async () => {
    const operations = new OperationCounts();
    const directory = await fresh(operations);
    await directory.put(Array.from({ length: 60 }, (_, i) => ({ key: `k/${i}`, value: Buffer.alloc(10) })));
    expect(operations.snapshot().get('dynamodb.write')).toEqual({ calls: 3, units: 60 });
    expect((await directory.getMany(Array.from({ length: 60 }, (_, i) => `k/${i}`))).every((value) => value?.length === 10)).toBe(true);
    expect(operations.snapshot().get('dynamodb.read')).toMatchObject({ calls: 1 });
  });
});
