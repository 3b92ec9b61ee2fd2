import { shardOf } from '../../store/shards.ts';
import { mergeSorted } from './merge.ts';
import { type Row, text, textOf } from './row.ts';
import type { DynamoTable } from './table.ts';

const INDEX = 'names';
/** So many partitions of the index share the writes of a night in which every meter begins a stream. */
const SHARDS = 16;
/** `<class>/<id>`: what a stream's shard follows from, so that the days of a meter are found in one. */
const SUBJECT = /^[^/]+\/[^/]+/;
const WHOLE_SUBJECT = /^[^/]+\/[^/]+\//;

/** What the first commit of a stream, and its anchor, carry so that the stream's name is found. */
export function nameAttributes(stream: string): Row {
  return { shard: text(shardName(SUBJECT.exec(stream)?.[0] ?? stream)), name: text(stream) };
}

/** Names of streams with this prefix, in their order. The index is behind the table by moments. */
export function streamNames(table: DynamoTable, prefix: string): AsyncGenerator<string, void, void> {
  const subject = WHOLE_SUBJECT.exec(prefix)?.[0].slice(0, -1);
  const shards = subject === undefined ? Array.from({ length: SHARDS }, (_, i) => nameOf(i)) : [shardName(subject)];
  return mergeSorted(
    shards.map((shard) => named(table, shard, prefix)),
    (name) => name,
  );
}

/** Everything the index has under a name that is no shard of streams. */
export function listed(table: DynamoTable, shard: string): AsyncGenerator<string, void, void> {
  return named(table, shard, '');
}

async function* named(table: DynamoTable, shard: string, prefix: string): AsyncGenerator<string, void, void> {
  const names = { '#shard': 'shard', '#name': 'name' };
  const query =
    prefix === ''
      ? { condition: '#shard = :shard', names: { '#shard': 'shard' }, values: { ':shard': text(shard) } }
      : { condition: '#shard = :shard AND begins_with(#name, :prefix)', names, values: { ':shard': text(shard), ':prefix': text(prefix) } };
  for await (const row of table.query({ ...query, index: INDEX })) yield textOf(row, 'name');
}

function shardName(subject: string): string {
  return nameOf(shardOf(subject, SHARDS));
}

function nameOf(shard: number): string {
  return `streams-${String(shard).padStart(2, '0')}`;
}
