import { createHash, randomBytes } from 'node:crypto';
import { JoulekeepError } from '../../events/errors.ts';
import type { CallerRole } from '../../topology/route.ts';
import { BearerStore } from './bearer-store.ts';
import type { KeyTable } from './key-table.ts';
import type { Clock, Directory } from './platform.ts';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
/** A token, then another one; and all of them, for customers and for people of the utility. */
export const SESSION_LIFE = { tokenMs: 10 * MINUTE_MS, customerMs: 12 * HOUR_MS, personMs: 8 * HOUR_MS } as const;
/** Longer than a proof or an ID token is taken. */
const USED_SECONDS = 15 * 60;
/** Longer than anybody keeps somebody who was erased in an identity provider. */
const BARRED_SECONDS = 10 * 366 * 86_400;
const SECRET_BYTES = 32;
const TOKEN = /^[A-Za-z0-9_-]{43}$/;

/** A session as it stands behind each of its tokens. Times are UTC ms by the clock that browsers go by. */
export interface SessionRecord {
  /** No secret. */
  readonly session: string;
  readonly person: string;
  readonly role: CallerRole;
  /** Of the key whose proofs the tokens work with. @source RFC 7638 */
  readonly keyThumbprint: string;
  readonly signedInAt: number;
  readonly method: string;
  /** What the browser calls itself, in a few words. */
  readonly device: string;
  readonly endsAt: number;
}

export interface IssuedToken {
  readonly token: string;
  readonly expiresAt: number;
  readonly record: SessionRecord;
}

export interface ListedSession extends SessionRecord {
  readonly lastUsedAt: number;
}

export interface SessionParts {
  readonly keys: KeyTable;
  readonly directory: Directory;
  /** Of the platform: rows go by it. */
  readonly clock: Clock;
  /** That browsers and identity providers go by; the same, but for a platform that plays another time. */
  readonly wall: Clock;
}

/**
 * Sessions of those who signed in. A token is opaque and of the store has its hash alone; a session ends for all its tokens at once.
 * @source X.1332 9.2, 10.2
 */
export class Sessions {
  readonly #store: BearerStore;
  readonly #wall: Clock;

  constructor({ wall, ...store }: SessionParts) {
    this.#store = new BearerStore(store);
    this.#wall = wall;
  }

  /** @throws ERR_SIGN_IN_REFUSED for somebody who was barred */
  async begin(signedIn: Omit<SessionRecord, 'session' | 'endsAt'>): Promise<IssuedToken> {
    if ((await this.#store.claimedAt('session-barred', ownerOf(signedIn.role, signedIn.person))) !== undefined)
      throw new JoulekeepError('ERR_SIGN_IN_REFUSED', 'no session');
    const lifeMs = signedIn.role === 'customer' ? SESSION_LIFE.customerMs : SESSION_LIFE.personMs;
    const session = randomBytes(16).toString('base64url');
    return await this.#issue({ ...signedIn, session, endsAt: this.#wall.now() + lifeMs });
  }

  /** One more token of a session, which lasts no longer for it. */
  async renew(record: SessionRecord): Promise<IssuedToken> {
    return await this.#issue(record);
  }

  /** The session of a token; why there is none, for the record. */
  async find(token: string): Promise<SessionRecord | { readonly refused: string }> {
    if (!TOKEN.test(token)) return { refused: 'session-unknown' };
    const found = await this.#store.find('session', token);
    if (found === undefined) return { refused: 'session-unknown' };
    const { expiresAt, ...record } = found as unknown as SessionRecord & { readonly expiresAt: number };
    if (this.#wall.now() >= expiresAt) return { refused: 'session-over' };
    return (await this.#hasEnded(record.session)) ? { refused: 'session-ended' } : record;
  }

  /** From here on no token of it works. */
  async end(session: string): Promise<void> {
    await this.#store.claim('session-end', session, SESSION_LIFE.customerMs / 1_000);
  }

  /** Nobody begins a session under this name any more, whatever the identity provider says; those that run end. @returns how many */
  async bar(whose: Pick<SessionRecord, 'role' | 'person'>): Promise<number> {
    await this.#store.claim('session-barred', ownerOf(whose.role, whose.person), BARRED_SECONDS);
    const running = await this.of(whose);
    for (const { session } of running) await this.end(session);
    return running.length;
  }

  /** Sessions of somebody that have not ended, the newest first. */
  async of({ role, person }: Pick<SessionRecord, 'role' | 'person'>): Promise<readonly ListedSession[]> {
    const all = (await this.#store.among('session-of', ownerOf(role, person))) as unknown as readonly ListedSession[];
    const latest = new Map(all.toSorted((a, b) => a.lastUsedAt - b.lastUsedAt).map((one) => [one.session, one] as const));
    const running = [...latest.values()].filter(({ endsAt }) => this.#wall.now() < endsAt);
    const ended = await Promise.all(running.map(({ session }) => this.#hasEnded(session)));
    const open = running.filter((_, i) => !ended[i]);
    return open.toSorted((a, b) => b.signedInAt - a.signedInAt || b.lastUsedAt - a.lastUsedAt);
  }

  /** Marks a proof, or an ID token, as used. @returns false when it was used before */
  async useOnce(what: 'proof' | 'id-token', ...id: readonly string[]): Promise<boolean> {
    return await this.#store.claim('proof', JSON.stringify([what, ...id]), USED_SECONDS);
  }

  async #issue(record: SessionRecord): Promise<IssuedToken> {
    const now = this.#wall.now();
    const token = randomBytes(SECRET_BYTES).toString('base64url');
    const expiresAt = Math.min(now + SESSION_LIFE.tokenMs, record.endsAt);
    const name = `${createHash('sha256').update(token).digest('hex').slice(0, 32)}`;
    const listed = { ...record, lastUsedAt: now };
    const [life, left] = [expiresAt - now, record.endsAt - now].map((ms) => Math.ceil(ms / 1_000)) as [number, number];
    await this.#store.addAmong('session-of', ownerOf(record.role, record.person), name, { ...listed }, left);
    await this.#store.add('session', token, { ...record, expiresAt }, life);
    return { token, expiresAt, record };
  }

  async #hasEnded(session: string): Promise<boolean> {
    return (await this.#store.claimedAt('session-end', session)) !== undefined;
  }
}

function ownerOf(role: CallerRole, person: string): string {
  return `${role === 'customer' ? 'customer' : 'person'} ${person}`;
}
