import type { KeyObject } from 'node:crypto';
import { JoulekeepError } from '../../events/errors.ts';
import type { Defences } from '../../topology/defences.ts';
import type { Appended, EventStore, NewCommit, RecordedCommit, StreamHead, SubjectKey } from '../ports/event-store.ts';
import type { Kms } from '../ports/kms.ts';
import type { Clock, ObjectStore } from '../ports/platform.ts';
import { type StreamAnchor, StreamTrimmed } from '../ports/stream-anchor.ts';
import type { SubjectAccess } from '../ports/subject-access.ts';
import { emptyHead, envelopeOf, type StoredCommit, sealCommit } from '../store/commit.ts';
import { checkStreamName } from '../store/envelope.ts';
import { checkSubjectKey } from '../store/key-class.ts';
import type { Keyring } from '../store/keyring.ts';
import { readCommits } from '../store/reader.ts';
import { covers, sealedFromReader } from '../store/subject-check.ts';
import { openAnchor, signTrim } from '../store/trim-record.ts';
import { Archives } from './archives.ts';
import type { EventDatabase } from './event-database.ts';

export interface EventStoreParts {
  readonly database: EventDatabase;
  /** Who uses this store. */
  readonly principal: string;
  /** Of the principal. */
  readonly keyring: Keyring;
  /** Of the principal. */
  readonly kms: Kms;
  readonly objects: ObjectStore;
  readonly clock: Clock;
  readonly defences: Pick<Defences, 'sealedStorage' | 'subjectKeys'>;
}

/** Whose key it is when the mechanism is off. */
const EVERYBODY = 'everybody';

/** The event store on SQLite, as one principal. Several share one `EventDatabase`. */
export class EmbeddedEventStore implements EventStore {
  readonly #parts: EventStoreParts;
  readonly #archives: Archives;

  constructor(parts: EventStoreParts) {
    this.#parts = parts;
    this.#archives = new Archives(parts);
  }

  async *read(stream: string, fromVersion = 0, access?: SubjectAccess): AsyncGenerator<RecordedCommit, void, void> {
    const { database, defences } = this.#parts;
    checkStreamName(stream);
    await database.settled(stream);
    const { commits, after } = await this.#from(stream, fromVersion);
    yield* readCommits(commits, (keyId) => this.#keyFor(stream, keyId, access), defences.sealedStorage, after);
  }

  /** Commits from a version on, wherever they lie, and the head before the first of them where it is known. */
  async #from(
    stream: string,
    version: number,
  ): Promise<{ commits: AsyncIterable<StoredCommit> | Iterable<StoredCommit>; after?: StreamHead }> {
    const { database } = this.#parts;
    const anchor = database.anchor(stream);
    if (anchor === undefined || version > anchor.head.version) {
      const commits = database.stored(stream, version);
      if (version === (anchor?.head.version ?? -1) + 1) return { commits, after: anchor?.head ?? emptyHead(stream) };
      return { commits };
    }
    const { why } = await this.#opened(stream);
    if (why !== 'archive') throw new StreamTrimmed(stream, anchor.head.version + 1);
    const commits = this.#archives.stored(stream, version);
    return version === 0 ? { commits, after: emptyHead(stream) } : { commits };
  }

  async anchor(stream: string): Promise<StreamAnchor | undefined> {
    checkStreamName(stream);
    return this.#parts.database.anchor(stream) === undefined ? undefined : await this.#opened(stream);
  }

  async isHot(stream: string): Promise<boolean> {
    const { database } = this.#parts;
    await database.settled(stream);
    return database.head(stream).version > (database.anchor(stream)?.head.version ?? -1);
  }

  #opened(stream: string): Promise<StreamAnchor> {
    return openAnchor(this.#parts.kms, this.#parts.database.anchor(stream)!);
  }

  async trim(head: StreamHead, body: Buffer): Promise<void> {
    const { database, kms, clock } = this.#parts;
    const anchor = await this.anchor(head.stream);
    if (anchor?.head.version === head.version && anchor.body.equals(body)) return await database.finishTrims();
    const signed = await signTrim(kms, { why: 'checkpoint', at: clock.now(), body, heads: [head] });
    await database.trim([head], signed, body, false);
  }

  async archive(streams: readonly string[]): Promise<void> {
    const { database, kms, clock } = this.#parts;
    if (new Set(streams).size !== streams.length) throw new JoulekeepError('ERR_TRIM_REFUSED', 'a stream is archived once at a time');
    const { body, heads } = await this.#archives.put(streams);
    const signed = await signTrim(kms, { why: 'archive', at: clock.now(), body, heads });
    await database.trim(heads, signed, body, true);
  }

  async sweep(): Promise<number> {
    await this.#parts.database.finishTrims();
    return await this.#archives.sweep();
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
    const rows = new Set<string>();
    for await (const stored of this.#archives.stored(stream)) rows.add(envelopeOf(stored).keyId);
    return [...rows].filter((keyId) => keyId !== '');
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
