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
/** A mark that ended all sessions of somebody. It never goes: without it the count would begin again below sessions that began behind it. */
const ALL_ENDED_SECONDS = 100 * 366 * 86_400;
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
  /** By what the identity provider knows the person: a customer's is not the account. */
  readonly login: string;
  /** How often all sessions of the person had been ended before it began. */
  readonly generation: number;
  /** When the provider last said that the person may sign in. */
  readonly askedAt: number;
}

/** Of a person of the utility `login` is the name. */
export type SessionBegin = Omit<SessionRecord, 'session' | 'endsAt' | 'generation' | 'askedAt' | 'login'> &
  Partial<Pick<SessionRecord, 'login'>>;

/** Whose sessions. */
export type SessionOwner = Pick<SessionRecord, 'role' | 'person'>;

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

  /** @throws ERR_SIGN_IN_BARRED for somebody who was barred, ERR_SIGN_IN_ENDED when all sessions of the person were ended after they signed in */
  async begin(signedIn: SessionBegin): Promise<IssuedToken> {
    if (await this.isBarred(signedIn)) throw new JoulekeepError('ERR_SIGN_IN_BARRED', 'nobody begins a session under this name any more');
    const { generation, endedAt } = await this.#endings(signedIn);
    if (signedIn.signedInAt <= endedAt) throw new JoulekeepError('ERR_SIGN_IN_ENDED', 'every sign-in until then was ended');
    const lifeMs = signedIn.role === 'customer' ? SESSION_LIFE.customerMs : SESSION_LIFE.personMs;
    const session = randomBytes(16).toString('base64url');
    const now = this.#wall.now();
    return await this.#issue({ login: signedIn.person, ...signedIn, session, endsAt: now + lifeMs, generation, askedAt: now });
  }

  /** One more token of a session, which lasts no longer for it. @param askedAt when the provider last said that the person may sign in */
  async renew(record: SessionRecord, askedAt: number = record.askedAt): Promise<IssuedToken> {
    return await this.#issue({ ...record, askedAt });
  }

  /** The session of a token; why there is none, for the record. */
  async find(token: string): Promise<SessionRecord | { readonly refused: string }> {
    if (!TOKEN.test(token)) return { refused: 'session-unknown' };
    const found = await this.#store.find('session', token);
    if (found === undefined) return { refused: 'session-unknown' };
    const { expiresAt, ...record } = found as unknown as SessionRecord & { readonly expiresAt: number };
    if (this.#wall.now() >= expiresAt) return { refused: 'session-over' };
    const [ended, allEnded] = await Promise.all([
      this.#hasEnded(record.session),
      this.#store.findAmong('session-all', ownerOf(record), nameOf(record.generation)),
    ]);
    return ended || allEnded !== undefined ? { refused: 'session-ended' } : record;
  }

  /** From here on no token of it works. @returns whether this ended it */
  async end(session: string): Promise<boolean> {
    return await this.#store.claim('session-end', session, SESSION_LIFE.customerMs / 1_000);
  }

  async isBarred(whose: SessionOwner): Promise<boolean> {
    return (await this.#store.claimedAt('session-barred', ownerOf(whose))) !== undefined;
  }

  /** Nobody begins a session under this name any more, whatever the identity provider says; those that run end. @returns how many */
  async bar(whose: SessionOwner): Promise<number> {
    await this.#store.claim('session-barred', ownerOf(whose), BARRED_SECONDS);
    const running = await this.of(whose);
    for (const { session } of running) await this.end(session);
    return running.length;
  }

  /** From here on no session of the person goes on, and none begins by a sign-in from before. */
  async endAll(owner: SessionOwner): Promise<void> {
    const { generation } = await this.#endings(owner);
    await this.#store.addAmong('session-all', ownerOf(owner), nameOf(generation), { generation, at: this.#wall.now() }, ALL_ENDED_SECONDS);
  }

  /** Sessions of somebody that have not ended, the newest first. */
  async of(owner: SessionOwner): Promise<readonly ListedSession[]> {
    const all = (await this.#store.among('session-of', ownerOf(owner))) as unknown as readonly ListedSession[];
    const { generation } = await this.#endings(owner);
    const latest = new Map(all.toSorted((a, b) => a.lastUsedAt - b.lastUsedAt).map((one) => [one.session, one] as const));
    const running = [...latest.values()].filter((one) => this.#wall.now() < one.endsAt && one.generation >= generation);
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
    // Renewed as often as somebody likes, a session is listed once an hour.
    const hash = createHash('sha256').update(record.session).digest('hex').slice(0, 32);
    const name = `${hash}.${nameOf(Math.floor((now - record.signedInAt) / HOUR_MS))}`;
    const listed = { ...record, lastUsedAt: now };
    const [life, left] = [expiresAt - now, record.endsAt - now].map((ms) => Math.ceil(ms / 1_000)) as [number, number];
    await this.#store.addAmong('session-of', ownerOf(record), name, { ...listed }, left);
    await this.#store.add('session', token, { ...record, expiresAt }, life);
    return { token, expiresAt, record };
  }

  /** Which sessions of somebody are ended as a whole: those of a lower generation, and of a sign-in until then (UTC ms). */
  async #endings(owner: SessionOwner): Promise<{ readonly generation: number; readonly endedAt: number }> {
    const marks = (await this.#store.among('session-all', ownerOf(owner))) as readonly { generation: number; at: number }[];
    const generation = marks.reduce((highest, mark) => Math.max(highest, mark.generation + 1), 0);
    return { generation, endedAt: marks.reduce((latest, { at }) => Math.max(latest, at), Number.NEGATIVE_INFINITY) };
  }

  async #hasEnded(session: string): Promise<boolean> {
    return (await this.#store.claimedAt('session-end', session)) !== undefined;
  }
}

/** In the order of numbers. */
function nameOf(count: number): string {
  return String(count).padStart(6, '0');
}

function ownerOf({ role, person }: SessionOwner): string {
  return `${role === 'customer' ? 'customer' : 'person'} ${person}`;
}
