import {
  BatchGetItemCommand,
  BatchWriteItemCommand,
  ConditionalCheckFailedException,
  type ConsumedCapacity,
  DeleteItemCommand,
  type DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
  QueryCommand,
  ScanCommand,
  UpdateItemCommand,
  type WriteRequest,
} from '@aws-sdk/client-dynamodb';
import { JoulekeepError } from '../../../events/errors.ts';
import { dynamoError } from '../errors.ts';
import type { OperationCounts } from '../operations.ts';
import { type Row, sizeOf } from './row.ts';

export interface TableParts {
  /** One per process, made outside. */
  readonly client: DynamoDBClient;
  /** Physical name. */
  readonly table: string;
  readonly operations: OperationCounts;
  /** Waits before what a batch left undone is asked for again; tests hand in their own. */
  readonly pause?: (ms: number) => Promise<void>;
}

/** What a request is told, beside its table. Names begin with `#`, values with `:`. */
export interface Expression {
  readonly names?: Readonly<Record<string, string>>;
  readonly values?: Row;
}

export interface PutCondition extends Expression {
  readonly condition: string;
}

export interface RowQuery extends Expression {
  readonly condition: string;
  /** Of an index, which is behind by moments; without one the read is strongly consistent. */
  readonly index?: string;
  readonly descending?: boolean;
  readonly limit?: number;
  readonly projection?: string;
}

/** `found` is the item that stood in the way. */
export type Written = { readonly done: true } | { readonly done: false; readonly found: Row };

const GET_AT_ONCE = 100;
const WRITE_AT_ONCE = 25;
const ATTEMPTS = 8;
const FIRST_PAUSE_MS = 20;

/** One table of DynamoDB: every call is counted, every fault translated, every read goes to the end. */
export class DynamoTable {
  readonly #parts: TableParts;

  constructor(parts: TableParts) {
    this.#parts = parts;
  }

  async get(key: Row): Promise<Row | undefined> {
    const command = new GetItemCommand({ TableName: this.#parts.table, Key: key, ConsistentRead: true, ReturnConsumedCapacity: 'TOTAL' });
    const { Item, ConsumedCapacity } = await this.#send(() => this.#parts.client.send(command), 'read');
    this.#count('read', ConsumedCapacity, readUnits(Item));
    return Item;
  }

  /** Puts an item over whatever is there, or only if the condition holds of what is there. */
  async put(item: Row, when?: PutCondition): Promise<Written> {
    const input = { TableName: this.#parts.table, Item: item, ReturnConsumedCapacity: 'TOTAL' as const };
    const command = new PutItemCommand(when === undefined ? input : { ...input, ...expressionOf(when), ...conditionOf(when) });
    return await this.#write(() => this.#parts.client.send(command), sizeOf(item));
  }

  /** @param change an update expression */
  async update(key: Row, change: string, when: PutCondition): Promise<Written> {
    const input = { TableName: this.#parts.table, Key: key, UpdateExpression: change, ReturnConsumedCapacity: 'TOTAL' as const };
    const command = new UpdateItemCommand({ ...input, ...expressionOf(when), ...conditionOf(when) });
    return await this.#write(() => this.#parts.client.send(command), sizeOf(key));
  }

  async delete(key: Row): Promise<void> {
    const command = new DeleteItemCommand({ TableName: this.#parts.table, Key: key, ReturnConsumedCapacity: 'TOTAL' });
    await this.#write(() => this.#parts.client.send(command), sizeOf(key));
  }

  async *query({ condition, index, descending = false, limit, projection, ...expression }: RowQuery): AsyncGenerator<Row, void, void> {
    const input = {
      TableName: this.#parts.table,
      KeyConditionExpression: condition,
      ...expressionOf(expression),
      ...(index === undefined ? { ConsistentRead: true } : { IndexName: index }),
      ...(limit === undefined ? {} : { Limit: limit }),
      ...(projection === undefined ? {} : { ProjectionExpression: projection }),
      ScanIndexForward: !descending,
      ReturnConsumedCapacity: 'TOTAL' as const,
    };
    yield* this.#pages((from) => this.#parts.client.send(new QueryCommand({ ...input, ...from })));
  }

  /** All of the table: what is rare enough. */
  async *scan(filter: string, expression: Expression, projection?: string): AsyncGenerator<Row, void, void> {
    const input = {
      TableName: this.#parts.table,
      FilterExpression: filter,
      ...expressionOf(expression),
      ...(projection === undefined ? {} : { ProjectionExpression: projection }),
      ConsistentRead: true,
      ReturnConsumedCapacity: 'TOTAL' as const,
    };
    yield* this.#pages((from) => this.#parts.client.send(new ScanCommand({ ...input, ...from })));
  }

  /** Items of distinct keys, in any order. @throws ERR_STORE_THROTTLED when some are refused again and again */
  async getMany(keys: readonly Row[]): Promise<readonly Row[]> {
    const { client, table } = this.#parts;
    const found: Row[] = [];
    await this.#inBatches(keys, GET_AT_ONCE, async (some) => {
      const request = { RequestItems: { [table]: { Keys: [...some], ConsistentRead: true } }, ReturnConsumedCapacity: 'TOTAL' as const };
      const answer = await this.#send(() => client.send(new BatchGetItemCommand(request)), 'read');
      const rows = answer.Responses?.[table] ?? [];
      this.#count(
        'read',
        answer.ConsumedCapacity?.[0],
        rows.reduce((sum, row) => sum + readUnits(row), 0),
      );
      found.push(...rows);
      return answer.UnprocessedKeys?.[table]?.Keys ?? [];
    });
    return found;
  }

  /** Writes of distinct keys, in any order; broken off, some of them are made. @throws ERR_STORE_THROTTLED as `getMany` */
  async writeMany(writes: readonly WriteRequest[]): Promise<void> {
    const { client, table } = this.#parts;
    await this.#inBatches(writes, WRITE_AT_ONCE, async (some) => {
      const request = { RequestItems: { [table]: [...some] }, ReturnConsumedCapacity: 'TOTAL' as const };
      const answer = await this.#send(() => client.send(new BatchWriteItemCommand(request)), 'write');
      this.#count(
        'write',
        answer.ConsumedCapacity?.[0],
        some.reduce((sum, write) => sum + unitsOfWrite(write), 0),
      );
      return answer.UnprocessedItems?.[table] ?? [];
    });
  }

  /** @param run gives back what was left undone */
  async #inBatches<T>(all: readonly T[], atOnce: number, run: (some: readonly T[]) => Promise<readonly T[]>): Promise<void> {
    const { table, pause = wait } = this.#parts;
    for (let i = 0; i < all.length; i += atOnce) {
      let left: readonly T[] = all.slice(i, i + atOnce);
      for (let attempt = 0; left.length > 0; attempt++) {
        if (attempt === ATTEMPTS) throw new JoulekeepError('ERR_STORE_THROTTLED', `${table}: a batch stays undone`, { retryable: true });
        if (attempt > 0) await pause(FIRST_PAUSE_MS * 2 ** (attempt - 1) * (0.5 + Math.random() / 2));
        left = await run(left);
      }
    }
  }

  async *#pages(
    page: (from: {
      ExclusiveStartKey?: Row;
    }) => Promise<{ Items?: Row[] | undefined; LastEvaluatedKey?: Row | undefined; ConsumedCapacity?: ConsumedCapacity | undefined }>,
  ): AsyncGenerator<Row, void, void> {
    let last: Row | undefined;
    do {
      const from = last === undefined ? {} : { ExclusiveStartKey: last };
      const { Items = [], LastEvaluatedKey, ConsumedCapacity } = await this.#send(() => page(from), 'read');
      this.#count('read', ConsumedCapacity, Math.ceil(Items.reduce((sum, row) => sum + sizeOf(row), 1) / 4096));
      yield* Items;
      last = LastEvaluatedKey;
    } while (last !== undefined);
  }

  async #write(send: () => Promise<{ ConsumedCapacity?: ConsumedCapacity | undefined }>, size: number): Promise<Written> {
    const units = Math.ceil(size / 1024);
    try {
      const { ConsumedCapacity } = await send();
      this.#count('write', ConsumedCapacity, units);
      return { done: true };
    } catch (error) {
      this.#parts.operations.count('dynamodb.write', units);
      if (error instanceof ConditionalCheckFailedException) return { done: false, found: error.Item ?? {} };
      throw dynamoError(error, this.#parts.table);
    }
  }

  async #send<T>(send: () => Promise<T>, kind: 'read' | 'write'): Promise<T> {
    try {
      return await send();
    } catch (error) {
      this.#parts.operations.count(`dynamodb.${kind}`);
      throw dynamoError(error, this.#parts.table);
    }
  }

  #count(kind: 'read' | 'write', capacity: ConsumedCapacity | undefined, estimate: number): void {
    this.#parts.operations.count(`dynamodb.${kind}`, capacity?.CapacityUnits ?? estimate);
  }
}

function expressionOf({ names, values }: Expression) {
  return {
    ...(names === undefined ? {} : { ExpressionAttributeNames: { ...names } }),
    ...(values === undefined ? {} : { ExpressionAttributeValues: values }),
  };
}

function conditionOf({ condition }: PutCondition) {
  return { ConditionExpression: condition, ReturnValuesOnConditionCheckFailure: 'ALL_OLD' as const };
}

function readUnits(row: Row | undefined): number {
  return Math.ceil(Math.max(row === undefined ? 0 : sizeOf(row), 1) / 4096);
}

function unitsOfWrite({ PutRequest, DeleteRequest }: WriteRequest): number {
  return Math.ceil(sizeOf(PutRequest?.Item ?? DeleteRequest?.Key ?? {}) / 1024);
}

function wait(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
