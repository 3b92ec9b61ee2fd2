import { randomBytes } from 'node:crypto';
import { CreateTableCommand, type CreateTableCommandInput, DynamoDBClient, ScanCommand } from '@aws-sdk/client-dynamodb';
import type { Row } from '../../../platform/aws/dynamo/row.ts';
import { TABLES, type TableSpec } from '../../../topology/tables.ts';

export const REGION = 'eu-west-1';
export const CREDENTIALS = { accessKeyId: 'local', secretAccessKey: 'local' };

/** @param maxAttempts how often the SDK sends a request */
export function localClient(endpoint: string, maxAttempts = 3): DynamoDBClient {
  return new DynamoDBClient({ endpoint, region: REGION, credentials: CREDENTIALS, maxAttempts });
}

/** A table by its spec, under a name that no other test has. @returns the name */
export async function createTable(client: DynamoDBClient, which: TableSpec['name']): Promise<string> {
  const spec = TABLES.find(({ name }) => name === which)!;
  const name = `${which}-${randomBytes(6).toString('hex')}`;
  await client.send(new CreateTableCommand(definitionOf(spec, name)));
  return name;
}

function definitionOf({ sort, changes, index }: TableSpec, name: string): CreateTableCommandInput {
  const types: [string, 'S' | 'N'][] = [
    ['pk', 'S'],
    ['sk', sort === 'number' ? 'N' : 'S'],
  ];
  if (index !== undefined) types.push([index.partition, 'S'], [index.sort, 'S']);
  return {
    TableName: name,
    BillingMode: 'PAY_PER_REQUEST',
    AttributeDefinitions: types.map(([AttributeName, AttributeType]) => ({ AttributeName, AttributeType })),
    KeySchema: keysOf('pk', 'sk'),
    ...(changes === 'none' ? {} : { StreamSpecification: { StreamEnabled: true, StreamViewType: 'NEW_IMAGE' } }),
    ...(index === undefined
      ? {}
      : {
          GlobalSecondaryIndexes: [
            { IndexName: index.name, KeySchema: keysOf(index.partition, index.sort), Projection: { ProjectionType: 'KEYS_ONLY' } },
          ],
        }),
  };
}

function keysOf(hash: string, range: string) {
  return [
    { AttributeName: hash, KeyType: 'HASH' as const },
    { AttributeName: range, KeyType: 'RANGE' as const },
  ];
}

/** Everything a small table holds. */
export async function allRows(client: DynamoDBClient, table: string): Promise<readonly Row[]> {
  const { Items = [], LastEvaluatedKey } = await client.send(new ScanCommand({ TableName: table, ConsistentRead: true }));
  if (LastEvaluatedKey !== undefined) throw new Error('the table has more than one page');
  return Items;
}
