import { randomBytes, scrypt, timingSafeEqual } from 'node:crypto';
import type { DatabaseSync } from 'node:sqlite';
import { promisify } from 'node:util';
import { JoulekeepError } from '../../../events/errors.ts';
import { PRINCIPALS } from '../../../topology/principals.ts';
import { PERSON_ROLES, type PersonRole, PUBLIC } from '../../../topology/route.ts';
import type { SignIns } from '../../ports/identity.ts';
import { openDatabase } from '../sqlite/open.ts';
import { cutLog } from '../sqlite/shredding.ts';
import { Passkeys } from './passkeys.ts';

const SCHEMA = `
  CREATE TABLE IF NOT EXISTS sign_ins (
    id TEXT PRIMARY KEY,
    name TEXT NOT NULL UNIQUE,
    kind TEXT NOT NULL CHECK (kind IN ('customer', 'person')),
    account TEXT,
    role TEXT,
    salt BLOB NOT NULL,
    hash BLOB NOT NULL
  ) STRICT;
  CREATE TABLE IF NOT EXISTS passkeys (
    id TEXT PRIMARY KEY,
    owner TEXT NOT NULL REFERENCES sign_ins (id) ON DELETE CASCADE,
    public_key BLOB NOT NULL,
    counter INTEGER NOT NULL,
    transports TEXT NOT NULL,
    label TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    last_used_at INTEGER
  ) STRICT;
`;
const NAME = /^[a-z0-9][a-z0-9-]{0,62}$/;
const ACCOUNT = /^[A-Za-z0-9._-]{1,64}$/;
/** 2^15 x 8 x 128 bytes: 32 MiB for each guess. */
const COST = { N: 32_768, r: 8, p: 1, maxmem: 64 * 1024 * 1024 } as const;
const HASH_BYTES = 32;
const SALT_BYTES = 16;
/** Without those that are read for one another. */
const LETTERS = '23456789abcdefghjkmnpqrstuvwxyz';
const GROUPS = 5;
const GROUP_LETTERS = 5;

export type SignInAccount = { readonly id: string; readonly name: string } & WhoseSignIn;
/** A customer by the account, or a person of the utility by the role. */
export type WhoseSignIn = { readonly kind: 'customer'; readonly account: string } | { readonly kind: 'person'; readonly role: PersonRole };

interface Row {
  readonly id: string;
  readonly name: string;
  readonly kind: 'customer' | 'person';
  readonly account: string | null;
  readonly role: string | null;
  readonly salt: Uint8Array;
  readonly hash: Uint8Array;
}

const derive = promisify<string, Uint8Array, number, typeof COST, Buffer>(scrypt);

/**
 * Who may sign in, with hashes of passphrases and public halves of passkeys. Passphrases are made here and told once.
 * @throws ERR_SIGN_IN_NAME, ERR_SIGN_IN_TAKEN, ERR_SIGN_IN_UNKNOWN, ERR_SIGN_IN_ACCOUNT
 */
export class SignInAccounts implements SignIns {
  readonly passkeys: Passkeys;
  readonly #db: DatabaseSync;
  /** Stands in where a name is nobody's, so that the answer takes the same work. */
  readonly #nobody = { salt: randomBytes(SALT_BYTES), hash: randomBytes(HASH_BYTES) };

  constructor(file: string) {
    const options = { pageSize: 4_096, synchronous: 'FULL', checkpointBytes: 1024 * 1024, secureDelete: true, schema: SCHEMA } as const;
    this.#db = openDatabase(file, options);
    this.#db.exec('PRAGMA foreign_keys = ON');
    this.passkeys = new Passkeys(this.#db);
  }

  /** @returns the passphrase, which is kept nowhere */
  async add(name: string, whose: WhoseSignIn): Promise<string> {
    checkName(name);
    if (whose.kind === 'customer' && !ACCOUNT.test(whose.account))
      throw new JoulekeepError('ERR_SIGN_IN_ACCOUNT', 'an account is named by letters, digits, dots, dashes, at most 64');
    if (this.find(name) !== undefined) throw new JoulekeepError('ERR_SIGN_IN_TAKEN', `${name} can sign in already`);
    const { passphrase, salt, hash } = await newPassphrase();
    const [account, role] = whose.kind === 'customer' ? [whose.account, null] : [null, whose.role];
    this.#db.prepare('INSERT INTO sign_ins VALUES (?, ?, ?, ?, ?, ?, ?)').run(newId(), name, whose.kind, account, role, salt, hash);
    return passphrase;
  }

  /**
   * Another passphrase, and no passkeys: for whoever lost them. The id is another one as well, so that no browser is signed in any more
   * that was. @returns the passphrase
   */
  async reset(name: string): Promise<string> {
    const known = this.#known(name);
    const { passphrase, salt, hash } = await newPassphrase();
    for (const { id } of this.passkeys.of(known.id)) this.passkeys.remove(known.id, id);
    this.#db.prepare('UPDATE sign_ins SET id = ?, salt = ?, hash = ? WHERE name = ?').run(newId(), salt, hash, name);
    return passphrase;
  }

  remove(name: string): void {
    this.#known(name);
    this.#db.prepare('DELETE FROM sign_ins WHERE name = ?').run(name);
  }

  /** Every way in of a customer, with its passkeys; of their names nothing stays in the file. @returns how many there were */
  async removeCustomer(account: string): Promise<number> {
    const { changes } = this.#db.prepare("DELETE FROM sign_ins WHERE kind = 'customer' AND account = ?").run(account);
    if (changes > 0) cutLog(this.#db);
    return Number(changes);
  }

  list(): readonly SignInAccount[] {
    return (this.#db.prepare('SELECT * FROM sign_ins ORDER BY name').all() as unknown as Row[]).map(accountOf);
  }

  find(name: string): SignInAccount | undefined {
    const row = this.#row(name);
    return row && accountOf(row);
  }

  byId(id: string): SignInAccount | undefined {
    const row = this.#db.prepare('SELECT * FROM sign_ins WHERE id = ?').get(id) as Row | undefined;
    return row && accountOf(row);
  }

  /** Who has this name and passphrase. As much work for a name that is nobody's. */
  async check(name: string, passphrase: string): Promise<SignInAccount | undefined> {
    const row = this.#row(name);
    const { salt, hash } = row ?? this.#nobody;
    const given = await derive(normal(passphrase), salt, HASH_BYTES, COST);
    return timingSafeEqual(given, hash) && row !== undefined ? accountOf(row) : undefined;
  }

  close(): void {
    this.#db.close();
  }

  #row(name: string): Row | undefined {
    return this.#db.prepare('SELECT * FROM sign_ins WHERE name = ?').get(name) as Row | undefined;
  }

  #known(name: string): SignInAccount {
    const known = this.find(name);
    if (known === undefined)
      throw new JoulekeepError('ERR_SIGN_IN_UNKNOWN', `${name}: no such name may sign in; joulekeep sign-in list shows who may`);
    return known;
  }
}

function checkName(name: string): void {
  if (!NAME.test(name)) throw new JoulekeepError('ERR_SIGN_IN_NAME', 'a name is of a-z, 0-9 and dashes, at most 63');
  if (name === PUBLIC || PRINCIPALS.some((principal) => principal === name))
    throw new JoulekeepError('ERR_SIGN_IN_NAME', `${name}: the system itself goes by this name`);
}

function newId(): string {
  return randomBytes(16).toString('base64url');
}

async function newPassphrase(): Promise<{ readonly passphrase: string; readonly salt: Buffer; readonly hash: Buffer }> {
  const letters = Array.from({ length: GROUPS * GROUP_LETTERS }, letter).join('');
  const passphrase = letters.match(new RegExp(`.{${GROUP_LETTERS}}`, 'g'))!.join('-');
  const salt = randomBytes(SALT_BYTES);
  return { passphrase, salt, hash: await derive(passphrase, salt, HASH_BYTES, COST) };
}

/** Each as likely: bytes beyond the last whole multiple are thrown away. */
function letter(): string {
  const most = 256 - (256 % LETTERS.length);
  for (;;) {
    const [byte] = randomBytes(1) as unknown as [number];
    if (byte < most) return LETTERS[byte % LETTERS.length]!;
  }
}

/** As people type it. */
function normal(passphrase: string): string {
  return passphrase.trim().toLowerCase();
}

function accountOf({ id, name, kind, account, role }: Row): SignInAccount {
  if (kind === 'customer') return { id, name, kind, account: account! };
  const known = PERSON_ROLES.find((candidate) => candidate === role);
  if (known === undefined) throw new JoulekeepError('ERR_SIGN_IN_ROLE', `${name}: no role of ours`);
  return { id, name, kind, role: known };
}
