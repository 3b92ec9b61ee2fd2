import { JoulekeepError } from '../../events/index.ts';
import type { Item, ItemKey, ItemOwner, NewItem, ReadModels, ReadTable, Rebuild } from '../../platform/ports/read-models.ts';
import type { SubjectAccess } from '../../platform/ports/subject-access.ts';
import { subjectOfRow } from '../../platform/ports/subject-rows.ts';
import { mayOpen, subjectKeyOf } from '../../platform/store/item-seal.ts';
import { keyMayServe, keyRowId, subjectClass } from '../../platform/store/key-class.ts';
import { makesModels, notWhole } from '../../platform/store/rebuilding.ts';

interface Kept extends NewItem {
  /** Empty where it is nobody's. */
  readonly row: string;
}

interface Generations {
  used: number;
  made: number;
  filling: boolean;
  readonly items: Map<number, Map<string, Kept>>;
}

/** Read models in memory. Several principals may share one. */
export class MemoryModels {
  /** Called before each item is written: throwing plays a crash in the middle of a put. */
  beforePut: ((table: string, item: NewItem) => void) | undefined;
  readonly #tables = new Map<string, Generations>();
  readonly #destroyed = new Set<string>();

  as(principal: string): ReadModels {
    return {
      table: (name) =>
        this.#view(name, principal, ({ used, filling }) => {
          if (filling && !makesModels(principal)) throw notWhole(name);
          return used;
        }),
      rebuild: async (name) => this.#rebuild(name, principal),
      empty: async (name) => {
        const table = this.#table(name);
        table.used = ++table.made;
        table.filling = true;
      },
      whole: async (name) => {
        this.#table(name).filling = false;
      },
      sweep: async (name) => {
        const { used, made, items } = this.#table(name);
        for (const generation of items.keys()) if (generation !== used && generation < made) items.delete(generation);
        return true;
      },
    };
  }

  /** Destroys a subject's usage key of a month. @param month `yyyy-mm` */
  erase(subject: string, month: string): void {
    this.eraseRow(rowOf({ subject, day: `${month}-01` }));
  }

  /** Destroys a row of the key table. */
  eraseRow(row: string): void {
    this.#destroyed.add(row);
  }

  /** All items of the generation in use, for assertions, in key order. */
  dump(name: string): { key: string; value: string; upTo: string }[] {
    const table = this.#table(name);
    return [...(table.items.get(table.used) ?? [])]
      .filter(([, { value }]) => value !== undefined)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, { value, upTo }]) => ({ key, value: value!.toString('latin1'), upTo: `${upTo.stream}@${upTo.version}` }));
  }

  #rebuild(name: string, principal: string): Rebuild {
    const table = this.#table(name);
    const generation = ++table.made;
    return {
      table: this.#view(name, principal, () => generation),
      switch: async () => {
        if (table.made !== generation) throw new JoulekeepError('ERR_REBUILD_ABANDONED', `${name}: another rebuild has begun since`);
        table.used = generation;
        table.filling = false;
      },
      abandon: async () => {
        table.made++;
        if (table.used !== generation) table.items.delete(generation);
      },
    };
  }

  #table(name: string): Generations {
    const table = this.#tables.get(name) ?? { used: 0, made: 0, filling: false, items: new Map() };
    this.#tables.set(name, table);
    return table;
  }

  #view(name: string, principal: string, generation: (table: Generations) => number): ReadTable {
    const items = () => {
      const table = this.#table(name);
      const of = table.items.get(generation(table)) ?? new Map<string, Kept>();
      table.items.set(generation(table), of);
      return of;
    };
    return {
      put: async (written) => {
        for (const item of written) this.#put(name, items(), item);
      },
      getMany: async (keys, access) => keys.map((key) => this.#item(items().get(keyOf(key)), access, principal)),
      takeUp: async (keys) => keys.map((key) => this.#item(items().get(keyOf(key)), undefined, principal, true)),
      query: (partition, prefix, access) => this.#range(items, partition, [prefix, `${prefix}\u{10ffff}`], access, principal),
      range: (partition, from, until, access) => this.#range(items, partition, [from, until], access, principal),
      keys: async function* (partition, prefix) {
        const there = [...items().values()].filter(({ value }) => value !== undefined);
        const found = there.filter((item) => item.partition === partition && item.sort.startsWith(prefix));
        for (const { sort } of found.sort((a, b) => (a.sort < b.sort ? -1 : 1))) yield { partition, sort };
      },
      versions: async (partition, from, until) =>
        [...items().values()]
          .filter((item) => item.partition === partition && item.sort >= from && item.sort < until)
          .sort((a, b) => (a.sort < b.sort ? -1 : 1))
          .map(({ upTo }) => upTo),
    };
  }

  #put(name: string, items: Map<string, Kept>, item: NewItem): void {
    this.beforePut?.(name, item);
    const there = items.get(keyOf(item));
    if (there !== undefined && there.upTo.stream !== item.upTo.stream)
      throw new JoulekeepError('ERR_ITEM_STREAM', `${name}: an item of ${item.upTo.stream} is made from another stream`);
    const isAhead = (version: number) => (item.value === undefined ? version > item.upTo.version : version >= item.upTo.version);
    if (there !== undefined && isAhead(there.upTo.version)) return;
    const row = item.owner === undefined ? '' : rowOf(item.owner);
    if (item.owner !== undefined && !('subject' in item.owner) && (subjectOfRow(row) !== undefined || !keyMayServe(item.upTo.stream, row)))
      throw new JoulekeepError('ERR_ITEM_OWNER', `${item.upTo.stream}: its items are not sealed by a row of another stream or subject`);
    const isGone = this.#destroyed.has(row) && !('subject' in item.owner!);
    items.set(keyOf(item), { ...item, row, ...(isGone && { value: undefined }) });
  }

  async *#range(
    items: () => Map<string, Kept>,
    partition: string,
    [from, until]: readonly [string, string],
    access: SubjectAccess | undefined,
    principal: string,
  ) {
    const found = [...items().values()].filter((item) => item.partition === partition && item.sort >= from && item.sort < until);
    for (const kept of found.sort((a, b) => (a.sort < b.sort ? -1 : 1))) {
      const item = this.#item(kept, access, principal);
      if (item !== undefined) yield item;
    }
  }

  #item(kept: Kept | undefined, access: SubjectAccess | undefined, principal: string, making = false): Item | undefined {
    if (kept?.value === undefined) return undefined;
    const { partition, sort, upTo, owner, row, value } = kept;
    if (this.#destroyed.has(row)) return { partition, sort, upTo, value: Buffer.alloc(0), erased: true };
    const isFree = making && subjectOfRow(row) === undefined;
    if (owner !== undefined && !isFree && !mayOpen(access, owner.day, row, principal))
      throw new JoulekeepError('ERR_SUBJECT_SEALED', `an item of ${upTo.stream} holds data of a subject that the reader has no access to`);
    return { partition, sort, upTo, value };
  }
}

function keyOf({ partition, sort }: ItemKey): string {
  return `${partition}\0${sort}`;
}

function rowOf(owner: ItemOwner): string {
  if (!('subject' in owner)) return owner.row;
  return keyRowId(subjectClass(subjectKeyOf(owner)), 0);
}
