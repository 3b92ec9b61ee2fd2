/**
 * Wrapped keys, apart from the event store and its backups: destroying a row destroys what it protects.
 * @source X.1332 10.1 (keys generated, agreed, stored, refreshed)
 */
export interface KeyTable {
  get(id: string): Promise<KeyRow | undefined>;
  /** Writes only if the id is free. @returns the row that is there afterwards */
  putIfAbsent(row: KeyRow): Promise<KeyRow>;
  /** Rows whose id starts with the prefix, in id order. */
  list(prefix: string): Promise<readonly KeyRow[]>;
  /** Ids of rows with this prefix that were destroyed, in id order; rows of epochs and tokens are not remembered. Whoever may list may ask. */
  destroyed(prefix: string): Promise<readonly string[]>;
  /** Overwrites and removes the row. Idempotent. */
  destroy(id: string): Promise<void>;
  /** Whether the table itself takes rows with this prefix out, some time after their end; absent: it never does. */
  endsByItself?(prefix: string): boolean;
}

export interface KeyRow {
  /** `epoch/<meterId>/<5-digit epoch>`, `shard/<n>/<created>`, `segment/<id>/<created>`, `stream-class/<name>`, `token/<kind>/<hash>`, `kept/<kind>/<id>/<word>` */
  readonly id: string;
  readonly wrapped: Buffer;
  /** Id of the key that wraps it: a KMS key id or another row's id. */
  readonly wrappedBy: string;
  /** UTC ms. */
  readonly createdAt: number;
  /** UTC ms after which the row is destroyed; absent = until somebody says so. */
  readonly destroyAt?: number;
}

/** Whether it is remembered that a row was destroyed, so that the id is never used again. Of epochs and tokens there are too many; what was said may be said again. */
export function leavesTombstone(id: string): boolean {
  return !LEAVE_NOTHING.some((prefix) => id.startsWith(prefix));
}

const LEAVE_NOTHING = ['epoch/', 'token/', 'kept/'];
