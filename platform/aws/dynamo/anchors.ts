import type { StreamHead } from '../../ports/event-store.ts';
import type { SignedTrim, StoredAnchor } from '../../store/trim-record.ts';
import { bytes, bytesOf, number, numberOf, type Row, text } from './row.ts';
import { nameAttributes } from './stream-names.ts';
import type { DynamoTable } from './table.ts';

/** No name of a stream begins so: what listens to streams never hears of anchors. */
const PREFIX = '~anchor/';

/** Where the hot parts of streams begin: an item per stream, with the whole of the signed record, so that one read is enough. */
export class Anchors {
  readonly #table: DynamoTable;

  constructor(table: DynamoTable) {
    this.#table = table;
  }

  async get(stream: string): Promise<StoredAnchor | undefined> {
    const row = await this.#table.get(anchorKey(stream));
    if (row === undefined) return undefined;
    const head = { stream, version: numberOf(row, 'version'), hash: bytesOf(row, 'hash') };
    return { head, trim: { payload: bytesOf(row, 'payload'), signature: bytesOf(row, 'signature') } };
  }

  /**
   * Never moves an anchor back. @param again whether to replace one at the same head
   * @returns whether the stream begins there now by this record
   */
  async set({ stream, version, hash }: StreamHead, { payload, signature }: SignedTrim, again: boolean): Promise<boolean> {
    const item: Row = {
      ...anchorKey(stream),
      ...nameAttributes(stream),
      version: number(version),
      hash: bytes(hash),
      payload: bytes(payload),
      signature: bytes(signature),
    };
    const condition = `attribute_not_exists(pk) OR #version ${again ? '<=' : '<'} :version`;
    const { done } = await this.#table.put(item, { condition, names: { '#version': 'version' }, values: { ':version': number(version) } });
    return done;
  }
}

function anchorKey(stream: string): Row {
  return { pk: text(PREFIX + stream), sk: number(0) };
}
