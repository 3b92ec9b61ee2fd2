import type { KeyObject } from 'node:crypto';
import { JoulekeepError } from '../../events/errors.ts';
import type { Defences } from '../../topology/defences.ts';
import type { Item, ItemKey, NewItem, ReadModels, ReadTable, Rebuild } from '../ports/read-models.ts';
import type { SubjectAccess } from '../ports/subject-access.ts';
import { dayName, type ItemAt, mayOpen, openValue, sealValue, subjectKeyOf } from '../store/item-seal.ts';
import type { Keyring } from '../store/keyring.ts';
import { type ItemRow, PAGE_OF_ITEMS, type ReadModelFile } from './read-model-file.ts';

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
    const { file, keyring, defences } = this.#parts;
    const owners = new Map(items.flatMap(({ owner }) => (owner === undefined ? [] : [[this.#whose(owner), owner]])));
    if (defences.sealedStorage) await keyring.prepare([...owners.values()].map((owner) => subjectKeyOf(this.#ownerOf(owner))));
    await file.put(
      this.#name,
      this.#generation(),
      items.map((item) => this.#row(item)),
    );
  }

  async getMany(keys: readonly ItemKey[], access?: SubjectAccess): Promise<readonly (Item | undefined)[]> {
    const generation = this.#generation();
    const rows = keys.map(({ partition, sort }) => this.#parts.file.get(this.#name, generation, partition, sort));
    return await Promise.all(rows.map((row) => (row === undefined || row.value === null ? undefined : this.#item(row, access))));
  }

  async *query(partition: string, sortPrefix: string, access?: SubjectAccess): AsyncGenerator<Item, void, void> {
    for (const row of this.#rows(partition, sortPrefix)) yield await this.#item(row, access);
  }

  async *keys(partition: string, sortPrefix: string): AsyncGenerator<ItemKey, void, void> {
    for (const { sort } of this.#rows(partition, sortPrefix)) yield { partition, sort };
  }

  *#rows(partition: string, sortPrefix: string): Generator<ItemRow, void, void> {
    const generation = this.#generation();
    let after = '';
    for (;;) {
      const page = this.#parts.file.page(this.#name, generation, partition, sortPrefix, after);
      yield* page;
      if (page.length < PAGE_OF_ITEMS) return;
      after = page.at(-1)!.sort;
    }
  }

  #row({ partition, sort, upTo, value, owner }: NewItem): ItemRow {
    const row = { partition, sort, ...upTo, key_id: '', day: owner?.day ?? '' };
    if (value === undefined) return { ...row, value: null };
    if (owner === undefined || !this.#parts.defences.sealedStorage) return { ...row, value };
    const key = this.#parts.keyring.sealingKey(dayName(owner.day), subjectKeyOf(this.#ownerOf(owner)));
    const { keyId, bytes } = sealValue({ table: this.#name, partition, sort, upTo }, value, key);
    return { ...row, key_id: keyId, value: bytes };
  }

  async #item(row: ItemRow, access: SubjectAccess | undefined): Promise<Item> {
    const { partition, sort, stream, version, key_id: keyId, day } = row;
    const at: ItemAt = { table: this.#name, partition, sort, upTo: { stream, version } };
    const item = { partition, sort, upTo: at.upTo };
    const bytes = bytesOf(row.value!);
    if (keyId === '') return { ...item, value: this.#inClear(at, day, bytes) };
    const key = await this.#keyFor(at, day, keyId, access);
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

  #whose({ subject, day }: { readonly subject: string; readonly day: string }): string {
    return `${subject}/${day.slice(0, 7)}`;
  }
}

function bytesOf(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
