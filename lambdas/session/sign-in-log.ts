import { type SignInHistory, signInHistory } from '../../domain/sign-in/history.ts';
import { codeOf } from '../../events/errors.ts';
import type { SessionEnded, SessionStarted, SignInRefusal } from '../../events/index.ts';
import type { SignInTries } from '../../platform/ports/identity.ts';
import type { Platform } from '../../platform/ports/platform.ts';
import { type SessionOwner, type SessionRecord, Sessions } from '../../platform/ports/sessions.ts';
import { customerOfOwner, signInOwner, signInStream, UNKNOWN, utcMonth } from '../shared/access/sign-in-streams.ts';
import { appendFacts } from '../shared/append-facts.ts';
import { type Packed, RefusedTries } from './refused-tries.ts';

/** Whole months behind the current one that somebody is shown. */
const SHOWN_MONTHS = 2;

type LogParts = Pick<Platform, 'events' | 'keys' | 'directory' | 'clock' | 'log'>;

/** Who signed in and who was refused, on record. @source X.1332 8.3, 9.2, 10.2 (docs/adr/0078) */
export class SignInLog implements SignInTries {
  readonly #platform: LogParts;
  readonly #sessions: Sessions;
  readonly #tries = new RefusedTries(UNKNOWN);
  readonly #underWay = new Set<Promise<void>>();

  constructor(platform: LogParts) {
    this.#platform = platform;
    this.#sessions = new Sessions({ ...platform, wall: platform.clock });
  }

  /** Resolves when it is durable, with whatever was refused before it. @param leftMs how long the session lasts at most */
  async started({ session, person, role, method, device }: SessionRecord, leftMs: number): Promise<void> {
    const { events, clock } = this.#platform;
    const owner = signInOwner({ person, role });
    const at = clock.now();
    await this.#recordAll(this.#tries.take(owner));
    const data: SessionStarted = { session, role, method, device, at, endsAt: at + leftMs };
    await appendFacts(events, signInStream(at, owner), [{ type: 'SessionStarted', data }]);
  }

  /** Resolves when it is durable. @param by the security officer, where it was one */
  async ended(owner: SessionOwner, sessions: readonly string[], why: SessionEnded['why'], by?: string): Promise<void> {
    if (sessions.length === 0) return;
    const { events, clock } = this.#platform;
    const at = clock.now();
    const facts = sessions.map((session) => {
      return { type: 'SessionEnded' as const, data: { session, why, ...(by === undefined ? {} : { by }), at } };
    });
    await appendFacts(events, signInStream(at, signInOwner(owner)), facts);
  }

  refused(owner: SessionOwner | undefined, reason: SignInRefusal): void {
    const packed = this.#tries.note(owner === undefined ? UNKNOWN : signInOwner(owner), reason, this.#platform.clock.now());
    const recording = this.#recordAll(packed).finally(() => this.#underWay.delete(recording));
    this.#underWay.add(recording);
  }

  /** Records what waited in windows that are over, and waits for what is being recorded. Never rejects. */
  async settled(): Promise<void> {
    await this.#recordAll(this.#tries.due(this.#platform.clock.now()));
    await Promise.all(this.#underWay);
  }

  async flush(): Promise<void> {
    await Promise.all([this.#recordAll(this.#tries.all()), ...this.#underWay]);
  }

  /** What is on record of somebody, this month and the two before it. */
  async history(owner: SessionOwner): Promise<SignInHistory> {
    const { events, clock } = this.#platform;
    const name = signInOwner(owner);
    await this.#recordAll(this.#tries.take(name));
    let state = signInHistory.initial;
    for (let back = SHOWN_MONTHS; back >= 0; back--)
      for await (const commit of events.read(`sign-in/${utcMonth(clock.now(), back)}/${name}`))
        for (const event of commit.events) state = signInHistory.evolve(state, event);
    return state;
  }

  async #recordAll(packed: readonly Packed[]): Promise<void> {
    await Promise.all(packed.map((one) => this.#record(one)));
  }

  /** A store that fails refuses nobody twice: it waits. */
  async #record(packed: Packed): Promise<void> {
    const { events, clock, log } = this.#platform;
    const now = clock.now();
    try {
      const whose = (await this.#isErased(packed.owner)) ? UNKNOWN : packed.owner;
      await appendFacts(events, signInStream(now, whose), [{ type: 'SignInsRefused', data: packed.refused }]);
    } catch (error) {
      log.error('refused sign-ins not recorded', { code: codeOf(error), count: packed.refused.count });
      this.#tries.putBack(packed, now);
    }
  }

  /** Of a customer who was erased nothing is recorded, be it that it waited: it would bring a key of theirs back. */
  async #isErased(owner: string): Promise<boolean> {
    const person = customerOfOwner(owner);
    return person !== undefined && (await this.#sessions.isBarred({ role: 'customer', person }));
  }
}
