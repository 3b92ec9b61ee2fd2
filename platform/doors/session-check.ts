import type { Defences } from '../../topology/defences.ts';
import { CUSTOMER, takesSessions } from '../../topology/route.ts';
import type { Authorization, Identity, JudgedRoute } from '../ports/authorizer.ts';
import type { Clock } from '../ports/platform.ts';
import type { SessionRecord, Sessions } from '../ports/sessions.ts';
import { readProof, type ShownKey } from '../store/proof.ts';

const SCHEME = /^DPoP ([A-Za-z0-9_-]{43})$/i;

export type SessionDefences = Pick<Defences, 'sessionBinding' | 'proofReplay' | 'ownDoor' | 'recentSignIn'>;

export interface SessionCheckParts {
  readonly sessions: Pick<Sessions, 'find' | 'useOnce'>;
  /** That browsers go by. */
  readonly wall: Clock;
  readonly defences: SessionDefences;
}

/**
 * Who calls with a session: a token, and a proof by the key that signed in, made for this very request. Both are looked at anew for
 * every request. @source RFC 9449; X.1332 9.2, 10.2
 */
export class SessionCheck {
  readonly #parts: SessionCheckParts;

  constructor(parts: SessionCheckParts) {
    this.#parts = parts;
  }

  /** Whether the caller speaks by a session, at a route where sessions count. */
  applies({ authorization }: Identity, route: JudgedRoute): boolean {
    return takesSessions(route) && authorization !== undefined && /^DPoP\s/i.test(authorization);
  }

  async authorize(identity: Identity, route: JudgedRoute): Promise<Authorization> {
    const [, token] = SCHEME.exec(identity.authorization ?? '') ?? [];
    if (token === undefined) return denied('session-malformed');
    const fault = await this.#fault(identity, token);
    if (typeof fault === 'string') return denied(fault);
    const { person, role, session, signedInAt, method } = fault;
    const signIn = { session, at: signedInAt, method };
    // Customers have no business at a door of the utility's own, nor its people at theirs: for each the other does not exist.
    const here = route.roles.includes(CUSTOMER) === (role === CUSTOMER);
    if (!here && this.#parts.defences.ownDoor) return denied('other-door');
    if (!route.roles.includes(role)) return { allowed: false, because: 'forbidden', reason: 'wrong-role' };
    if (this.#isStale(signedInAt, route)) return { allowed: false, because: 'sign-in-too-old', reason: 'sign-in-too-old' };
    return { allowed: true, person, role, signIn };
  }

  /** Of whoever has no session yet: the key that a proof was made by. */
  async keyOf({ proof, method, url }: Identity): Promise<string | undefined> {
    if (proof === undefined || method === undefined || url === undefined) return undefined;
    const shown = await readProof(proof, { method, url, now: this.#parts.wall.now() });
    return 'refused' in shown ? undefined : shown.thumbprint;
  }

  async #fault(identity: Identity, token: string): Promise<SessionRecord | string> {
    const { sessions, defences } = this.#parts;
    const shown = await this.#shown(identity, token);
    if (defences.sessionBinding && 'refused' in shown) return shown.refused;
    const record = await sessions.find(token);
    if ('refused' in record) return record.refused;
    if ('refused' in shown) return record;
    if (defences.sessionBinding && shown.thumbprint !== record.keyThumbprint) return 'proof-other-key';
    // Marked last: whoever has no session leaves nothing here.
    if (defences.proofReplay && !(await sessions.useOnce('proof', shown.thumbprint, shown.jti))) return 'proof-used';
    return record;
  }

  async #shown({ proof, method, url }: Identity, token: string): Promise<ShownKey | { readonly refused: string }> {
    if (proof === undefined || method === undefined || url === undefined) return { refused: 'proof-missing' };
    return await readProof(proof, { method, url, token, now: this.#parts.wall.now() });
  }

  #isStale(signedInAt: number, { recentSignInMinutes }: JudgedRoute): boolean {
    if (recentSignInMinutes === undefined || !this.#parts.defences.recentSignIn) return false;
    return this.#parts.wall.now() - signedInAt > recentSignInMinutes * 60_000;
  }
}

function denied(reason: string): Authorization {
  return { allowed: false, because: 'unauthenticated', reason };
}
