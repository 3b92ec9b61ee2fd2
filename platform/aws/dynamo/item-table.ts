import { JoulekeepError } from '../../../events/errors.ts';
import type { ItemKey } from '../../ports/read-models.ts';
import { notWhole } from '../../store/rebuilding.ts';
import type { StoredItem } from '../../store/sealed-items.ts';
import { bytes, bytesOf, number, numberOf, type Row, text, textOf } from './row.ts';
import type { DynamoTable } from './table.ts';

interface Generation {
  readonly used: number;
  readonly made: number;
  /** The one in use began empty and is not whole yet. */
  readonly filling: boolean;
}

/** Of one table, by its name: which generation is in use, and which was made last. */
const GENERATIONS = '~generations';
/** Keys may not be empty, sort keys of items may. */
const MARK = '/';
const ATTEMPTS = 8;

/** Items of read models: the partition key is `<table>#<generation>#<partition>`. It knows no keys of the key table. */
export class ItemTable {
  readonly #table: DynamoTable;
  /** What was in use when last looked at: a guess that saves a call, and is checked with it. */
  readonly #guessed = new Map<string, number>();
  readonly #makes: boolean;

  /** @param makes is not refused by a table that is being filled */
  constructor(table: DynamoTable, makes: boolean) {
    this.#table = table;
    this.#makes = makes;
  }

  /** Number of the generation in use; 0 from the start. */
  async used(name: string): Promise<number> {
    return (await this.#generation(name)).used;
  }

  /** A number that no generation of the table had before. Only the one made last can be used. */
  async make(name: string): Promise<number> {
    const { made } = await this.#change(name, ({ used, made, filling }) => ({ used, made: made + 1, filling }));
    return made;
  }

  /** An empty generation is in use at once. What was there stays until it is swept. */
  async empty(name: string): Promise<void> {
    await this.#change(name, ({ made }) => ({ used: made + 1, made: made + 1, filling: true }));
  }

  async whole(name: string): Promise<void> {
    await this.#change(name, ({ used, made }) => ({ used, made, filling: false }));
  }

  /** Items of generations before it go, and so do those of rebuilds that were not ended. @throws ERR_REBUILD_ABANDONED */
  async use(name: string, generation: number): Promise<void> {
    if (!(await this.#setGeneration(name, { used: generation, made: generation, filling: false }, generation)))
      throw new JoulekeepError('ERR_REBUILD_ABANDONED', `${name}: another rebuild has begun since`);
    await this.sweep(name);
  }

  /** Removes what no generation in use or in the making holds: a look at the whole table, once a rebuild. @returns whether all of it is gone */
  async sweep(name: string, isOver: () => boolean = () => false): Promise<boolean> {
    const { used, made } = await this.#generation(name);
    const start = `${name}#`;
    const found = this.#table.scan('begins_with(pk, :start)', { values: { ':start': text(start) } }, 'pk, sk');
    let stale: Row[] = [];
    for await (const row of found) {
      const generation = Number.parseInt(textOf(row, 'pk').slice(start.length), 10);
      if (generation === used || generation >= made) continue;
      stale.push(row);
      if (stale.length < 100) continue;
      stale = await this.#delete(stale);
      if (isOver()) return false;
    }
    await this.#delete(stale);
    return true;
  }

  /** One that has the same or a later version of its stream stays as it is. @throws ERR_ITEM_STREAM */
  async put(name: string, generation: number, item: StoredItem): Promise<void> {
    const { stream, version, value } = item;
    const written = await this.#table.put(rowOf(name, generation, item), {
      condition: `attribute_not_exists(pk) OR (#stream = :stream AND #version ${value === null ? '<=' : '<'} :version)`,
      names: { '#stream': 'stream', '#version': 'version' },
      values: { ':stream': text(stream), ':version': number(version) },
    });
    if (!written.done && textOf(written.found, 'stream') !== stream)
      throw new JoulekeepError('ERR_ITEM_STREAM', `${name}: an item of ${stream} is made from another stream`);
  }

  /** In the order of the keys, removed ones too. @param fixed generation; undefined: the one in use, which is asked for in the same call */
  async getMany(name: string, fixed: number | undefined, keys: readonly ItemKey[]): Promise<readonly (StoredItem | undefined)[]> {
    for (;;) {
      const generation = fixed ?? this.#guessed.get(name) ?? (await this.used(name));
      const wanted = new Map(keys.map((key) => [JSON.stringify([key.partition, key.sort]), keyOf(name, generation, key)]));
      const rows = await this.#table.getMany([...wanted.values(), ...(fixed === undefined ? [generationKey(name)] : [])]);
      if (fixed === undefined && this.#noted(name, rows.find(isGeneration)).used !== generation) continue;
      const found = new Map(rows.filter((row) => !isGeneration(row)).map((row) => [`${textOf(row, 'pk')}${textOf(row, 'sk')}`, row]));
      return keys.map((key) => {
        const { pk, sk } = keyOf(name, generation, key);
        const row = found.get(`${pk!.S}${sk!.S}`);
        return row && storedItem(key, row);
      });
    }
  }

  /** Those whose sort key begins so, in order, without removed ones. */
  async *query(name: string, generation: number, partition: string, sortPrefix: string): AsyncGenerator<StoredItem, void, void> {
    const values = { ':partition': text(partitionOf(name, generation, partition)), ':prefix': text(MARK + sortPrefix) };
    for await (const item of this.#items(partition, 'pk = :partition AND begins_with(sk, :prefix)', values))
      if (item.value !== null) yield item;
  }

  /** Those from the first sort key up to but without the last, in order, without removed ones. */
  async *range(
    name: string,
    generation: number,
    partition: string,
    { from, until }: { readonly from: string; readonly until: string },
  ): AsyncGenerator<StoredItem, void, void> {
    for await (const item of this.allIn(name, generation, partition, { from, until })) if (item.value !== null) yield item;
  }

  /** The same with removed ones. */
  async *allIn(
    name: string,
    generation: number,
    partition: string,
    { from, until }: { readonly from: string; readonly until: string },
  ): AsyncGenerator<StoredItem, void, void> {
    if (from >= until) return;
    const bounds = { ':from': text(MARK + from), ':until': text(MARK + until) };
    const values = { ':partition': text(partitionOf(name, generation, partition)), ...bounds };
    for await (const item of this.#items(partition, 'pk = :partition AND sk BETWEEN :from AND :until', values))
      if (item.sort !== until) yield item;
  }

  async *#items(partition: string, condition: string, values: Row): AsyncGenerator<StoredItem, void, void> {
    for await (const row of this.#table.query({ condition, values }))
      yield storedItem({ partition, sort: textOf(row, 'sk').slice(MARK.length) }, row);
  }

  async #generation(name: string): Promise<Generation> {
    return this.#noted(name, await this.#table.get(generationKey(name)));
  }

  #noted(name: string, row: Row | undefined): Generation {
    const [used, made] = row === undefined ? [0, 0] : [numberOf(row, 'used'), numberOf(row, 'made')];
    const filling = row?.['filling'] !== undefined;
    this.#guessed.set(name, used);
    if (filling && !this.#makes) throw notWhole(name);
    return { used, made, filling };
  }

  async #change(name: string, next: (generation: Generation) => Generation): Promise<Generation> {
    for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
      const generation = await this.#generation(name);
      const changed = next(generation);
      if (await this.#setGeneration(name, changed, generation.made)) return changed;
    }
    throw new JoulekeepError('ERR_STORE_THROTTLED', `${name}: rebuilds begin one after the other`, { retryable: true });
  }

  /** @returns whether the one made last was the one expected */
  async #setGeneration(name: string, { used, made, filling }: Generation, expected: number): Promise<boolean> {
    const item = { ...generationKey(name), used: number(used), made: number(made), ...(filling && { filling: number(1) }) };
    const first = expected === 0 ? 'attribute_not_exists(pk) OR ' : '';
    const condition = { condition: `${first}#made = :made`, names: { '#made': 'made' }, values: { ':made': number(expected) } };
    return (await this.#table.put(item, condition)).done;
  }

  async #delete(rows: readonly Row[]): Promise<Row[]> {
    await this.#table.writeMany(rows.map(({ pk, sk }) => ({ DeleteRequest: { Key: { pk: pk!, sk: sk! } } })));
    return [];
  }
}

function rowOf(name: string, generation: number, { partition, sort, stream, version, keyId, day, value, endsAt }: StoredItem): Row {
  const ends = endsAt === undefined ? {} : { expiresAt: number(Math.ceil(endsAt / 1000)) };
  const row = { ...keyOf(name, generation, { partition, sort }), stream: text(stream), version: number(version), ...ends };
  return value === null ? row : { ...row, keyId: text(keyId), day: text(day), value: bytes(value) };
}

function storedItem({ partition, sort }: ItemKey, row: Row): StoredItem {
  return {
    partition,
    sort,
    stream: textOf(row, 'stream'),
    version: numberOf(row, 'version'),
    keyId: textOf(row, 'keyId'),
    day: textOf(row, 'day'),
    value: row['value'] === undefined ? null : bytesOf(row, 'value'),
  };
}

function keyOf(name: string, generation: number, { partition, sort }: ItemKey): Row {
  return { pk: text(partitionOf(name, generation, partition)), sk: text(MARK + sort) };
}

function partitionOf(name: string, generation: number, partition: string): string {
  return `${name}#${generation}#${partition}`;
}

function generationKey(name: string): Row {
  return { pk: text(GENERATIONS), sk: text(name) };
}

function isGeneration(row: Row): boolean {
  return textOf(row, 'pk') === GENERATIONS;
}
