import { ALL_DEFENCES, type Defences } from '../../../topology/defences.ts';
import type { Item, ItemKey, NewItem, ReadModels, ReadTable, Rebuild, UpTo } from '../../ports/read-models.ts';
import type { SubjectAccess } from '../../ports/subject-access.ts';
import type { Keyring } from '../../store/keyring.ts';
import { beginRebuild, makesModels } from '../../store/rebuilding.ts';
import { ItemSealer, type StoredItem } from '../../store/sealed-items.ts';
import { ItemTable } from './item-table.ts';
import { DynamoTable, type TableParts } from './table.ts';

export interface DynamoReadModelParts extends TableParts {
  /** Who uses these tables. */
  readonly principal: string;
  /** Of the principal. */
  readonly keyring: Keyring;
  /** Tests only. */
  readonly defences?: Defences;
}

/** Read models on one table of DynamoDB, as one principal. */
export class DynamoReadModels implements ReadModels {
  readonly #items: ItemTable;
  readonly #sealer: ItemSealer;

  constructor(parts: DynamoReadModelParts) {
    const { principal, keyring, defences = ALL_DEFENCES } = parts;
    this.#items = new ItemTable(new DynamoTable(parts), makesModels(principal));
    this.#sealer = new ItemSealer({ principal, keyring, defences });
  }

  table(name: string): ReadTable {
    return new DynamoReadTable(this.#items, this.#sealer, name);
  }

  rebuild(name: string): Promise<Rebuild> {
    return beginRebuild(this.#items, name, (generation) => new DynamoReadTable(this.#items, this.#sealer, name, generation));
  }

  async empty(name: string): Promise<void> {
    await this.#items.empty(name);
  }

  async whole(name: string): Promise<void> {
    await this.#items.whole(name);
  }

  async sweep(name: string, isOver: () => boolean): Promise<boolean> {
    return await this.#items.sweep(name, isOver);
  }
}

class DynamoReadTable implements ReadTable {
  readonly #table: ItemTable;
  readonly #sealer: ItemSealer;
  readonly #name: string;
  /** Undefined: the one in use, whichever that is at each call. */
  readonly #fixed: number | undefined;

  constructor(table: ItemTable, sealer: ItemSealer, name: string, generation?: number) {
    this.#table = table;
    this.#sealer = sealer;
    this.#name = name;
    this.#fixed = generation;
  }

  async put(items: readonly NewItem[]): Promise<void> {
    if (items.length === 0) return;
    const sealed = await this.#sealer.seal(this.#name, items);
    const generation = await this.#generation();
    for (const item of sealed) await this.#table.put(this.#name, generation, item);
  }

  async getMany(keys: readonly ItemKey[], access?: SubjectAccess): Promise<readonly (Item | undefined)[]> {
    return await this.#opened(keys, (stored) => this.#sealer.open(this.#name, stored, access));
  }

  async takeUp(keys: readonly ItemKey[]): Promise<readonly (Item | undefined)[]> {
    return await this.#opened(keys, (stored) => this.#sealer.open(this.#name, stored, undefined, true));
  }

  async #opened(keys: readonly ItemKey[], open: (stored: StoredItem) => Promise<Item>): Promise<readonly (Item | undefined)[]> {
    if (keys.length === 0) return [];
    const found = await this.#table.getMany(this.#name, this.#fixed, keys);
    return await Promise.all(found.map((stored) => (stored === undefined || stored.value === null ? undefined : open(stored))));
  }

  async *query(partition: string, sortPrefix: string, access?: SubjectAccess): AsyncGenerator<Item, void, void> {
    for await (const stored of this.#table.query(this.#name, await this.#generation(), partition, sortPrefix))
      yield await this.#sealer.open(this.#name, stored, access);
  }

  async *range(partition: string, from: string, until: string, access?: SubjectAccess): AsyncGenerator<Item, void, void> {
    for await (const stored of this.#table.range(this.#name, await this.#generation(), partition, { from, until }))
      yield await this.#sealer.open(this.#name, stored, access);
  }

  async *keys(partition: string, sortPrefix: string): AsyncGenerator<ItemKey, void, void> {
    for await (const { sort } of this.#table.query(this.#name, await this.#generation(), partition, sortPrefix)) yield { partition, sort };
  }

  async versions(partition: string, from: string, until: string): Promise<readonly UpTo[]> {
    const found: UpTo[] = [];
    for await (const { stream, version } of this.#table.allIn(this.#name, await this.#generation(), partition, { from, until }))
      found.push({ stream, version });
    return found;
  }

  async #generation(): Promise<number> {
    return this.#fixed ?? (await this.#table.used(this.#name));
  }
}
