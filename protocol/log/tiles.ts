import { rootOf } from './growing-root.ts';
import { hashesIn, LOG_HASH_BYTES } from './hashes.ts';

/** Hashes of a full tile, entries of a full bundle. @source C2SP tlog-tiles */
export const TILE_WIDTH = 256;
/** Levels of the tree that one level of tiles spans. */
const TILE_HEIGHT = 8;

/** A tile, or the part of one that a log of some size has. Level 0 holds leaf hashes, each level roots of full tiles of the one below. */
export interface TileSpan {
  readonly level: number;
  readonly index: number;
  /** Hashes in it, 1 to 256. */
  readonly width: number;
}

/** Path of a tile behind the log's place: `tile/0/x001/067`, partial ones `tile/0/x001/067.p/12`. */
export function tilePath({ level, index, width }: TileSpan): string {
  return `tile/${level}/${spanPath(index, width)}`;
}

/** Path of the bundle with the entries of tile `index` of level 0. */
export function bundlePath(index: number, width: number): string {
  return `entries/${spanPath(index, width)}`;
}

/** The tile of a log of `size` entries that has the subtree of 2^level leaves in it, and its hashes there. */
export function tileOf(
  level: number,
  index: number,
  size: number,
): { readonly tile: TileSpan; readonly start: number; readonly end: number } {
  const tileLevel = Math.floor(level / TILE_HEIGHT);
  const span = 2 ** (level % TILE_HEIGHT);
  const tileIndex = upper(index * span);
  const width = Math.min(TILE_WIDTH, Math.floor(size / TILE_WIDTH ** tileLevel) - tileIndex * TILE_WIDTH);
  const start = index * span - tileIndex * TILE_WIDTH;
  return { tile: { level: tileLevel, index: tileIndex, width }, start, end: start + span };
}

/** Hash of the subtree over hashes `start` to `end` of a tile's bytes. */
export function hashInTile(bytes: Buffer, start: number, end: number): Buffer {
  return rootOf(hashesIn(bytes.subarray(start * LOG_HASH_BYTES, end * LOG_HASH_BYTES)));
}

const upper = (count: number): number => Math.floor(count / TILE_WIDTH);

/** Three digits a folder, so that no folder has over a thousand names. */
function spanPath(index: number, width: number): string {
  const digits = String(index);
  const groups = digits.padStart(Math.ceil(digits.length / 3) * 3, '0').match(/.{3}/g) ?? [];
  const path = groups.map((group, at) => (at < groups.length - 1 ? `x${group}` : group)).join('/');
  return width === TILE_WIDTH ? path : `${path}.p/${width}`;
}
