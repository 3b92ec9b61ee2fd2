import { partitionOf, partitionsWith } from '../../../topology/directory.ts';
import type { Directory } from '../../ports/platform.ts';
import { shardOf } from '../../store/shards.ts';
import { mergeSorted } from './merge.ts';
import { bytes, bytesOf, type Row, text, textOf } from './row.ts';
import { DynamoTable, type TableParts } from './table.ts';

/** Keys that are asked for one by one in one turn, and what will be found. */
interface Turn {
  readonly keys: Set<string>;
  readonly found: Promise<ReadonlyMap<string, Buffer>>;
}

/**
 * Small facts on a table of DynamoDB. What is asked for side by side is one request. Entries are spread over partitions, those apart that
 * few may write; a list asks all it takes at once.
 */
export class DynamoDirectory implements Directory {
  readonly #table: DynamoTable;
  #turn: Turn | undefined;

  constructor(parts: TableParts) {
    this.#table = new DynamoTable(parts);
  }

  async get(key: string): Promise<Buffer | undefined> {
    this.#turn ??= this.#newTurn();
    this.#turn.keys.add(key);
    return (await this.#turn.found).get(key);
  }

  async getMany(keys: readonly string[]): Promise<readonly (Buffer | undefined)[]> {
    const found = await this.#find(new Set(keys));
    return keys.map((key) => found.get(key));
  }

  /** Resolves when they are on stable storage; of two under one key the later stands. Broken off, some of them are. */
  async put(entries: readonly { key: string; value: Buffer }[]): Promise<void> {
    const latest = new Map(entries.map(({ key, value }) => [key, value]));
    const [only] = latest;
    if (latest.size === 1) await this.#table.put(rowOf(...only!));
    else await this.#table.writeMany([...latest].map((entry) => ({ PutRequest: { Item: rowOf(...entry) } })));
  }

  list(prefix: string): AsyncGenerator<{ key: string; value: Buffer }, void, void> {
    const partitions = partitionsWith(prefix).map((partition) => this.#entries(partition, prefix));
    return mergeSorted(partitions, ({ key }) => key);
  }

  /** Asks when whoever is running now has asked for all they want. */
  #newTurn(): Turn {
    const keys = new Set<string>();
    const found = Promise.resolve().then(() => {
      this.#turn = undefined;
      return this.#find(keys);
    });
    return { keys, found };
  }

  async #find(keys: ReadonlySet<string>): Promise<ReadonlyMap<string, Buffer>> {
    const [only, ...others] = [...keys].map(keyOf);
    if (only === undefined) return new Map();
    const rows = others.length > 0 ? await this.#table.getMany([only, ...others]) : [await this.#table.get(only)];
    return new Map(rows.flatMap((row) => (row === undefined ? [] : [[textOf(row, 'sk'), bytesOf(row, 'value')] as const])));
  }

  async *#entries(partition: string, prefix: string): AsyncGenerator<{ key: string; value: Buffer }, void, void> {
    const values = { ':partition': text(partition) };
    const query =
      prefix === ''
        ? { condition: 'pk = :partition', values }
        : { condition: 'pk = :partition AND begins_with(sk, :prefix)', values: { ...values, ':prefix': text(prefix) } };
    for await (const row of this.#table.query(query)) yield { key: textOf(row, 'sk'), value: bytesOf(row, 'value') };
  }
}

function rowOf(key: string, value: Buffer): Row {
  return { ...keyOf(key), value: bytes(value) };
}

function keyOf(key: string): Row {
  return { pk: text(partitionOf(key, shardOf)), sk: text(key) };
}
