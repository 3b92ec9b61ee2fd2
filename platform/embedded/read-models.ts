import type { KeyObject } from 'node:crypto';
import { JoulekeepError } from '../../events/errors.ts';
import type { Defences } from '../../topology/defences.ts';
import type { Item, ItemKey, ItemOwner, NewItem, ReadModels, ReadTable, Rebuild, StreamOwner, SubjectOwner } from '../ports/read-models.ts';
import type { SubjectAccess } from '../ports/subject-access.ts';
import { subjectOfRow } from '../ports/subject-rows.ts';
import type { DataKey } from '../store/commit.ts';
import { dayName, type ItemAt, mayOpen, openValue, sealValue, subjectKeyOf } from '../store/item-seal.ts';
import { keyMayServe } from '../store/key-class.ts';
import type { Keyring } from '../store/keyring.ts';
import { type ItemRow, PAGE_OF_ITEMS, type ReadModelFile } from './read-model-file.ts';
import { prefixEnd } from './sqlite/open.ts';

export interface ReadModelParts {
  readonly file: ReadModelFile;
  /** Who uses these tables. */
  readonly principal: string;
  /** Of the principal. */
  readonly keyring: Keyring;
  readonly defences: Pick<Defences, 'sealedStorage' | 'subjectKeys'>;
}

/** Whose key it is when the mechanism is off. */
const EVERYBODY = 'everybody';

/** Read models on SQLite, as one principal. Several share one `ReadModelFile`. */
export class EmbeddedReadModels implements ReadModels {
  readonly #parts: ReadModelParts;

  constructor(parts: ReadModelParts) {
    this.#parts = parts;
  }

  table(name: string): ReadTable {
    return new EmbeddedTable(this.#parts, name, () => this.#parts.file.used(name));
  }

  async rebuild(name: string): Promise<Rebuild> {
    const { file } = this.#parts;
    const generation = await file.make(name);
    await file.sweep(name);
    return {
      table: new EmbeddedTable(this.#parts, name, () => generation),
      switch: () => file.use(name, generation),
      abandon: async () => {
        await file.make(name);
        await file.sweep(name);
      },
    };
  }
}

class EmbeddedTable implements ReadTable {
  readonly #parts: ReadModelParts;
  readonly #name: string;
  readonly #generation: () => number;

  constructor(parts: ReadModelParts, name: string, generation: () => number) {
    this.#parts = parts;
    this.#name = name;
    this.#generation = generation;
  }

  async put(items: readonly NewItem[]): Promise<void> {
    const rows = await this.#loadKeys(items);
    await this.#parts.file.put(
      this.#name,
      this.#generation(),
      items.map((item) => this.#row(item, rows)),
    );
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

  async getMany(keys: readonly ItemKey[], access?: SubjectAccess): Promise<readonly (Item | undefined)[]> {
    return await this.#items(keys, (row) => this.#item(row, access));
  }

  async takeUp(keys: readonly ItemKey[]): Promise<readonly (Item | undefined)[]> {
    return await this.#items(keys, (row) => this.#item(row, undefined, true));
  }

  async #items(keys: readonly ItemKey[], open: (row: ItemRow) => Promise<Item>): Promise<readonly (Item | undefined)[]> {
    const generation = this.#generation();
    const rows = keys.map(({ partition, sort }) => this.#parts.file.get(this.#name, generation, partition, sort));
    return await Promise.all(rows.map((row) => (row === undefined || row.value === null ? undefined : open(row))));
  }

  query(partition: string, sortPrefix: string, access?: SubjectAccess): AsyncGenerator<Item, void, void> {
    return this.range(partition, sortPrefix, prefixEnd(sortPrefix), access);
  }

  async *range(partition: string, from: string, until: string, access?: SubjectAccess): AsyncGenerator<Item, void, void> {
    for (const row of this.#rows(partition, from, until)) yield await this.#item(row, access);
  }

  async *keys(partition: string, sortPrefix: string): AsyncGenerator<ItemKey, void, void> {
    for (const { sort } of this.#rows(partition, sortPrefix, prefixEnd(sortPrefix))) yield { partition, sort };
  }

  *#rows(partition: string, from: string, until: string): Generator<ItemRow, void, void> {
    const generation = this.#generation();
    let after = '';
    for (;;) {
      const page = this.#parts.file.page(this.#name, generation, partition, { from, until, after });
      yield* page;
      if (page.length < PAGE_OF_ITEMS) return;
      after = page.at(-1)!.sort;
    }
  }

  #row({ partition, sort, upTo, value, owner }: NewItem, rows: ReadonlyMap<string, KeyObject>): ItemRow {
    const row = { partition, sort, ...upTo, key_id: '', day: owner?.day ?? '' };
    if (value === undefined) return { ...row, value: null };
    if (owner === undefined || !this.#parts.defences.sealedStorage) return { ...row, value };
    const key = this.#sealingKey(owner, rows);
    if (key === undefined) return { ...row, value: null };
    const { keyId, bytes } = sealValue({ table: this.#name, partition, sort, upTo }, value, key);
    return { ...row, key_id: keyId, value: bytes };
  }

  #sealingKey(owner: ItemOwner, rows: ReadonlyMap<string, KeyObject>): DataKey | undefined {
    if (isSubject(owner)) return this.#parts.keyring.sealingKey(dayName(owner.day), subjectKeyOf(this.#ownerOf(owner)));
    const key = rows.get(owner.row);
    return key && { keyId: owner.row, key };
  }

  /** @param making see `takeUp` */
  async #item(row: ItemRow, access: SubjectAccess | undefined, making = false): Promise<Item> {
    const { partition, sort, stream, version, key_id: keyId, day } = row;
    const at: ItemAt = { table: this.#name, partition, sort, upTo: { stream, version } };
    const item = { partition, sort, upTo: at.upTo };
    const bytes = bytesOf(row.value!);
    if (keyId === '') return { ...item, value: this.#inClear(at, day, bytes) };
    const free = making && subjectOfRow(keyId) === undefined;
    const key = await (free ? this.#parts.keyring.openingKey(keyId) : this.#keyFor(at, day, keyId, access));
    return key === undefined ? { ...item, value: Buffer.alloc(0), erased: true } : { ...item, value: openValue(at, { keyId, bytes }, key) };
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
