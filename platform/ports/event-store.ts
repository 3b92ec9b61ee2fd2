import type { DomainEvent } from '../../events/index.ts';
import type { StreamAnchor } from './stream-anchor.ts';
import type { SubjectAccess } from './subject-access.ts';

/**
 * Under whose key a commit lies. `usage` seals the days of a subject and calendar month, `billing` the bills of a subject.
 * `subject` is an account id or UTILITY, `month` the `yyyy-mm` of the day's local date.
 */
export type SubjectKey =
  | { readonly of: 'usage'; readonly subject: string; readonly month: string }
  | { readonly of: 'billing'; readonly subject: string };

/**
 * Where a stream stands: the expected-version token of the next append. Opaque to callers, who get it from
 * `read` or from the append before. `hash` is SHA-256 over envelope and ciphertext of the last commit (32 zero
 * bytes for an empty stream), so a head also pins the chain.
 */
export interface StreamHead {
  readonly stream: string;
  /** Version of the last event, -1 for an empty stream. Dense: the next event has version + 1. */
  readonly version: number;
  readonly hash: Buffer;
}

/** What one append wants to record. All events become one commit, atomic and immutable. */
export interface NewCommit {
  /** 32 bytes; the same work done twice has the same id. */
  readonly commitId: Buffer;
  readonly events: readonly DomainEvent[];
  /** Demanded by streams `meterday/` and `bill/`, refused by all others. */
  readonly subject?: SubjectKey;
}

export interface RecordedCommit {
  readonly stream: string;
  /** Version of the commit's first event. */
  readonly version: number;
  readonly commitId: Buffer;
  /** UTC milliseconds, by the recording platform's clock. */
  readonly recordedAt: number;
  /** Empty when `erased`. Byte strings over 64 bytes are views into the commit's body: copy what you keep. */
  readonly events: readonly DomainEvent[];
  /** Head after this commit. */
  readonly head: StreamHead;
  /** Hash of the commit that it continues, 32 zero bytes for the first of a stream. */
  readonly prev: Buffer;
  /** The key of the body is destroyed: what was recorded is gone for good, its place in the chain is not. */
  readonly erased?: true;
  /** Row of the key table that seals the body. */
  readonly sealedBy?: string;
}

/** A commit as somebody else can check it: its bytes as they lie in the store, and what opens it alone. */
export interface CommitEvidence {
  readonly recorded: RecordedCommit;
  readonly envelope: Buffer;
  readonly body: Buffer;
  readonly tag: Buffer;
  /** SHA-256 over the three: what the next commit names, and the log has. */
  readonly hash: Buffer;
  /** 32 bytes that open this commit and no other; absent where it has no key of its own, or none any more. */
  readonly key?: Buffer;
}

export interface Appended {
  /** Head after this commit: known at once, so the next append of the stream can be prepared on top of it. */
  readonly head: StreamHead;
  /**
   * Settles when the commit is on stable storage. `repeated` means the store already held this very commitId at this
   * version (an own retry). Rejects with `VersionConflict` when another commit took the version; then every
   * append prepared on top of this one rejects as well. After `repeated` the head of the store is another than `head`
   * above (each attempt is sealed under its own nonce): read it again before the next append.
   */
  readonly durable: Promise<'appended' | 'repeated'>;
}

/** What lies in the place of a commit: its bytes speak, nothing of it is opened. */
export interface CommitTrace {
  /** Of its first event. */
  readonly version: number;
  /** Events in it, and when it was recorded (UTC ms), as its envelope says. */
  readonly count: number;
  readonly recordedAt: number;
  /** SHA-256 over envelope, ciphertext and tag, recomputed. */
  readonly hash: Buffer;
  /** `altered`: it can't be read, or the store noted another hash. `misplaced`: it was recorded under another version or stream. */
  readonly fault?: 'altered' | 'misplaced';
}

/** What recomputing a stream's chain has shown. */
export interface Verification {
  /** Sound ones. */
  readonly commits: number;
  /** Of these, checked by the chain alone: the reader has no key to them, or nobody has. */
  readonly sealed: number;
  /** First commit that is not what was recorded, by the version of its first event; where nobody has its key and nothing lies behind it, it may be the one before. */
  readonly bad?: { readonly version: number; readonly fault: string };
}

/** @source X.1332 10.1: meter data kept confidential and intact; house.md, event store */
export interface EventStore {
  /**
   * Commits from the one that starts at `fromVersion` (default 0), oldest first, read to the end of the stream.
   * @param access opens what lies under a subject's key; commits whose row is destroyed need none
   * @throws ERR_COMMIT_DAMAGED when a commit does not open or does not continue the chain
   * @throws ERR_SUBJECT_SEALED when a commit lies under the key of a subject that `access` does not cover at that time
   * @throws ERR_STREAM_TRIMMED when commits from `fromVersion` on were deleted behind a checkpoint; what was archived is read like the rest
   */
  read(stream: string, fromVersion?: number, access?: SubjectAccess): AsyncIterable<RecordedCommit>;
  /** The same commits with what shows each to somebody else. Of subjects' data and tariffs each has a key of its own. @throws as `read` does */
  evidence(stream: string, fromVersion?: number, access?: SubjectAccess): AsyncIterable<CommitEvidence>;
  /**
   * Head by a consistent read; also loads the stream's key, so that `append` needs no I/O before sealing.
   * @throws ERR_SUBJECT_MISSING, ERR_SUBJECT_INVALID as `append` does
   */
  head(stream: string, subject?: SubjectKey): Promise<StreamHead>;
  /**
   * Loads the keys of many subjects at once, for sealing and opening; missing rows are made in one write. A run over many
   * streams calls it per some thousand, then `head` and `append` find the keys in memory.
   */
  prepare(subjects: readonly SubjectKey[]): Promise<void>;
  /**
   * Seals and appends. Throws before anything is written:
   * @throws ERR_COMMIT_TOO_LARGE over 64 KiB
   * @throws ERR_EVENT_UNKNOWN for an event type that is not in the contract
   * @throws ERR_SUBJECT_MISSING when the stream holds subject data and no key is named
   * @throws ERR_SUBJECT_INVALID when the key named is not one for this stream
   * @throws ERR_STREAM_KEY_COLD (retryable) when the stream's key is not in memory or past its life there: call `head` first
   */
  append(head: StreamHead, commit: NewCommit): Appended;
  /** Rows of the key table that seal the commits of a stream, destroyed ones too. Opens nothing, needs no access. */
  rowsOf(stream: string): Promise<readonly string[]>;
  /** Where a stream stands, for whoever only reads: no key is asked for. Nothing can be appended on it. */
  latest(stream: string): Promise<StreamHead>;
  /**
   * Recomputes the chain of a stream, and opens nothing that the reader has no key to: of such a commit the next one vouches, which
   * carries its hash, and of the last of them nobody. Never throws on content.
   */
  verify(stream: string): Promise<Verification>;
  /** What lies where a commit was recorded, in an archive too; undefined where nothing does. Asks for no key, and never throws on content. */
  traceAt(stream: string, version: number): Promise<CommitTrace | undefined>;
  /** Names of streams with this prefix, archived ones too, for verification and rebuilds; never on a hot path. */
  streams(prefix: string): AsyncIterable<string>;
  /** Where the hot part of a stream begins; undefined when nothing was taken out. @throws ERR_ANCHOR_REFUSED when nobody entitled has signed it */
  anchor(stream: string): Promise<StreamAnchor | undefined>;
  /** Whether anything of the stream lies outside an archive. */
  isHot(stream: string): Promise<boolean>;
  /**
   * Deletes the commits up to `head`, for which `body` (SHA-256 of an object) stands in from now on, behind a signature that only
   * the principal `archive` can make. Can be repeated.
   * @throws ERR_TRIM_REFUSED when the stream has no commit that ends with this head; ERR_KMS_ACCESS_DENIED
   */
  trim(head: StreamHead, body: Buffer): Promise<void>;
  /**
   * Moves all commits of these streams into one object, sealed as they are, behind the same signature. Reading goes on as before.
   * The chain is checked on the way. Can be repeated; a stream that has grown since is moved with what it had.
   * @throws ERR_COMMIT_DAMAGED, ERR_TRIM_REFUSED (retryable) when a stream grew meanwhile; ERR_KMS_ACCESS_DENIED
   */
  archive(streams: readonly string[]): Promise<void>;
  /** Finishes deletions that broke off, and deletes archives that nothing refers to. As `trim`, for `archive` alone. @returns how many */
  sweep(): Promise<number>;
}
