import type { ObjectStore } from '../../platform/ports/platform.ts';
import { encodeEntry, type LogEntry, parseEntries } from '../../protocol/log/entry.ts';
import { rootOf } from '../../protocol/log/growing-root.ts';
import { EMPTY_ROOT, hashesIn, LOG_HASH_BYTES, leafHash } from '../../protocol/log/hashes.ts';
import { rootOfRange } from '../../protocol/log/proofs.ts';
import { bundlePath, hashInTile, TILE_WIDTH, type TileSpan, tileOf, tilePath } from '../../protocol/log/tiles.ts';
import { ProtocolRefusal } from '../../protocol/refusal.ts';
import { LOG_PREFIX } from './places.ts';

/** Tiles and entries of the log, as objects. Nothing here is believed before its hashes are those of a signed root. */
export class LogFiles {
  readonly #objects: Pick<ObjectStore, 'get' | 'put'>;

  constructor(objects: Pick<ObjectStore, 'get' | 'put'>) {
    this.#objects = objects;
  }

  /** Hashes of subtrees of the log with so many entries, each tile read once. @throws ProtocolRefusal ERR_LOG_REFUSED when a tile is not there whole */
  hashesAt(size: number): (level: number, index: number) => Promise<Buffer> {
    const tiles = new Map<string, Promise<Buffer>>();
    return async (level, index) => {
      const { tile, start, end } = tileOf(level, index, size);
      const path = tilePath(tile);
      const bytes = tiles.get(path) ?? this.tile(tile);
      tiles.set(path, bytes);
      return hashInTile(await bytes, start, end);
    };
  }

  /** Root over the first `size` entries, by the tiles. @throws ProtocolRefusal ERR_LOG_REFUSED */
  async rootAt(size: number): Promise<Buffer> {
    return size === 0 ? EMPTY_ROOT : await rootOfRange(0, size, this.hashesAt(size));
  }

  /** Hashes of a tile. @throws ProtocolRefusal ERR_LOG_REFUSED when it is not there whole */
  async tile(span: TileSpan): Promise<Buffer> {
    const bytes = await this.#objects.get(LOG_PREFIX + tilePath(span));
    if (bytes?.length !== span.width * LOG_HASH_BYTES) throw new ProtocolRefusal('ERR_LOG_REFUSED', 'tile');
    return bytes;
  }

  /** Entries of tile `index` of level 0 in a log of `size`. @throws ProtocolRefusal ERR_LOG_REFUSED */
  async bundle(index: number, size: number): Promise<readonly LogEntry[]> {
    const width = Math.min(TILE_WIDTH, size - index * TILE_WIDTH);
    const bytes = await this.#objects.get(LOG_PREFIX + bundlePath(index, width));
    const entries = bytes === undefined ? [] : parseEntries(bytes);
    if (entries.length !== width) throw new ProtocolRefusal('ERR_LOG_REFUSED', 'entries');
    return entries;
  }

  /** Entries `from` to `size` (not included) of a log of `size`, in their order. @throws ProtocolRefusal ERR_LOG_REFUSED */
  async *entries(from: number, size: number): AsyncGenerator<LogEntry, void, void> {
    for (let index = Math.floor(from / TILE_WIDTH); index * TILE_WIDTH < size; index++) {
      const bundle = await this.bundle(index, size);
      yield* bundle.slice(Math.max(0, from - index * TILE_WIDTH));
    }
  }

  /**
   * Writes what a log of `from` entries becomes with these behind it. Nobody knows of it until a checkpoint says so, and what breaks off is
   * written over. @returns root over all of them @throws ProtocolRefusal ERR_LOG_REFUSED
   */
  async extend(from: number, added: readonly LogEntry[]): Promise<Buffer> {
    const entries = added.map(encodeEntry);
    const kept = from % TILE_WIDTH === 0 ? [] : await this.bundle(upper(from), from);
    for (const { index, of } of inTiles(upper(from), [...kept.map(encodeEntry), ...entries]))
      await this.#objects.put(LOG_PREFIX + bundlePath(index, of.length), Buffer.concat(of));
    let [level, first, hashes] = [0, from, entries.map(leafHash)];
    while (hashes.length > 0) {
      const tiles = inTiles(upper(first), [...(await this.#kept(level, first)), ...hashes]);
      for (const { index, of } of tiles)
        await this.#objects.put(LOG_PREFIX + tilePath({ level, index, width: of.length }), Buffer.concat(of));
      // A tile that is full is one hash of the level above.
      hashes = tiles.filter(({ of }) => of.length === TILE_WIDTH).map(({ of }) => rootOf(of));
      [level, first] = [level + 1, upper(first)];
    }
    return await this.rootAt(from + added.length);
  }

  /** What the last tile of a level with `count` hashes has, when it isn't full. */
  async #kept(level: number, count: number): Promise<Buffer[]> {
    const width = count % TILE_WIDTH;
    if (width === 0) return [];
    return hashesIn(await this.tile({ level, index: upper(count), width }));
  }
}

/** Cut into tiles, of which the first has this index. */
function inTiles<Item>(first: number, items: readonly Item[]): { readonly index: number; readonly of: readonly Item[] }[] {
  return Array.from({ length: Math.ceil(items.length / TILE_WIDTH) }, (_, at) => ({
    index: first + at,
    of: items.slice(at * TILE_WIDTH, (at + 1) * TILE_WIDTH),
  }));
}

const upper = (count: number): number => Math.floor(count / TILE_WIDTH);
