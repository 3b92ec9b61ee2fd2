import { beforeEach, describe, expect, inject, it } from 'vitest';
import { DynamoKeyTable } from '../../../platform/aws/dynamo/key-table.ts';
import { OperationCounts } from '../../../platform/aws/operations.ts';
import { keyTableContract } from '../../contract/key-table.ts';
import { allRows, createTable, localClient } from './tables.ts';

const client = localClient(inject('dynamodbEndpoint'));

async function fresh() {
  const name = await createTable(client, 'keys');
  return { name, table: new DynamoKeyTable({ client, table: name, operations: new OperationCounts() }) };
}

keyTableContract('DynamoDB', async () => ({ table: (await fresh()).table, close: async () => {} }));

describe('the key table on DynamoDB', () => {
  let under: Awaited<ReturnType<typeof fresh>>;
  beforeEach(async () => {
    under = await fresh();
  });
  const row = (id: string) => ({ id, wrapped: Buffer.from('wrapped bytes'), wrappedBy: 'subject-kek', createdAt: 1 });

  it('rows that were destroyed are told by prefix, those of epochs are not remembered', async () => {
    const { table } = under;
    const ids = ['usage/a/2026-01/2', 'usage/a/2026-01/1', 'usage/a/2026-02/1', 'usage/ab/2026-01/1'];
    for (const id of [...ids, 'epoch/1/00001', 'shard/1/1']) await table.putIfAbsent(row(id));
    for (const id of [ids[0]!, ids[1]!, ids[3]!, 'usage/a/2025-01/1', 'epoch/1/00001']) await table.destroy(id);
    expect(await table.destroyed('usage/a/')).toEqual([ids[1], ids[0]]);
    expect(await table.destroyed('usage/')).toEqual([ids[1], ids[0], ids[3]]);
    expect(await table.destroyed('epoch/')).toEqual([]);
    expect(await table.destroyed('shard/')).toEqual([]);
    expect((await table.list('usage/a/')).map(({ id }) => id)).toEqual([ids[2]]);
    expect([await table.wasDestroyed(ids[0]!), await table.wasDestroyed(ids[2]!), await table.wasDestroyed('usage/a/2025-01/1')]).toEqual([
      true,
      false,
      false,
    ]);
  });

  it('C10.1-6: nothing of a destroyed row is left but its id, and the id is never used again', async () => {
    const { table, name } = under;
    const told: string[] = [];
    table.watch((id) => told.push(id));
    for (const id of ['usage/a/2026-01/1', 'epoch/1/00001']) {
      await table.putIfAbsent({ ...row(id), destroyAt: 9 });
      await table.destroy(id);
    }
    expect(await allRows(client, name)).toEqual([{ pk: { S: 'usage/a/' }, sk: { S: '2026-01/1' }, destroyed: { BOOL: true } }]);
    expect(told).toEqual(['usage/a/2026-01/1', 'epoch/1/00001']);
    await expect(table.putIfAbsent(row('usage/a/2026-01/1'))).rejects.toMatchObject({ code: 'ERR_KEY_DESTROYED' });
    expect(await table.putIfAbsent(row('epoch/1/00001'))).toEqual(row('epoch/1/00001'));
  });

  it('lists by part of a segment, over more than one page', async () => {
    const { table } = under;
    const ids = Array.from({ length: 30 }, (_, i) => `shard/${i}/${String(i).padStart(13, '0')}`);
    for (const id of ids) await table.putIfAbsent({ ...row(id), wrapped: Buffer.alloc(60_000, 1) });
    expect((await table.list('shard/')).map(({ id }) => id)).toEqual(ids.toSorted());
    expect((await table.list('shard/2')).map(({ id }) => id)).toEqual(ids.toSorted().filter((id) => id.startsWith('shard/2')));
    await table.putIfAbsent(row('segment/17/0000000000001'));
    await table.putIfAbsent(row('segment/1/0000000000001'));
    expect((await table.list('segment/1')).map(({ id }) => id)).toEqual(['segment/1/0000000000001', 'segment/17/0000000000001']);
    expect((await table.list('segment/1/')).map(({ id }) => id)).toEqual(['segment/1/0000000000001']);
  });
});
