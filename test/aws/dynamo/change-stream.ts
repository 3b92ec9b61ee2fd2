import {
  DescribeStreamCommand,
  type DynamoDBStreamsClient,
  GetRecordsCommand,
  GetShardIteratorCommand,
  ListStreamsCommand,
  type _Record as StreamRecord,
} from '@aws-sdk/client-dynamodb-streams';
import type { DynamoDBRecord, AttributeValue as EventValue } from 'aws-lambda';
import type { Row } from '../../../platform/aws/dynamo/row.ts';

/** The change stream of a table, read from its beginning. */
export class ChangeStream {
  readonly #client: DynamoDBStreamsClient;
  readonly #table: string;
  /** Where each shard is read on; undefined = it has ended. */
  readonly #iterators = new Map<string, string | undefined>();

  constructor(client: DynamoDBStreamsClient, table: string) {
    this.#client = client;
    this.#table = table;
  }

  /** What came since the last time. */
  async next(): Promise<StreamRecord[]> {
    const records: StreamRecord[] = [];
    for (const shard of await this.#shards()) records.push(...(await this.#read(shard)));
    return records;
  }

  async #shards(): Promise<readonly string[]> {
    const { Streams = [] } = await this.#client.send(new ListStreamsCommand({ TableName: this.#table }));
    const { StreamArn } = Streams[0]!;
    const { StreamDescription } = await this.#client.send(new DescribeStreamCommand({ StreamArn }));
    const shards = (StreamDescription!.Shards ?? []).map(({ ShardId }) => ShardId!);
    for (const ShardId of shards) {
      if (this.#iterators.has(ShardId)) continue;
      const command = new GetShardIteratorCommand({ StreamArn, ShardId, ShardIteratorType: 'TRIM_HORIZON' });
      this.#iterators.set(ShardId, (await this.#client.send(command)).ShardIterator);
    }
    return shards;
  }

  async #read(shard: string): Promise<readonly StreamRecord[]> {
    const records: StreamRecord[] = [];
    for (let empty = 0; empty < 2; ) {
      const ShardIterator = this.#iterators.get(shard);
      if (ShardIterator === undefined) break;
      const { Records = [], NextShardIterator } = await this.#client.send(new GetRecordsCommand({ ShardIterator }));
      this.#iterators.set(shard, NextShardIterator);
      empty = Records.length === 0 ? empty + 1 : 0;
      records.push(...Records);
    }
    return records;
  }
}

/** What an event source mapping lets through: `{ eventName: ['INSERT'], dynamodb: { Keys: { pk: { S: [{ prefix }..] } } } }`. */
export function filtered(records: readonly StreamRecord[], prefixes: readonly string[]): DynamoDBRecord[] {
  return records
    .filter(({ eventName, dynamodb }) => eventName === 'INSERT' && prefixes.some((prefix) => dynamodb!.Keys!['pk']!.S!.startsWith(prefix)))
    .map(asEvent);
}

/** The record as a function is handed it: bytes in base64, times in seconds. */
export function asEvent({ dynamodb, ...record }: StreamRecord): DynamoDBRecord {
  const image = (row: Row | undefined) => row && Object.fromEntries(Object.entries(row).map(([name, value]) => [name, asValue(value)]));
  const { Keys, NewImage, SequenceNumber, StreamViewType } = dynamodb!;
  const shown = { Keys: image(Keys), ...(NewImage === undefined ? {} : { NewImage: image(NewImage) }), SequenceNumber, StreamViewType };
  return { ...record, dynamodb: shown } as DynamoDBRecord;
}

function asValue(value: Row[string]): EventValue {
  return (value.B === undefined ? value : { B: Buffer.from(value.B).toString('base64') }) as EventValue;
}
