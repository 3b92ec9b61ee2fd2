import type { Item, ItemKey, NewItem, ReadModels, ReadTable, Rebuild, UpTo } from '../ports/read-models.ts';
import type { SubjectAccess } from '../ports/subject-access.ts';
import { beginRebuild, makesModels, notWhole } from '../store/rebuilding.ts';
import { ItemSealer, type ItemSealerParts, type StoredItem } from '../store/sealed-items.ts';
import { PAGE_OF_ITEMS, type ReadModelFile } from './read-model-file.ts';
import { prefixEnd } from './sqlite/open.ts';

export interface ReadModelParts extends ItemSealerParts {
  readonly file: ReadModelFile;
}

/** Read models on SQLite, as one principal. Several share one `ReadModelFile`. */
export class EmbeddedReadModels implements ReadModels {
  readonly #file: ReadModelFile;
  readonly #sealer: ItemSealer;
  readonly #makes: boolean;

  constructor({ file, ...parts }: ReadModelParts) {
    this.#file = file;
    this.#makes = makesModels(parts.principal);
    this.#sealer = new ItemSealer(parts);
  }

  table(name: string): ReadTable {
    return new EmbeddedTable(this.#file, this.#sealer, name, () => {
      const { used, filling } = this.#file.inUse(name);
      if (filling && !this.#makes) throw notWhole(name);
      return used;
    });
  }

  rebuild(name: string): Promise<Rebuild> {
    return beginRebuild(this.#file, name, (generation) => new EmbeddedTable(this.#file, this.#sealer, name, () => generation));
  }

  async empty(name: string): Promise<void> {
    await this.#file.empty(name);
  }

  async whole(name: string): Promise<void> {
    await this.#file.whole(name);
  }

  async sweep(name: string, isOver: () => boolean): Promise<boolean> {
    return await this.#file.sweep(name, isOver);
  }
}

class EmbeddedTable implements ReadTable {
  readonly #file: ReadModelFile;
  readonly #sealer: ItemSealer;
  readonly #name: string;
  readonly #generation: () => number;

  constructor(file: ReadModelFile, sealer: ItemSealer, name: string, generation: () => number) {
    this.#file = file;
    this.#sealer = sealer;
    this.#name = name;
    this.#generation = generation;
  }

  async put(items: readonly NewItem[]): Promise<void> {
    const sealed = await this.#sealer.seal(this.#name, items);
    await this.#file.put(this.#name, this.#generation(), sealed);
  }

  async getMany(keys: readonly ItemKey[], access?: SubjectAccess): Promise<readonly (Item | undefined)[]> {
    return await this.#items(keys, (stored) => this.#sealer.open(this.#name, stored, access));
  }

  async takeUp(keys: readonly ItemKey[]): Promise<readonly (Item | undefined)[]> {
    return await this.#items(keys, (stored) => this.#sealer.open(this.#name, stored, undefined, true));
  }

  async #items(keys: readonly ItemKey[], open: (stored: StoredItem) => Promise<Item>): Promise<readonly (Item | undefined)[]> {
    const generation = this.#generation();
    const found = keys.map(({ partition, sort }) => this.#file.get(this.#name, generation, partition, sort));
    return await Promise.all(found.map((stored) => (stored === undefined || stored.value === null ? undefined : open(stored))));
  }

  query(partition: string, sortPrefix: string, access?: SubjectAccess): AsyncGenerator<Item, void, void> {
    return this.range(partition, sortPrefix, prefixEnd(sortPrefix), access);
  }

  async *range(partition: string, from: string, until: string, access?: SubjectAccess): AsyncGenerator<Item, void, void> {
    for (const page of this.#pages(partition, from, until))
      yield* await Promise.all(page.map((stored) => this.#sealer.open(this.#name, stored, access)));
  }

  async *keys(partition: string, sortPrefix: string): AsyncGenerator<ItemKey, void, void> {
    for (const page of this.#pages(partition, sortPrefix, prefixEnd(sortPrefix)))
      yield* page.map(({ sort }): ItemKey => ({ partition, sort }));
  }

  async versions(partition: string, from: string, until: string): Promise<readonly UpTo[]> {
    return this.#file.versions(this.#name, this.#generation(), partition, from, until);
  }

  *#pages(partition: string, from: string, until: string): Generator<readonly StoredItem[], void, void> {
    const generation = this.#generation();
    let after = '';
    for (;;) {
      const page = this.#file.page(this.#name, generation, partition, { from, until, after });
      yield page;
      if (page.length < PAGE_OF_ITEMS) return;
      after = page.at(-1)!.sort;
    }
  }
}
