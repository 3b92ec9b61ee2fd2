/**
 * Read models: tables of items that are made from streams and can be made again. Never the truth, never written by hand.
 * A table has one generation in use; a rebuild fills another and switches to it.
 */
export interface ReadModels {
  /** The generation in use, whichever that is at each call. */
  table(name: string): ReadTable;
  /** A generation of its own beside the one in use, empty. Another rebuild of the table that wasn't ended is abandoned. */
  rebuild(name: string): Promise<Rebuild>;
}

export interface Rebuild {
  readonly table: ReadTable;
  /** Puts the new generation in the place of the old one, at once and for good, and drops the old one. */
  switch(): Promise<void>;
  abandon(): Promise<void>;
}

export interface ReadTable {
  /**
   * Writes items in the order given; a crash leaves a beginning of them. An item that the table has up to the same or a
   * later version of the same stream stays as it is. Resolves when all are on stable storage.
   */
  put(items: readonly NewItem[]): Promise<void>;
  /** @throws ERR_SUBJECT_SEALED when the item is sealed under a subject that `access` doesn't cover */
  get(key: ItemKey, access?: ItemAccess): Promise<Item | undefined>;
  /** In the order of the keys. @throws ERR_SUBJECT_SEALED */
  getMany(keys: readonly ItemKey[], access?: ItemAccess): Promise<readonly (Item | undefined)[]>;
  /** Items of the partition whose sort key begins so, in the order of sort keys (code units). @throws ERR_SUBJECT_SEALED */
  query(partition: string, sortPrefix: string, access?: ItemAccess): AsyncIterable<Item>;
}

export interface ItemKey {
  readonly partition: string;
  readonly sort: string;
}

/** Up to which version of which stream an item holds what was recorded. An item belongs to one stream. */
export interface UpTo {
  readonly stream: string;
  readonly version: number;
}

export interface NewItem extends ItemKey {
  readonly upTo: UpTo;
  /** Undefined removes the item, and keeps older versions of it from coming back. */
  readonly value: Buffer | undefined;
  /** Whose data it is: the value lies sealed under this subject's usage key of the month, and is gone when that is destroyed. */
  readonly subject?: ItemSubject;
}

export interface Item extends ItemKey {
  readonly upTo: UpTo;
  /** Empty when `erased`. */
  readonly value: Buffer;
  /** The key of the value is destroyed. */
  readonly erased?: true;
}

/** @param month local, `yyyy-mm` */
export interface ItemSubject {
  readonly of: 'usage';
  readonly subject: string;
  readonly month: string;
}

/** What `openSubjectData` returned: whose items may be opened. */
export interface ItemAccess {
  covers(subject: string): boolean;
}
