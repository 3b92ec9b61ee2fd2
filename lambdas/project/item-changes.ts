import type { Item, ItemKey, ItemOwner, NewItem, ReadTable, UpTo } from '../../platform/ports/read-models.ts';

/** How the value of an item lies in its table. */
export interface ItemKind<Value> {
  readonly read: (bytes: Buffer) => Value;
  readonly write: (value: Value) => Buffer;
}

interface Changed<Value> extends ItemKey {
  readonly owner: ItemOwner | undefined;
  readonly empty: () => Value;
  readonly steps: { readonly version: number; readonly apply: (value: Value) => void }[];
}

/** Values that are plain enough for JSON. */
export function jsonKind<Value>(): ItemKind<Value> {
  return { read: (bytes) => JSON.parse(bytes.toString()) as Value, write: (value) => Buffer.from(JSON.stringify(value)) };
}

/**
 * What commits of one stream change about the items of one table. An item knows up to which version it is, so a commit
 * changes it once, however often and in whatever company it is taken up again.
 */
export class ItemChanges<Value> {
  readonly #kind: ItemKind<Value>;
  readonly #changed = new Map<string, Changed<Value>>();

  constructor(kind: ItemKind<Value>) {
    this.#kind = kind;
  }

  /** @param version of the commit's first event @param empty value of an item that isn't there yet */
  add(key: ItemKey, version: number, apply: (value: Value) => void, empty: () => Value, owner?: ItemOwner): void {
    const { partition, sort } = key;
    const name = `${partition}\0${sort}`;
    const changed = this.#changed.get(name) ?? { partition, sort, owner, empty, steps: [] };
    changed.steps.push({ version, apply });
    this.#changed.set(name, changed);
  }

  /** The items as they will be. What is erased does not come back: such an item begins again with what is new. */
  async onto(table: ReadTable, upTo: UpTo): Promise<NewItem[]> {
    const changed = [...this.#changed.values()];
    const there = await table.takeUp(changed);
    return changed.flatMap((change, i) => this.#next(change, there[i], upTo));
  }

  #next({ partition, sort, owner, empty, steps }: Changed<Value>, there: Item | undefined, upTo: UpTo): NewItem[] {
    const known = there?.upTo.version ?? -1;
    const due = steps.filter(({ version }) => version > known);
    if (due.length === 0) return [];
    const value = there === undefined || there.erased ? empty() : this.#kind.read(there.value);
    for (const { apply } of due) apply(value);
    return [{ partition, sort, upTo, value: this.#kind.write(value), ...(owner === undefined ? {} : { owner }) }];
  }
}
