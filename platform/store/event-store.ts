import type { KeyObject } from 'node:crypto';
import { JoulekeepError } from '../../events/errors.ts';
import type { Defences } from '../../topology/defences.ts';
import type {
  Appended,
  CommitEvidence,
  CommitTrace,
  EventStore,
  NewCommit,
  RecordedCommit,
  StreamHead,
  SubjectKey,
  Verification,
} from '../ports/event-store.ts';
import type { Kms } from '../ports/kms.ts';
import type { Clock, ObjectStore } from '../ports/platform.ts';
import { type StreamAnchor, StreamTrimmed } from '../ports/stream-anchor.ts';
import type { SubjectAccess } from '../ports/subject-access.ts';
import { Archives } from './archives.ts';
import { emptyHead, envelopeOf, type StoredCommit, sealCommit } from './commit.ts';
import { CommitsTakenOut, type CommitTable } from './commit-table.ts';
import { traceAt } from './commit-trace.ts';
import { checkStreamName } from './envelope.ts';
import { readEvidence } from './evidence.ts';
import { checkSubjectKey } from './key-class.ts';
import type { Keyring } from './keyring.ts';
import { type KeySource, readCommits } from './reader.ts';
import { covers, mayCheck, sealedFromReader } from './subject-check.ts';
import { isSigned, openAnchor, signTrim } from './trim-record.ts';
import { verifyStream } from './verify.ts';

export interface EventStoreParts {
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

/** An archive that was opened to be checked stays so for this long: somebody may have got at it since. */
const TRACED_MS = 15 * 60_000;

interface Kept {
  readonly commits: AsyncIterable<StoredCommit> | Iterable<StoredCommit>;
  /** The head before the first of them where it is known. */
  readonly after?: StreamHead;
}

/** The event store as one principal, on whatever table a platform keeps commits in. */
export class SealedEventStore implements EventStore {
  readonly #table: CommitTable;
  readonly #parts: EventStoreParts;
  readonly #archives: Archives;
  /** Opened to be checked. */
  #traced: Archives;
  #tracedSince = 0;

  constructor(table: CommitTable, parts: EventStoreParts) {
    this.#table = table;
    this.#parts = parts;
    this.#archives = new Archives({ hot: table, objects: parts.objects });
    this.#traced = this.#archives;
  }

  async *read(stream: string, fromVersion = 0, access?: SubjectAccess): AsyncGenerator<RecordedCommit, void, void> {
    const { commits, after, keyOf } = await this.#toRead(stream, fromVersion, access);
    yield* readCommits(commits, keyOf, this.#parts.defences.sealedStorage, fromVersion, after);
  }

  async *evidence(stream: string, fromVersion = 0, access?: SubjectAccess): AsyncGenerator<CommitEvidence, void, void> {
    const { commits, after, keyOf } = await this.#toRead(stream, fromVersion, access);
    yield* readEvidence(commits, keyOf, this.#parts.defences.sealedStorage, fromVersion, after);
  }

  async #toRead(stream: string, fromVersion: number, access: SubjectAccess | undefined): Promise<Kept & { readonly keyOf: KeySource }> {
    checkStreamName(stream);
    await this.#table.settled(stream);
    const kept = this.#behindSeen(stream, fromVersion) ?? (await this.#from(stream, fromVersion));
    return { ...kept, keyOf: (keyId) => this.#keyFor(stream, keyId, access) };
  }

  /** From the head on that was seen lately nobody has to ask where the stream begins. */
  #behindSeen(stream: string, version: number): Kept | undefined {
    const seen = this.#table.seen?.(stream);
    return seen !== undefined && seen.version === version - 1 ? { commits: this.#hot(stream, version), after: seen } : undefined;
  }

  /** Commits from a version on, wherever they lie. */
  async #from(stream: string, version: number): Promise<Kept> {
    const anchor = await this.#table.anchor(stream);
    if (anchor === undefined || version > anchor.head.version) {
      const commits = this.#hot(stream, version);
      if (version === (anchor?.head.version ?? -1) + 1) return { commits, after: anchor?.head ?? emptyHead(stream) };
      return { commits };
    }
    const { why } = await openAnchor(this.#parts.kms, anchor);
    if (why !== 'archive') throw new StreamTrimmed(stream, anchor.head.version + 1);
    const commits = this.#archives.stored(stream, version);
    return version === 0 ? { commits, after: emptyHead(stream) } : { commits };
  }

  /** From the table, and on from wherever they lie when they are taken out of it meanwhile. */
  async *#hot(stream: string, version: number): AsyncGenerator<StoredCommit, void, void> {
    let next = version;
    try {
      for await (const stored of this.#table.stored(stream, version)) {
        yield stored;
        next = stored.version + 1;
      }
    } catch (error) {
      if (!(error instanceof CommitsTakenOut)) throw error;
      yield* (await this.#from(stream, next)).commits;
    }
  }

  async anchor(stream: string): Promise<StreamAnchor | undefined> {
    checkStreamName(stream);
    const anchor = await this.#table.anchor(stream);
    return anchor && (await openAnchor(this.#parts.kms, anchor));
  }

  async isHot(stream: string): Promise<boolean> {
    await this.#table.settled(stream);
    const [head, anchor] = await Promise.all([this.#table.head(stream), this.#table.anchor(stream)]);
    return head.version > (anchor?.head.version ?? -1);
  }

  async trim(head: StreamHead, body: Buffer): Promise<void> {
    const { kms, clock } = this.#parts;
    const anchor = await this.anchor(head.stream);
    if (anchor?.head.version === head.version && anchor.body.equals(body)) return await this.#table.finishTrims();
    const signed = await signTrim(kms, { why: 'checkpoint', at: clock.now(), body, heads: [head] });
    await this.#table.trim([head], signed, body, false);
  }

  async archive(streams: readonly string[]): Promise<void> {
    const { kms, clock } = this.#parts;
    if (new Set(streams).size !== streams.length) throw new JoulekeepError('ERR_TRIM_REFUSED', 'a stream is archived once at a time');
    const { body, heads } = await this.#archives.put(streams);
    const signed = await signTrim(kms, { why: 'archive', at: clock.now(), body, heads });
    await this.#table.trim(heads, signed, body, true);
  }

  async sweep(): Promise<number> {
    return await this.#table.sweep(this.#parts.objects);
  }

  async head(stream: string, subject?: SubjectKey): Promise<StreamHead> {
    checkStreamName(stream);
    checkSubjectKey(stream, subject);
    await Promise.all([this.#parts.keyring.load(stream, this.#keyOf(subject)), this.#table.settled(stream)]);
    return await this.#table.head(stream);
  }

  async prepare(subjects: readonly SubjectKey[]): Promise<void> {
    await this.#parts.keyring.prepare(subjects.map((subject) => this.#keyOf(subject)!));
  }

  append(head: StreamHead, commit: NewCommit): Appended {
    const { keyring, clock, defences } = this.#parts;
    checkStreamName(head.stream);
    checkSubjectKey(head.stream, commit.subject);
    const key = defences.sealedStorage ? keyring.sealingKey(head.stream, this.#keyOf(commit.subject)) : undefined;
    const sealed = sealCommit(head, commit, key, clock.now());
    const durable = this.#table.put(sealed, head);
    // Whoever pipelines may wait for the last append only: a conflict of an earlier one must not end the process.
    durable.catch(() => undefined);
    return { head: sealed.head, durable };
  }

  async rowsOf(stream: string): Promise<readonly string[]> {
    checkStreamName(stream);
    await this.#table.settled(stream);
    const rows = new Set<string>();
    for await (const stored of this.#archives.stored(stream)) rows.add(envelopeOf(stored).keyId);
    return [...rows].filter((keyId) => keyId !== '');
  }

  async latest(stream: string): Promise<StreamHead> {
    checkStreamName(stream);
    await this.#table.settled(stream);
    return await this.#table.head(stream);
  }

  async verify(stream: string): Promise<Verification> {
    checkStreamName(stream);
    await this.#table.settled(stream);
    const { keyring, kms, principal, defences } = this.#parts;
    const { commits, erased, bad } = await verifyStream(this.#archives, stream, {
      keyOf: async (keyId) => (mayCheck(principal, keyId) ? await keyring.openingKey(keyId) : undefined),
      wasDestroyed: async (keyId) => !mayCheck(principal, keyId) || (await keyring.wasDestroyed(keyId)),
      isSigned: (anchor) => isSigned(kms, anchor),
      sealed: defences.sealedStorage,
    });
    return { commits, sealed: erased, ...(bad && { bad: { version: bad.version, fault: bad.fault } }) };
  }

  async traceAt(stream: string, version: number): Promise<CommitTrace | undefined> {
    await this.#table.settled(stream);
    return await traceAt(this.#archivesToTrace(), stream, version);
  }

  streams(prefix: string): AsyncIterable<string> {
    return this.#table.streams(prefix);
  }

  /** What is destroyed is gone for everybody alike; what is there opens for whoever has access to its subject. */
  async #keyFor(stream: string, keyId: string, access: SubjectAccess | undefined): Promise<KeyObject | undefined> {
    const { keyring, principal, defences } = this.#parts;
    if (!defences.subjectKeys || covers(access, stream, keyId, principal)) return await keyring.openingKey(keyId);
    if (await keyring.isThere(keyId)) throw sealedFromReader(stream);
    return undefined;
  }

  #archivesToTrace(): Archives {
    const { objects, clock } = this.#parts;
    if (clock.now() - this.#tracedSince > TRACED_MS) {
      this.#traced = new Archives({ hot: this.#table, objects });
      this.#tracedSince = clock.now();
    }
    return this.#traced;
  }

  #keyOf(subject: SubjectKey | undefined): SubjectKey | undefined {
    return subject === undefined || this.#parts.defences.subjectKeys ? subject : { ...subject, subject: EVERYBODY };
  }
}
