import { HEAD_FIELDS } from './commit-row.ts';
import { number, type Row, text } from './row.ts';
import type { DynamoTable } from './table.ts';

/** The last commit of a stream, or the last that begins at a version or before; what stands in the place of one that was taken out, too. */
export async function newestRow(table: DynamoTable, stream: string, upTo?: number): Promise<Row | undefined> {
  const bound = upTo === undefined ? {} : { ':upTo': number(upTo) };
  const condition = upTo === undefined ? 'pk = :stream' : 'pk = :stream AND sk <= :upTo';
  const values = { ':stream': text(stream), ...bound };
  for await (const row of table.query({ condition, values, descending: true, limit: 1, ...HEAD_FIELDS })) return row;
  return undefined;
}
