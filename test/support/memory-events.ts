import { createHash, randomBytes } from 'node:crypto';
import { decode, encode } from 'cbor-x/index-no-eval';
import type { DomainEvent } from '../../events/index.ts';
import { JoulekeepError } from '../../events/index.ts';
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
} from '../../platform/ports/event-store.ts';
import type { Clock } from '../../platform/ports/platform.ts';
import { type StreamAnchor, StreamTrimmed } from '../../platform/ports/stream-anchor.ts';
import type { SubjectAccess } from '../../platform/ports/subject-access.ts';
import { VersionConflict } from '../../platform/ports/version-conflict.ts';
import { checkSubjectKey, keyClassOf, keyRowId, subjectClass } from '../../platform/store/key-class.ts';
import { covers, sealedFromReader } from '../../platform/store/subject-check.ts';

interface StoredCommit {
  readonly version: number;
  readonly count: number;
  readonly commitId: Buffer;
  readonly recordedAt: number;
  readonly body: Buffer;
  readonly hash: Buffer;
  readonly prev: Buffer;
  /** A row of the key table this store does not have, for whose data it is. */
  readonly sealedBy: string;
}

const NO_COMMIT = Buffer.alloc(32);
const COMMIT_LIMIT = 64 * 1024;

/**
 * An event store in memory that conflicts as the real ones do: an append is decided when its turn comes (not when it
 * is asked for), the hash of a commit differs per attempt, and what was prepared on a head that lost is rejected too.
 */
export class MemoryEventStore implements EventStore {
  /** Called before each append is decided: a test lets another writer win here, or throws to play a crash. */
  beforeAppend: ((stream: string, commit: NewCommit) => void | Promise<void>) | undefined;
  /** Called after a commit is stored and before the caller hears of it: throwing plays a crash between put and answer. */
  afterAppend: ((stream: string, commit: NewCommit) => void | Promise<void>) | undefined;
  readonly #clock: Clock;
  readonly #streams = new Map<string, StoredCommit[]>();
  readonly #anchors = new Map<string, StreamAnchor>();
  #turn: Promise<unknown> = Promise.resolve();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  async *read(stream: string, fromVersion = 0, access?: SubjectAccess): AsyncIterable<RecordedCommit> {
    const anchor = this.#anchors.get(stream);
    if (anchor !== undefined && fromVersion <= anchor.head.version) throw new StreamTrimmed(stream, anchor.head.version + 1);
    const commits = this.#streams.get(stream) ?? [];
    for (let i = 0; i < commits.length; i++) {
      const commit = commits[i]!;
      if (commit.version < fromVersion) continue;
      if (!covers(access, stream, commit.sealedBy)) throw sealedFromReader(stream);
      yield recorded(stream, commit);
    }
  }

  /** Nothing is sealed here, so that nothing can be shown to somebody else. */
  async *evidence(stream: string, fromVersion = 0, access?: SubjectAccess): AsyncIterable<CommitEvidence> {
    for await (const recorded of this.read(stream, fromVersion, access))
      yield { recorded, envelope: Buffer.alloc(0), body: encode(recorded.events), tag: Buffer.alloc(0), hash: recorded.head.hash };
  }

  async head(stream: string, subject?: SubjectKey): Promise<StreamHead> {
    checkSubjectKey(stream, subject);
    return await this.latest(stream);
  }

  async latest(stream: string): Promise<StreamHead> {
    const last = this.#streams.get(stream)?.at(-1);
    return last === undefined ? (this.#anchors.get(stream)?.head ?? headOf(stream, undefined)) : headOf(stream, last);
  }

  /** Each commit names the hash of the one before; nothing is sealed here. */
  async verify(stream: string): Promise<Verification> {
    let before = this.#anchors.get(stream)?.head ?? headOf(stream, undefined);
    let commits = 0;
    for (const stored of this.#streams.get(stream) ?? []) {
      if (!stored.prev.equals(before.hash)) return { commits, sealed: 0, bad: { version: stored.version, fault: 'altered' } };
      before = headOf(stream, stored);
      commits++;
    }
    return { commits, sealed: 0 };
  }

  async traceAt(stream: string, version: number): Promise<CommitTrace | undefined> {
    const stored = (this.#streams.get(stream) ?? []).find((commit) => commit.version === version);
    return stored && { version, count: stored.count, recordedAt: stored.recordedAt, hash: stored.hash };
  }

  async prepare(): Promise<void> {}

  append(head: StreamHead, commit: NewCommit): Appended {
    checkSubjectKey(head.stream, commit.subject);
    const body = encode(commit.events);
    if (body.length > COMMIT_LIMIT) throw new JoulekeepError('ERR_COMMIT_TOO_LARGE', `${head.stream}: ${body.length} bytes`);
    const stored: StoredCommit = {
      version: head.version + 1,
      count: commit.events.length,
      commitId: Buffer.from(commit.commitId),
      recordedAt: this.#clock.now(),
      body,
      prev: head.hash,
      sealedBy: rowOf(head.stream, commit.subject),
      hash: createHash('sha256').update(head.hash).update(commit.commitId).update(randomBytes(12)).update(body).digest(),
    };
    const durable = this.#turn.then(() => this.#put(head, stored, commit));
    this.#turn = durable.catch(() => undefined);
    return { head: headOf(head.stream, stored), durable };
  }

  async rowsOf(stream: string): Promise<readonly string[]> {
    return [...new Set((this.#streams.get(stream) ?? []).map(({ sealedBy }) => sealedBy))].filter((row) => row !== '');
  }

  async anchor(stream: string): Promise<StreamAnchor | undefined> {
    return this.#anchors.get(stream);
  }

  async isHot(stream: string): Promise<boolean> {
    return (this.#streams.get(stream) ?? []).length > 0;
  }

  /** Nothing is signed here: that is the business of a store that lasts. */
  async trim(head: StreamHead, body: Buffer): Promise<void> {
    const commits = this.#streams.get(head.stream) ?? [];
    if (!commits.some((commit) => headOf(head.stream, commit).hash.equals(head.hash)))
      throw new JoulekeepError('ERR_TRIM_REFUSED', `${head.stream}: does not stand where it is to be cut`);
    this.#streams.set(
      head.stream,
      commits.filter(({ version }) => version > head.version),
    );
    this.#anchors.set(head.stream, { why: 'checkpoint', head, body, at: this.#clock.now() });
  }

  /** What is archived is read as before: here it just stays. */
  async archive(): Promise<void> {}

  async sweep(): Promise<number> {
    return 0;
  }

  async *streams(prefix: string): AsyncIterable<string> {
    for (const stream of [...this.#streams.keys()].sort()) if (stream.startsWith(prefix)) yield stream;
  }

  /** All events of a stream, for assertions. */
  eventsOf(stream: string): DomainEvent[] {
    return (this.#streams.get(stream) ?? []).flatMap((commit) => [...recorded(stream, commit).events]);
  }

  /** A copy of everything stored. @returns puts it back, as a restore from a backup does */
  backup(): () => void {
    const copy = [...this.#streams].map(([stream, commits]): [string, StoredCommit[]] => [stream, [...commits]]);
    return () => {
      this.#streams.clear();
      for (const [stream, commits] of copy) this.#streams.set(stream, [...commits]);
    };
  }

  /** Every stored body, for scans that look for what must not be there. */
  bodies(): Buffer[] {
    return [...this.#streams.values()].flat().map((commit) => commit.body);
  }

  async #put(head: StreamHead, stored: StoredCommit, commit: NewCommit): Promise<'appended' | 'repeated'> {
    const { stream } = head;
    await this.beforeAppend?.(stream, commit);
    const commits = this.#streams.get(stream) ?? [];
    const holder = commits.find((other) => other.version <= stored.version && stored.version < other.version + other.count);
    if (holder?.version === stored.version && holder.commitId.equals(stored.commitId)) return 'repeated';
    const last = commits.at(-1);
    if (!headOf(stream, last).hash.equals(head.hash)) throw new VersionConflict(stream, stored.version, holder?.commitId);
    this.#streams.set(stream, commits);
    commits.push(stored);
    await this.afterAppend?.(stream, commit);
    return 'appended';
  }
}

/** Of segments and subjects: nothing asks for others. */
function rowOf(stream: string, subject: SubjectKey | undefined): string {
  if (subject !== undefined) return keyRowId(subjectClass(subject), 0);
  return stream.startsWith('segment/') ? keyRowId(keyClassOf(stream), 0) : '';
}

function headOf(stream: string, last: StoredCommit | undefined): StreamHead {
  if (last === undefined) return { stream, version: -1, hash: NO_COMMIT };
  return { stream, version: last.version + last.count - 1, hash: last.hash };
}

function recorded(stream: string, commit: StoredCommit): RecordedCommit {
  const { version, commitId, recordedAt, prev, sealedBy } = commit;
  const events = decode(commit.body) as DomainEvent[];
  return { stream, version, commitId, recordedAt, prev, sealedBy, events, head: headOf(stream, commit) };
}
