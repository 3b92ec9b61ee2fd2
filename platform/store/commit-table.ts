import { JoulekeepError } from '../../events/errors.ts';
import type { StreamHead } from '../ports/event-store.ts';
import type { ObjectStore } from '../ports/platform.ts';
import type { SealedCommit, StoredCommit } from './commit.ts';
import type { SignedTrim, StoredAnchor } from './trim-record.ts';

/** What is hot of streams: sealed commits outside archives, and where they begin. */
export interface HotCommits {
  /** In version order. @throws CommitsTakenOut when they were taken out since the anchor was read */
  stored(stream: string, fromVersion?: number): AsyncIterable<StoredCommit> | Iterable<StoredCommit>;
  /** The commit that begins at this version; undefined where none does, or it was taken out. @throws ERR_COMMIT_DAMAGED when its body alone is gone */
  at(stream: string, version: number): StoredCommit | undefined | Promise<StoredCommit | undefined>;
  /** Names with this prefix in their order, those that have nothing but an anchor too. */
  streams(prefix: string): AsyncIterable<string>;
  /** Where the hot part of a stream begins, unchecked. */
  anchor(stream: string): StoredAnchor | undefined | Promise<StoredAnchor | undefined>;
}

/** Where a platform keeps sealed commits. It knows no keys: `SealedEventStore` on top of it seals and opens. */
export interface CommitTable extends HotCommits {
  /** Resolves when what was appended to the stream so far can be read. */
  settled(stream: string): Promise<void>;
  head(stream: string): StreamHead | Promise<StreamHead>;
  /**
   * The head that was seen last, if that was so lately that whatever was taken out behind it has left its mark: `stored` from there on
   * throws `CommitsTakenOut` rather than leave something out. Absent: nothing is remembered.
   */
  seen?(stream: string): StreamHead | undefined;
  /** The conditional put, on top of `prepared` alone. @throws VersionConflict */
  put(commit: SealedCommit, prepared: StreamHead): Promise<'appended' | 'repeated'>;
  /**
   * Lets the streams begin behind these heads from now on, then deletes what lies before.
   * @param whole the heads must be the streams' last @throws ERR_TRIM_REFUSED (retryable)
   */
  trim(heads: readonly StreamHead[], signed: SignedTrim, body: Buffer, whole: boolean): Promise<void>;
  /** Deletes what a trim that broke off has left. */
  finishTrims(): Promise<void>;
  /** The same, and deletes archives that nothing rests on. @returns how many */
  sweep(objects: ObjectStore): Promise<number>;
}

/** A reader met the place of commits that were taken out after it had asked where the stream begins: it asks again. */
export class CommitsTakenOut extends JoulekeepError {
  constructor(stream: string) {
    super('ERR_COMMITS_TAKEN_OUT', `${stream}: commits were taken out while they were read`, { retryable: true });
  }
}
