import type { KeyObject } from 'node:crypto';
import { JoulekeepError } from '../../events/errors.ts';
import type { Defences } from '../../topology/defences.ts';
import type { Item, ItemOwner, NewItem, StreamOwner, SubjectOwner } from '../ports/read-models.ts';
import type { SubjectAccess } from '../ports/subject-access.ts';
import { subjectOfRow } from '../ports/subject-rows.ts';
import type { DataKey } from './commit.ts';
import { dayName, type ItemAt, mayOpen, openValue, sealValue, subjectKeyOf } from './item-seal.ts';
import { keyMayServe } from './key-class.ts';
import type { Keyring } from './keyring.ts';

/** An item as it lies in a table. */
export interface StoredItem {
  readonly partition: string;
  readonly sort: string;
  readonly stream: string;
  readonly version: number;
  /** Row of the key table that seals the value; empty for one in clear. */
  readonly keyId: string;
  /** Date of whose it is; empty when it is nobody's. */
  readonly day: string;
  /** Null where the item is removed: what is left keeps older versions of it from coming back. */
  readonly value: Uint8Array | null;
  /** UTC ms; absent where it has no end. */
  readonly endsAt?: number;
}

export interface ItemSealerParts {
  /** Who uses the tables. */
  readonly principal: string;
  /** Of the principal. */
  readonly keyring: Keyring;
  readonly defences: Pick<Defences, 'sealedStorage' | 'subjectKeys'>;
}

/** Whose key it is when the mechanism is off. */
const EVERYBODY = 'everybody';

/** Seals and opens items of read models, as one principal, wherever a platform keeps them. */
export class ItemSealer {
  readonly #parts: ItemSealerParts;

  constructor(parts: ItemSealerParts) {
    this.#parts = parts;
  }

  /** In the order given. @throws ERR_ITEM_OWNER */
  async seal(table: string, items: readonly NewItem[]): Promise<readonly StoredItem[]> {
    const rows = await this.#loadKeys(items);
    return items.map((item) => this.#stored(table, item, rows));
  }

  /**
   * An item that is not removed. @param making see `ReadTable.takeUp`
   * @throws ERR_SUBJECT_SEALED, ERR_ITEM_DAMAGED
   */
  async open(table: string, stored: StoredItem, access: SubjectAccess | undefined, making = false): Promise<Item> {
    const { partition, sort, stream, version, keyId, day } = stored;
    const at: ItemAt = { table, partition, sort, upTo: { stream, version } };
    const item = { partition, sort, upTo: at.upTo };
    const bytes = bytesOf(stored.value!);
    if (keyId === '') return { ...item, value: this.#inClear(at, day, bytes) };
    const free = making && subjectOfRow(keyId) === undefined;
    const key = await (free ? this.#parts.keyring.openingKey(keyId) : this.#keyFor(at, day, keyId, access));
    return key === undefined ? { ...item, value: Buffer.alloc(0), erased: true } : { ...item, value: openValue(at, { keyId, bytes }, key) };
  }

  /** Keys of subjects into the keyring. @returns the others, by row; those that are destroyed are not among them */
  async #loadKeys(items: readonly NewItem[]): Promise<ReadonlyMap<string, KeyObject>> {
    const { keyring, defences } = this.#parts;
    const opened = new Map<string, KeyObject>();
    if (!defences.sealedStorage) return opened;
    const subjects = new Map<string, SubjectOwner>();
    const rows = new Set<string>();
    for (const { owner, upTo } of items) {
      if (owner === undefined) continue;
      if (isSubject(owner)) subjects.set(`${owner.subject}/${owner.day.slice(0, 7)}`, owner);
      else rows.add(checkedRow(owner, upTo.stream));
    }
    await keyring.prepare([...subjects.values()].map((owner) => subjectKeyOf(this.#ownerOf(owner))));
    for (const row of rows) {
      const key = await keyring.openingKey(row);
      if (key !== undefined) opened.set(row, key);
    }
    return opened;
  }

  #stored(table: string, { partition, sort, upTo, value, owner, endsAt }: NewItem, rows: ReadonlyMap<string, KeyObject>): StoredItem {
    const stored = { partition, sort, ...upTo, keyId: '', day: owner?.day ?? '', ...(endsAt === undefined ? {} : { endsAt }) };
    if (value === undefined) return { ...stored, value: null };
    if (owner === undefined || !this.#parts.defences.sealedStorage) return { ...stored, value };
    const key = this.#sealingKey(owner, rows);
    if (key === undefined) return { ...stored, value: null };
    const { keyId, bytes } = sealValue({ table, partition, sort, upTo }, value, key);
    return { ...stored, keyId, value: bytes };
  }

  #sealingKey(owner: ItemOwner, rows: ReadonlyMap<string, KeyObject>): DataKey | undefined {
    if (isSubject(owner)) return this.#parts.keyring.sealingKey(dayName(owner.day), subjectKeyOf(this.#ownerOf(owner)));
    const key = rows.get(owner.row);
    return key && { keyId: owner.row, key };
  }

  /** What somebody owns never lies in clear, but under the proof harness. */
  #inClear({ table, upTo }: ItemAt, day: string, value: Buffer): Buffer {
    if (day === '' || !this.#parts.defences.sealedStorage) return value;
    throw new JoulekeepError('ERR_ITEM_DAMAGED', `${table}: an item of ${upTo.stream} is not sealed`);
  }

  /** What is destroyed is gone for everybody alike; what is there opens for whoever has access to its subject. */
  async #keyFor({ table, upTo }: ItemAt, day: string, keyId: string, access: SubjectAccess | undefined): Promise<KeyObject | undefined> {
    const { keyring, principal, defences } = this.#parts;
    if (!defences.subjectKeys || mayOpen(access, day, keyId, principal)) return await keyring.openingKey(keyId);
    if (!(await keyring.isThere(keyId))) return undefined;
    throw new JoulekeepError(
      'ERR_SUBJECT_SEALED',
      `${table}: an item of ${upTo.stream} holds data of a subject that the reader has no access to`,
    );
  }

  #ownerOf<Owner extends { readonly subject: string }>(owner: Owner): Owner {
    return this.#parts.defences.subjectKeys ? owner : { ...owner, subject: EVERYBODY };
  }
}

function isSubject(owner: ItemOwner): owner is SubjectOwner {
  return 'subject' in owner;
}

/** @throws ERR_ITEM_OWNER */
function checkedRow({ row }: StreamOwner, stream: string): string {
  if (subjectOfRow(row) === undefined && keyMayServe(stream, row)) return row;
  throw new JoulekeepError('ERR_ITEM_OWNER', `${stream}: its items are not sealed by a row of another stream or subject`);
}

function bytesOf(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
