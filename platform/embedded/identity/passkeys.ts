import type { DatabaseSync } from 'node:sqlite';

/** A passkey: the public half alone. */
export interface Passkey {
  /** Of the credential, base64url. */
  readonly id: string;
  /** Id of the account. */
  readonly owner: string;
  readonly publicKey: Uint8Array<ArrayBuffer>;
  /** Uses, as the authenticator counts them; 0 where it does not count. */
  readonly counter: number;
  readonly transports: readonly string[];
  readonly label: string;
  /** UTC ms. */
  readonly createdAt: number;
  readonly lastUsedAt: number | undefined;
}

interface Row {
  readonly id: string;
  readonly owner: string;
  readonly public_key: Uint8Array;
  readonly counter: number;
  readonly transports: string;
  readonly label: string;
  readonly created_at: number;
  readonly last_used_at: number | null;
}

/** Passkeys of accounts, in their database. */
export class Passkeys {
  readonly #db: DatabaseSync;

  constructor(db: DatabaseSync) {
    this.#db = db;
  }

  /** @returns false when the credential is somebody's already */
  add({ id, owner, publicKey, counter, transports, label, createdAt }: Omit<Passkey, 'lastUsedAt'>): boolean {
    const { changes } = this.#db
      .prepare('INSERT OR IGNORE INTO passkeys VALUES (?, ?, ?, ?, ?, ?, ?, NULL)')
      .run(id, owner, publicKey, counter, JSON.stringify(transports), label, createdAt);
    return changes === 1;
  }

  find(id: string): Passkey | undefined {
    const row = this.#db.prepare('SELECT * FROM passkeys WHERE id = ?').get(id) as Row | undefined;
    return row && passkeyOf(row);
  }

  of(owner: string): readonly Passkey[] {
    return (this.#db.prepare('SELECT * FROM passkeys WHERE owner = ? ORDER BY created_at, id').all(owner) as unknown as Row[]).map(
      passkeyOf,
    );
  }

  used(id: string, counter: number, at: number): void {
    this.#db.prepare('UPDATE passkeys SET counter = ?, last_used_at = ? WHERE id = ?').run(counter, at, id);
  }

  /** @returns false when the account has no such passkey */
  remove(owner: string, id: string): boolean {
    return this.#db.prepare('DELETE FROM passkeys WHERE owner = ? AND id = ?').run(owner, id).changes === 1;
  }
}

function passkeyOf({
  id,
  owner,
  public_key: publicKey,
  counter,
  transports,
  label,
  created_at: createdAt,
  last_used_at: usedAt,
}: Row): Passkey {
  return {
    ...{ id, owner, counter, label, createdAt },
    publicKey: new Uint8Array(publicKey),
    transports: JSON.parse(transports) as string[],
    lastUsedAt: usedAt ?? undefined,
  };
}
