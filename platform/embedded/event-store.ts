import type { Defences } from '../../topology/defences.ts';
import type { Appended, EventStore, NewCommit, RecordedCommit, StreamHead } from '../ports/event-store.ts';
import type { Clock } from '../ports/platform.ts';
import { sealCommit } from '../store/commit.ts';
import { checkStreamName } from '../store/envelope.ts';
import type { Keyring } from '../store/keyring.ts';
import { readCommits } from '../store/reader.ts';
import type { EventDatabase } from './event-database.ts';

export interface EventStoreParts {
  readonly database: EventDatabase;
  /** Of the principal that uses this store. */
  readonly keyring: Keyring;
  readonly clock: Clock;
  readonly defences: Pick<Defences, 'sealedStorage'>;
}

/** The event store on SQLite, as one principal. Several share one `EventDatabase`. */
export class EmbeddedEventStore implements EventStore {
  readonly #parts: EventStoreParts;

  constructor(parts: EventStoreParts) {
    this.#parts = parts;
  }

  async *read(stream: string, fromVersion = 0): AsyncGenerator<RecordedCommit, void, void> {
    const { database, keyring, defences } = this.#parts;
    checkStreamName(stream);
    await database.settled(stream);
    yield* readCommits(database.stored(stream, fromVersion), (keyId) => keyring.openingKey(keyId), defences.sealedStorage);
  }

  async head(stream: string): Promise<StreamHead> {
    const { database, keyring } = this.#parts;
    checkStreamName(stream);
    await Promise.all([keyring.load(stream), database.settled(stream)]);
    return database.head(stream);
  }

  append(head: StreamHead, commit: NewCommit): Appended {
    const { database, keyring, clock, defences } = this.#parts;
    checkStreamName(head.stream);
    const key = defences.sealedStorage ? keyring.sealingKey(head.stream) : undefined;
    const sealed = sealCommit(head, commit, key, clock.now());
    const durable = database.put(sealed, head);
    // Whoever pipelines may wait for the last append only: a conflict of an earlier one must not end the process.
    durable.catch(() => undefined);
    return { head: sealed.head, durable };
  }

  streams(prefix: string): AsyncIterable<string> {
    return this.#parts.database.streams(prefix);
  }
}
