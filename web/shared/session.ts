import { signal } from '@preact/signals';
import type { Problem } from '../../api/problems.ts';
import type { SessionToken } from '../../api/session.ts';
import type { Config } from './config.ts';
import { type ProofKey, proofFor } from './proof-key.ts';

export interface ApiCall {
  readonly method?: 'GET' | 'POST' | 'PUT' | 'DELETE';
  /** Without query. */
  readonly path: string;
  readonly query?: Readonly<Record<string, string | number | undefined>>;
  /** Sent as JSON. */
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
  /** How the answer is read; without it, JSON is parsed and any other is text. A problem is read as one in any case. */
  readonly as?: 'text' | 'blob';
}

/** Status 0: the service was not reached. */
export type Reply<T> =
  | { readonly ok: true; readonly body: T; readonly etag?: string }
  | { readonly ok: false; readonly status: number; readonly problem: Problem | undefined; readonly retryAfterSeconds?: number };

export type Refusal = Extract<Reply<never>, { readonly ok: false }>;

export const NOT_REACHED: Refusal = { ok: false, status: 0, problem: undefined };

/** Whoever asks the service: a session, or what stands in for one without network. */
export interface Caller {
  request<T>(call: ApiCall): Promise<Reply<T>>;
}

/** The world around a session. */
export interface SessionWorld {
  /** Of the door, e.g. `https://portal.example`. */
  readonly origin: string;
  readonly fetch: typeof fetch;
  /** UTC ms. */
  readonly now: () => number;
  /** Empties what the browser keeps. */
  readonly wipe: () => Promise<void>;
  /** Goes to another page. */
  readonly leave: (url: string) => void;
}

const RENEWED_BEFORE_MS = 90_000;
/** The one place whose answers belong to a cookie: of the browser that a third party sent here. */
const WITH_COOKIE = '/oauth/consent/';

/** Where sessions of an application begin and end. */
export function sessionPath({ application }: Pick<Config, 'application'>): string {
  return application === 'portal' ? '/v1/session' : '/v1/console/session';
}

/** The caller has to prove again who they are: `beginSignIn(config, { prompt: 'login' })`. */
export function isSignInTooOld(reply: Reply<unknown>): boolean {
  return !reply.ok && reply.problem?.type === 'urn:joulekeep:problem:sign-in-too-old';
}

/**
 * Somebody who signed in. Token and key are in this object and nowhere else; each request proves the key, and the token is renewed in
 * time. @source X.1332 9.2, 10.2; RFC 9449
 */
export class Session implements Caller {
  /** Account of a customer, or name of a person. */
  readonly person: string;
  readonly role: string;
  /** UTC ms. */
  readonly signedInAt: number;
  /** How they proved who they are, e.g. `passkey`. */
  readonly method: string;
  /** True when the service knows the session no longer, or the person signed out. */
  readonly ended = signal(false);
  /** The person signs out. */
  isLeaving = false;
  readonly #config: Config;
  readonly #key: ProofKey;
  readonly #world: SessionWorld;
  #token: SessionToken;
  #renewal: Promise<boolean> | undefined;
  /** How far the service's clock is ahead, ms: proofs are judged by it. */
  #aheadMs = 0;

  /** @param aheadMs how far the service's clock is ahead, where that is known */
  constructor(config: Config, key: ProofKey, token: SessionToken, world: SessionWorld, aheadMs = 0) {
    this.person = token.person;
    this.role = token.role;
    this.signedInAt = Date.parse(token.signedInAt);
    this.method = token.method;
    this.#config = config;
    this.#key = key;
    this.#token = token;
    this.#world = world;
    this.#aheadMs = aheadMs;
  }

  /** By the clock of the service, UTC ms: that of a browser may be wrong. */
  now(): number {
    return this.#world.now() + this.#aheadMs;
  }

  async request<T>(call: ApiCall): Promise<Reply<T>> {
    if (this.#isEnding()) await this.#renew();
    const first = await this.#send<T>(call);
    if (first.ok || first.status !== 401 || !(await this.#renew())) return this.#noted(first);
    return this.#noted(await this.#send<T>(call));
  }

  /** Ends the session here, at the service and at the identity provider, whether or not they are reached. */
  async signOut(): Promise<void> {
    this.isLeaving = true;
    await this.#send({ method: 'DELETE', path: sessionPath(this.#config) });
    this.ended.value = true;
    await this.#world.wipe();
    const query = new URLSearchParams({ client_id: this.#config.clientId, post_logout_redirect_uri: `${this.#world.origin}/` });
    this.#world.leave(`${this.#config.endSessionEndpoint}?${query}`);
  }

  #isEnding(): boolean {
    const { expiresAt, endsAt } = this.#token;
    return Date.parse(expiresAt) - this.now() < RENEWED_BEFORE_MS && expiresAt !== endsAt;
  }

  #noted<T>(reply: Reply<T>): Reply<T> {
    if (!reply.ok && reply.status === 401) this.ended.value = true;
    return reply;
  }

  /** One at a time: whoever comes meanwhile waits for the same. */
  #renew(): Promise<boolean> {
    this.#renewal ??= this.#renewOnce().finally(() => {
      this.#renewal = undefined;
    });
    return this.#renewal;
  }

  async #renewOnce(): Promise<boolean> {
    const reply = await this.#send<SessionToken>({ method: 'POST', path: `${sessionPath(this.#config)}/renewal` });
    if (reply.ok) this.#token = reply.body;
    return reply.ok;
  }

  async #send<T>({ method = 'GET', path, query = {}, body, headers = {}, as }: ApiCall): Promise<Reply<T>> {
    const url = this.#world.origin + path;
    const { token } = this.#token;
    const proof = await proofFor(this.#key, { method, url, token, at: this.now() });
    const init: RequestInit = {
      method,
      headers: {
        ...headers,
        ...(body !== undefined && { 'content-type': 'application/json' }),
        authorization: `DPoP ${token}`,
        dpop: proof,
      },
      ...(body !== undefined && { body: JSON.stringify(body) }),
      cache: 'no-store',
      credentials: path.startsWith(WITH_COOKIE) ? 'same-origin' : 'omit',
      redirect: 'error',
    };
    try {
      const answer = await this.#world.fetch(url + queryText(query), init);
      this.#learnTime(answer.headers.get('date'));
      return await replyOf<T>(answer, as);
    } catch {
      return NOT_REACHED;
    }
  }

  #learnTime(date: string | null): void {
    this.#aheadMs = aheadOf(date, this.#world.now()) ?? this.#aheadMs;
  }
}

/** How far a service is ahead, ms. @param date header of its answer @param now UTC ms */
export function aheadOf(date: string | null, now: number): number | undefined {
  const ahead = (date === null ? Number.NaN : Date.parse(date)) - now;
  if (!Number.isFinite(ahead)) return undefined;
  // The header counts whole seconds, and the way takes its time.
  return Math.abs(ahead) < 5_000 ? 0 : ahead;
}

/** What an answer says. */
export async function replyOf<T>(answer: Response, as?: ApiCall['as']): Promise<Reply<T>> {
  const isJson = /[/+]json\b/.test(answer.headers.get('content-type') ?? '');
  if (!answer.ok) return refusalOf(answer.status, isJson ? await answer.json() : undefined, answer.headers.get('retry-after'));
  const body: unknown = as === 'blob' ? await answer.blob() : isJson && as !== 'text' ? await answer.json() : await answer.text();
  const etag = answer.headers.get('etag');
  return { ok: true, body: body as T, ...(etag !== null && { etag }) };
}

/** @param retryAfter header, in seconds as this service writes it */
function refusalOf(status: number, problem: Problem | undefined, retryAfter: string | null): Refusal {
  const seconds = Number(retryAfter ?? Number.NaN);
  return { ok: false, status, problem, ...(Number.isFinite(seconds) && { retryAfterSeconds: seconds }) };
}

function queryText(query: NonNullable<ApiCall['query']>): string {
  const given = Object.entries(query).flatMap(([name, value]) => (value === undefined ? [] : [[name, String(value)]]));
  return given.length === 0 ? '' : `?${new URLSearchParams(given)}`;
}
