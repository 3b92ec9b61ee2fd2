import { ConditionalCheckFailedException, type DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { type Row, sizeOf } from '../../../../platform/aws/dynamo/row.ts';
import { type Answers, fakeClient, fault } from './fake-client.ts';
import { attributeNamed, holds, type Names } from './fake-expressions.ts';

interface OfTable {
  readonly TableName: string;
}
interface Expressed extends OfTable {
  readonly ExpressionAttributeNames?: Names;
  readonly ExpressionAttributeValues?: Row;
}
interface Put extends Expressed {
  readonly Item: Row;
  readonly ConditionExpression?: string;
}
interface Keyed extends OfTable {
  readonly Key: Row;
}
interface Query extends Expressed {
  readonly KeyConditionExpression: string;
  readonly IndexName?: string;
  readonly Limit?: number;
  readonly ScanIndexForward?: boolean;
  readonly ProjectionExpression?: string;
}
interface Scan extends Expressed {
  readonly FilterExpression: string;
  readonly ProjectionExpression?: string;
}
interface Writes {
  readonly RequestItems: Readonly<Record<string, readonly { PutRequest?: { Item: Row }; DeleteRequest?: { Key: Row } }[]>>;
}
interface Gets {
  readonly RequestItems: Readonly<Record<string, { readonly Keys: readonly Row[] }>>;
}

const READ_UNIT = 4_096;
const WRITE_UNIT = 1_024;
/** Attributes that are the key of the index of names. */
const INDEX = ['shard', 'name'] as const;

/**
 * Tables of DynamoDB as their client sees them, in memory: items, conditions, one index of names, and the units that each request costs:
 * a write by the larger of what was there and what is, a read by whole items whatever it shows of them. Every answer is one page.
 */
export class FakeDynamo {
  readonly calls: string[] = [];
  readonly #tables = new Map<string, FakeTable>();

  get client(): DynamoDBClient {
    const answers: Answers = {
      GetItem: ({ TableName, Key }: Keyed) => {
        const Item = this.#table(TableName).get(Key);
        return { ...(Item === undefined ? {} : { Item }), ...read(Item === undefined ? [] : [Item]) };
      },
      PutItem: (input: Put) => ({ ConsumedCapacity: { CapacityUnits: this.#put(input) } }),
      DeleteItem: ({ TableName, Key }: Keyed) => ({ ConsumedCapacity: { CapacityUnits: this.#table(TableName).delete(Key) } }),
      Query: (input: Query) => this.#query(input),
      Scan: (input: Scan) => this.#scan(input),
      BatchGetItem: ({ RequestItems }: Gets) => {
        const [[name, { Keys }]] = Object.entries(RequestItems) as [[string, { Keys: readonly Row[] }]];
        const found = Keys.map((key) => this.#table(name).get(key)).filter((row) => row !== undefined);
        const CapacityUnits = found.reduce((sum, row) => sum + units(sizeOf(row), READ_UNIT), Keys.length - found.length);
        return { Responses: { [name]: found }, ConsumedCapacity: [{ CapacityUnits }] };
      },
      BatchWriteItem: ({ RequestItems }: Writes) => {
        const [[name, writes]] = Object.entries(RequestItems) as [[string, Writes['RequestItems'][string]]];
        const table = this.#table(name);
        const each = writes.map(({ PutRequest, DeleteRequest }) =>
          PutRequest ? table.put(PutRequest.Item) : table.delete(DeleteRequest!.Key),
        );
        return { ConsumedCapacity: [{ CapacityUnits: each.reduce((sum, one) => sum + one, 0) }] };
      },
    };
    return fakeClient<DynamoDBClient>(answers, this.calls);
  }

  /** Everything that lies in a table. */
  rows(table: string): readonly Row[] {
    return this.#table(table).all();
  }

  /** As somebody does who has the table. */
  put(table: string, row: Row): void {
    this.#table(table).put(row);
  }

  #table(name: string): FakeTable {
    const found = this.#tables.get(name) ?? new FakeTable();
    this.#tables.set(name, found);
    return found;
  }

  #put({ TableName, Item, ConditionExpression, ExpressionAttributeNames = {}, ExpressionAttributeValues = {} }: Put): number {
    const table = this.#table(TableName);
    const before = table.get(Item);
    const fits =
      ConditionExpression === undefined || holds(ConditionExpression, before, ExpressionAttributeNames, ExpressionAttributeValues);
    if (fits) return table.put(Item);
    throw new ConditionalCheckFailedException({
      message: 'said the service',
      $metadata: {},
      ...(before === undefined ? {} : { Item: before }),
    });
  }

  #query(input: Query) {
    const { TableName, KeyConditionExpression, IndexName, Limit, ScanIndexForward = true, ProjectionExpression } = input;
    const { ExpressionAttributeNames: names = {}, ExpressionAttributeValues: values = {} } = input;
    const partition = values[/= (:\w+)/.exec(KeyConditionExpression)?.[1] ?? '']?.S;
    if (partition === undefined) throw fault('ValidationException');
    const table = this.#table(TableName);
    const within = IndexName === undefined ? table.partition(partition) : table.named(partition);
    const found = within.filter((row) => holds(KeyConditionExpression, row, names, values));
    const ordered = ScanIndexForward ? found : found.reverse();
    const page = Limit === undefined ? ordered : ordered.slice(0, Limit);
    const shown = ProjectionExpression === undefined ? page : page.map((row) => projected(row, ProjectionExpression, names));
    return { Items: shown, ...read(page, IndexName === undefined ? 1 : 0.5) };
  }

  /** It costs what is looked at. */
  #scan({ TableName, FilterExpression, ProjectionExpression, ...expression }: Scan) {
    const { ExpressionAttributeNames: names = {}, ExpressionAttributeValues: values = {} } = expression;
    const all = this.#table(TableName).all();
    const found = all.filter((row) => holds(FilterExpression, row, names, values));
    const Items = ProjectionExpression === undefined ? found : found.map((row) => projected(row, ProjectionExpression, names));
    return { Items, ...read(all) };
  }
}

class FakeTable {
  readonly #partitions = new Map<string, Map<string, Row>>();
  readonly #index = new Map<string, Map<string, Row>>();

  get({ pk, sk }: Row): Row | undefined {
    return this.#partitions.get(pk!.S!)?.get(sortOf(sk!));
  }

  all(): Row[] {
    return [...this.#partitions.values()].flatMap((rows) => [...rows.values()]);
  }

  /** In the order of their sort keys. */
  partition(pk: string): Row[] {
    return [...(this.#partitions.get(pk) ?? [])].sort(byKey).map(([, row]) => row);
  }

  /** What the index shows of a shard. */
  named(shard: string): Row[] {
    return [...(this.#index.get(shard) ?? [])].sort(byKey).map(([, row]) => row);
  }

  /** @returns write units */
  put(item: Row): number {
    const before = this.get(item);
    const rows = this.#partitions.get(item['pk']!.S!) ?? new Map<string, Row>();
    this.#partitions.set(item['pk']!.S!, rows.set(sortOf(item['sk']!), item));
    return units(Math.max(sizeOf(item), before === undefined ? 0 : sizeOf(before)), WRITE_UNIT) + this.#reindex(before, item);
  }

  /** @returns write units */
  delete(key: Row): number {
    const before = this.get(key);
    this.#partitions.get(key['pk']!.S!)?.delete(sortOf(key['sk']!));
    return units(before === undefined ? 0 : sizeOf(before), WRITE_UNIT) + this.#reindex(before, undefined);
  }

  #reindex(before: Row | undefined, after: Row | undefined): number {
    const [was, is] = [before && indexKey(before), after && indexKey(after)];
    if (was !== undefined) this.#index.get(was[0])?.delete(was[1]);
    if (is !== undefined) this.#index.set(is[0], (this.#index.get(is[0]) ?? new Map<string, Row>()).set(is[1], after!));
    return was?.join() === is?.join() ? 0 : Number(was !== undefined) + Number(is !== undefined);
  }
}

function indexKey(row: Row): readonly [string, string] | undefined {
  const [shard, name] = INDEX.map((attribute) => row[attribute]?.S);
  return shard === undefined || name === undefined ? undefined : [shard, name];
}

/** Numbers in an order of texts; sort keys of one table are of one kind. */
function sortOf({ N, S }: Row[string]): string {
  return N === undefined ? S! : N.padStart(20, '0');
}

function byKey([a]: [string, Row], [b]: [string, Row]): number {
  return Buffer.compare(Buffer.from(a), Buffer.from(b));
}

function read(rows: readonly Row[], factor = 1) {
  const bytes = rows.reduce((sum, row) => sum + sizeOf(row), 0);
  return { ConsumedCapacity: { CapacityUnits: units(bytes, READ_UNIT) * factor } };
}

function units(bytes: number, unit: number): number {
  return Math.max(1, Math.ceil(bytes / unit));
}

function projected(row: Row, expression: string, names: Names): Row {
  const shown = expression.split(', ').map((name) => attributeNamed(name, names));
  return Object.fromEntries(Object.entries(row).filter(([name]) => shown.includes(name)));
}
