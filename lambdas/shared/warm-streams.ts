import { randomBytes } from 'node:crypto';
import type { DomainEvent } from '../../events/index.ts';
import type { EventStore, StreamHead } from '../../platform/ports/event-store.ts';
import { VersionConflict } from '../../platform/ports/version-conflict.ts';
import { type Decider, foldStream } from './streams.ts';

const ATTEMPTS = 12;

interface Warm<State> {
  state: State;
  head: StreamHead;
}

/**
 * A decider over streams that one worker asks again and again: folded once, then moved on in memory with every append. A
 * stream that another writer touched is folded anew. Keeps the latest `capacity` streams.
 */
export class WarmStreams<State, Command, Event extends DomainEvent> {
  readonly #store: EventStore;
  readonly #decider: Decider<State, Command, Event>;
  readonly #capacity: number;
  readonly #warm = new Map<string, Promise<Warm<State>>>();

  constructor(store: EventStore, decider: Decider<State, Command, Event>, capacity = 1_000) {
    this.#store = store;
    this.#decider = decider;
    this.#capacity = capacity;
  }

  /** Resolves with what was recorded, when it is durable. @throws ERR_VERSION_CONFLICT after 12 lost attempts */
  async run(stream: string, command: Command): Promise<readonly Event[]> {
    for (let attempt = 1; ; attempt++) {
      const warm = await this.#load(stream);
      // Brings the stream's key back into memory, should it have been away for long.
      await this.#store.head(stream);
      const events = this.#decider.decide(command, warm.state);
      if (events.length === 0) return events;
      try {
        const { head, durable } = this.#store.append(warm.head, { commitId: randomBytes(32), events });
        warm.head = head;
        warm.state = events.reduce((state, event) => this.#decider.evolve(state, event), warm.state);
        await durable;
        return events;
      } catch (error) {
        this.#warm.delete(stream);
        if (!(error instanceof VersionConflict) || attempt === ATTEMPTS) throw error;
      }
    }
  }

  #load(stream: string): Promise<Warm<State>> {
    const known = this.#warm.get(stream);
    if (known !== undefined) return known;
    const loading = foldStream(this.#store, stream, this.#decider).then(({ state, head }) => ({ state, head }));
    if (this.#warm.size >= this.#capacity) this.#warm.delete(this.#warm.keys().next().value!);
    this.#warm.set(stream, loading);
    loading.catch(() => this.#warm.delete(stream));
    return loading;
  }
}
