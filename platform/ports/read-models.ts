import type { SubjectAccess } from './subject-access.ts';

/**
 * Read models: tables of items that are made from streams and can be made again. Never the truth, never written by hand.
 * A table has one generation in use; a rebuild fills another and switches to it.
 */
export interface ReadModels {
  /** The generation in use, whichever that is at each call. */
  table(name: string): ReadTable;
  /** An empty generation beside the one in use. A rebuild of the same table that was not ended is abandoned. */
  rebuild(name: string): Promise<Rebuild>;
  /**
   * Puts an empty generation in the place of the one in use at once, where what that shows is not so any more: it is filled as the table in use. Until
   * it is said to be whole, whoever may not write tables is refused by it. @throws ERR_MODEL_UNAVAILABLE (retryable) on all that such a reader asks
   */
  empty(name: string): Promise<void>;
  /** From now on everybody reads what is in use. */
  whole(name: string): Promise<void>;
  /** Removes what generations before have left, which `empty` does not. @param isOver asked now and then: time is up @returns whether all is gone */
  sweep(name: string, isOver: () => boolean): Promise<boolean>;
}

export interface Rebuild {
  readonly table: ReadTable;
  /** Puts the new generation in the place of the old one, at once and for good. @throws ERR_REBUILD_ABANDONED */
  switch(): Promise<void>;
  abandon(): Promise<void>;
}

export interface ReadTable {
  /**
   * Writes items in the order given; a crash leaves a beginning of them. An item that the table has up to the same or a
   * later version of its stream stays as it is, but that one is removed at the version that it has. Resolves when all are on stable storage.
   * Where the row of a stream is destroyed meanwhile, the item is removed.
   * @throws ERR_ITEM_STREAM when the item there is made from another stream
   * @throws ERR_ITEM_OWNER for a row that may not seal the item's stream
   */
  put(items: readonly NewItem[]): Promise<void>;
  /**
   * In the order of the keys.
   * @throws ERR_SUBJECT_SEALED when an item is sealed under a subject and day that `access` doesn't cover
   * @throws ERR_ITEM_DAMAGED when a sealed value does not open
   */
  getMany(keys: readonly ItemKey[], access?: SubjectAccess): Promise<readonly (Item | undefined)[]>;
  /** Items of the partition whose sort key begins so, in the order of sort keys. @throws as `getMany` */
  query(partition: string, sortPrefix: string, access?: SubjectAccess): AsyncIterable<Item>;
  /** Items of the partition with `from` <= sort key < `until`, in the order of sort keys. @throws as `getMany` */
  range(partition: string, from: string, until: string, access?: SubjectAccess): AsyncIterable<Item>;
  /**
   * Items as whoever makes the table goes on with them: what is sealed by the row of a stream opens without an access, like
   * the stream itself, to whoever may use that row. @throws as `getMany` for what is sealed under a subject
   */
  takeUp(keys: readonly ItemKey[]): Promise<readonly (Item | undefined)[]>;
  /** Keys of such items, opening none. */
  keys(partition: string, sortPrefix: string): AsyncIterable<ItemKey>;
  /** Up to where items of such a range are, in the order of sort keys, opening none; those that were removed are among them. */
  versions(partition: string, from: string, until: string): Promise<readonly UpTo[]>;
}

export interface ItemKey {
  readonly partition: string;
  readonly sort: string;
}

/** Up to which version of which stream an item holds what was recorded. An item is made from one stream. */
export interface UpTo {
  readonly stream: string;
  readonly version: number;
}

export interface NewItem extends ItemKey {
  readonly upTo: UpTo;
  /** Undefined removes the item, and keeps older versions of it from coming back. */
  readonly value: Buffer | undefined;
  /** Whose data it is: the value lies sealed under their key, and is gone when that is destroyed. */
  readonly owner?: ItemOwner;
  /** UTC ms from which on nothing of it is wanted: some time behind that it is gone. Whoever reads leaves it out before. */
  readonly endsAt?: number;
}

export type ItemOwner = SubjectOwner | StreamOwner;

/** One subject's: sealed under their usage key of the day's month. */
export interface SubjectOwner {
  /** Account id or UTILITY. */
  readonly subject: string;
  /** Local date, `yyyy-mm-dd`. */
  readonly day: string;
}

/**
 * Of many subjects, as the commits it is made from are: sealed by the very row that seals those, so it lasts as long as they
 * do and no longer. It opens for an access to anybody whose window meets the day; what of it is theirs, the reader picks.
 */
export interface StreamOwner {
  /** Row of the key table that may seal commits of the item's stream; empty where commits lie in clear. */
  readonly row: string;
  /** UTC date of what is in it, `yyyy-mm-dd`. */
  readonly day: string;
}

export interface Item extends ItemKey {
  readonly upTo: UpTo;
  /** Empty when `erased`. */
  readonly value: Buffer;
  /** The key of the value is destroyed. */
  readonly erased?: true;
}
