import { JoulekeepError } from '../../../events/errors.ts';
import { type KeyRow, type KeyTable, leavesTombstone } from '../../ports/key-table.ts';
import { bytes, bytesOf, number, numberOf, type Row, text, textOf } from './row.ts';
import { DynamoTable, type TableParts } from './table.ts';

/**
 * Wrapped keys on a table of DynamoDB that has neither backups nor a change stream. Who may do what is IAM's to say, row by row: the
 * partition key of every row begins like its id. A destroyed row leaves its id behind, so that the id is never used again; rows of
 * epochs leave nothing, there are too many. Faults have the codes of `dynamoError`, but ERR_KEY_TABLE_ACCESS_DENIED.
 */
export class DynamoKeyTable implements KeyTable {
  readonly #table: DynamoTable;
  readonly #watchers: ((id: string) => void)[] = [];

  constructor(parts: TableParts) {
    this.#table = new DynamoTable(parts);
  }

  async get(id: string): Promise<KeyRow | undefined> {
    const row = await denied(this.#table.get(keyOf(id)));
    return row === undefined || isDestroyed(row) ? undefined : keyRow(row);
  }

  async putIfAbsent(row: KeyRow): Promise<KeyRow> {
    const { id, wrapped, wrappedBy, createdAt, destroyAt } = row;
    const item = { ...keyOf(id), wrapped: bytes(wrapped), wrappedBy: text(wrappedBy), createdAt: number(createdAt) };
    const ended =
      destroyAt === undefined ? {} : { destroyAt: number(destroyAt), ...(this.endsByItself(id) && { expiresAt: seconds(destroyAt) }) };
    const written = await denied(this.#table.put({ ...item, ...ended }, { condition: 'attribute_not_exists(pk)' }));
    if (written.done) return row;
    if (isDestroyed(written.found)) throw new JoulekeepError('ERR_KEY_DESTROYED', 'this row was destroyed');
    return keyRow(written.found);
  }

  async list(prefix: string): Promise<readonly KeyRow[]> {
    return (await this.#rows(prefix)).filter((row) => !isDestroyed(row)).map(keyRow);
  }

  async destroyed(prefix: string): Promise<readonly string[]> {
    return (await this.#rows(prefix)).filter(isDestroyed).map(idOf);
  }

  async destroy(id: string): Promise<void> {
    if (leavesTombstone(id)) await denied(this.#bury(id));
    else await denied(this.#table.delete(keyOf(id)));
    for (const destroyed of this.#watchers) destroyed(id);
  }

  /** Tokens are too many to be looked for: each would be a read of the whole table. No backup has them, and what is sealed in them is judged by its own end. */
  endsByItself(prefix: string): boolean {
    return prefix.startsWith('token/') || prefix.startsWith('kept/');
  }

  /** Tells whoever holds unwrapped keys in this process that a row is destroyed, before the destruction settles. */
  watch(destroyed: (id: string) => void): void {
    this.#watchers.push(destroyed);
  }

  /** Whether a row of a stream was destroyed on purpose. */
  async wasDestroyed(id: string): Promise<boolean> {
    const row = await denied(this.#table.get(keyOf(id)));
    return row !== undefined && isDestroyed(row);
  }

  async #bury(id: string): Promise<void> {
    await this.#table.update(keyOf(id), 'SET #destroyed = :yes REMOVE #wrapped, #wrappedBy, #createdAt, #destroyAt', {
      condition: 'attribute_exists(pk)',
      names: {
        '#destroyed': 'destroyed',
        '#wrapped': 'wrapped',
        '#wrappedBy': 'wrappedBy',
        '#createdAt': 'createdAt',
        '#destroyAt': 'destroyAt',
      },
      values: { ':yes': { BOOL: true } },
    });
  }

  /** In id order. A prefix that leaves the partition open is a look at the whole table, which no role may have. */
  async #rows(prefix: string): Promise<readonly Row[]> {
    const [partition, rest] = split(prefix);
    const whole = partition.split('/').length - 1 === segmentsOf(prefix) && partition.length >= endOfSpread(prefix);
    const rows = await denied(
      Array.fromAsync(whole ? this.#under(partition, rest) : this.#table.scan('begins_with(pk, :start)', startOf(prefix))),
    );
    return rows.filter((row) => idOf(row).startsWith(prefix)).sort((a, b) => (idOf(a) < idOf(b) ? -1 : 1));
  }

  #under(partition: string, rest: string): AsyncIterable<Row> {
    const values = { ':partition': text(partition) };
    if (rest === '') return this.#table.query({ condition: 'pk = :partition', values });
    return this.#table.query({ condition: 'pk = :partition AND begins_with(sk, :rest)', values: { ...values, ':rest': text(rest) } });
  }
}

/** Rows of shards are few and listed as a whole; all others lie apart by meter, subject, segment or class. */
function segmentsOf(id: string): number {
  return id.startsWith('shard/') ? 1 : 2;
}

/** Partition key with its last slash, and the rest, which is never empty in a row's id. */
function split(id: string): readonly [string, string] {
  let end = 0;
  for (let segments = segmentsOf(id); segments > 0; segments--) {
    const slash = id.indexOf('/', end);
    if (slash < 0) break;
    end = slash + 1;
  }
  // Of the hash that follows, its first two digits: a request writes a mark, and a partition takes a thousand writes a second.
  const spread = endOfSpread(id);
  const cut = id.length >= spread ? Math.max(end, spread) : end;
  return [id.slice(0, cut), id.slice(cut)];
}

/** What a request at a door looks for and marks. Of what older versions put elsewhere nothing is left. */
const SPREAD = /^token\/(?:proof|session[a-z-]*)\//;
const SPREAD_DIGITS = 2;

/** Where the digits end; 0 for what is not spread. */
function endOfSpread(id: string): number {
  const found = SPREAD.exec(id);
  return found === null ? 0 : found[0].length + SPREAD_DIGITS;
}

function keyOf(id: string): Row {
  const [partition, rest] = split(id);
  return { pk: text(partition), sk: text(rest) };
}

function idOf(row: Row): string {
  return textOf(row, 'pk') + textOf(row, 'sk');
}

function startOf(prefix: string): { values: Row } {
  return { values: { ':start': text(prefix.slice(0, prefix.lastIndexOf('/') + 1)) } };
}

/** The table's clock counts whole seconds; no row goes before its end. */
function seconds(at: number) {
  return number(Math.ceil(at / 1_000));
}

function isDestroyed(row: Row): boolean {
  return row['destroyed']?.BOOL === true;
}

function keyRow(row: Row): KeyRow {
  const read = {
    id: idOf(row),
    wrapped: bytesOf(row, 'wrapped'),
    wrappedBy: textOf(row, 'wrappedBy'),
    createdAt: numberOf(row, 'createdAt'),
  };
  return row['destroyAt'] === undefined ? read : { ...read, destroyAt: numberOf(row, 'destroyAt') };
}

async function denied<T>(asked: Promise<T>): Promise<T> {
  try {
    return await asked;
  } catch (error) {
    if (!(error instanceof JoulekeepError) || error.code !== 'ERR_STORE_ACCESS_DENIED') throw error;
    throw new JoulekeepError('ERR_KEY_TABLE_ACCESS_DENIED', 'the principal may not do this with the row', { cause: error });
  }
}
