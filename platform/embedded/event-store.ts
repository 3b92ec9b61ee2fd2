import type { KeyObject } from 'node:crypto';
import type { Defences } from '../../topology/defences.ts';
import type { Appended, EventStore, NewCommit, RecordedCommit, StreamHead, SubjectKey } from '../ports/event-store.ts';
import type { Clock } from '../ports/platform.ts';
import type { SubjectAccess } from '../ports/subject-access.ts';
import { envelopeOf, sealCommit } from '../store/commit.ts';
import { checkStreamName } from '../store/envelope.ts';
import { checkSubjectKey } from '../store/key-class.ts';
import type { Keyring } from '../store/keyring.ts';
import { readCommits } from '../store/reader.ts';
import { covers, sealedFromReader } from '../store/subject-check.ts';
import type { EventDatabase } from './event-database.ts';

export interface EventStoreParts {
  readonly database: EventDatabase;
  /** Who uses this store. */
  readonly principal: string;
  /** Of the principal. */
  readonly keyring: Keyring;
  readonly clock: Clock;
  readonly defences: Pick<Defences, 'sealedStorage' | 'subjectKeys'>;
}

/** Whose key it is when the mechanism is off. */
const EVERYBODY = 'everybody';

/** The event store on SQLite, as one principal. Several share one `EventDatabase`. */
export class EmbeddedEventStore implements EventStore {
  readonly #parts: EventStoreParts;

  constructor(parts: EventStoreParts) {
    this.#parts = parts;
  }

  async *read(stream: string, fromVersion = 0, access?: SubjectAccess): AsyncGenerator<RecordedCommit, void, void> {
    const { database, defences } = this.#parts;
    checkStreamName(stream);
    await database.settled(stream);
    yield* readCommits(database.stored(stream, fromVersion), (keyId) => this.#keyFor(stream, keyId, access), defences.sealedStorage);
  }

  async head(stream: string, subject?: SubjectKey): Promise<StreamHead> {
    const { database, keyring } = this.#parts;
    checkStreamName(stream);
    checkSubjectKey(stream, subject);
    await Promise.all([keyring.load(stream, this.#keyOf(subject)), database.settled(stream)]);
    return database.head(stream);
  }

  async prepare(subjects: readonly SubjectKey[]): Promise<void> {
    await this.#parts.keyring.prepare(subjects.map((subject) => this.#keyOf(subject)!));
  }

  append(head: StreamHead, commit: NewCommit): Appended {
    const { database, keyring, clock, defences } = this.#parts;
    checkStreamName(head.stream);
    checkSubjectKey(head.stream, commit.subject);
    const key = defences.sealedStorage ? keyring.sealingKey(head.stream, this.#keyOf(commit.subject)) : undefined;
    const sealed = sealCommit(head, commit, key, clock.now());
    const durable = database.put(sealed, head);
    // Whoever pipelines may wait for the last append only: a conflict of an earlier one must not end the process.
    durable.catch(() => undefined);
    return { head: sealed.head, durable };
  }

  async rowsOf(stream: string): Promise<readonly string[]> {
    const { database } = this.#parts;
    checkStreamName(stream);
    await database.settled(stream);
    return [...new Set(Array.from(database.stored(stream), (stored) => envelopeOf(stored).keyId))].filter((keyId) => keyId !== '');
  }

  streams(prefix: string): AsyncIterable<string> {
    return this.#parts.database.streams(prefix);
  }

  /** What is destroyed is gone for everybody alike; what is there opens for whoever has access to its subject. */
  async #keyFor(stream: string, keyId: string, access: SubjectAccess | undefined): Promise<KeyObject | undefined> {
    const { keyring, principal, defences } = this.#parts;
    if (!defences.subjectKeys || covers(access, stream, keyId, principal)) return await keyring.openingKey(keyId);
    if (await keyring.isThere(keyId)) throw sealedFromReader(stream);
    return undefined;
  }

  #keyOf(subject: SubjectKey | undefined): SubjectKey | undefined {
    return subject === undefined || this.#parts.defences.subjectKeys ? subject : { ...subject, subject: EVERYBODY };
  }
}
