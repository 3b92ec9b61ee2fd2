import type { StreamHead } from '../ports/event-store.ts';
import type { KeySource } from './reader.ts';
import type { StoredAnchor } from './trim-record.ts';

export interface VerifyOptions {
  readonly keyOf: KeySource;
  /** Whether the row was destroyed on purpose: a key that is merely not there excuses nothing. */
  readonly wasDestroyed: (keyId: string) => Promise<boolean>;
  /** Whether somebody entitled has signed that the stream begins there. */
  readonly isSigned: (anchor: StoredAnchor) => Promise<boolean>;
  /** Whether a body in clear is damage; false only in the proof harness. */
  readonly sealed: boolean;
  /**
   * A head known from elsewhere (an exported checkpoint): the stream must contain it. Without one, a stream cut off at
   * its end, or put back as a whole to an older state, looks sound: nothing inside it can tell.
   */
  readonly known?: StreamHead;
  /** Hears of every commit that lies there with an envelope that can be read, sound or not, in the order of the walk. */
  readonly onCommit?: (commit: WalkedCommit) => void;
  /** Head before the first commit that is kept, when older ones were deleted behind a checkpoint. */
  readonly after?: StreamHead;
}

/** A commit as it lies in the store. */
export interface WalkedCommit {
  readonly stream: string;
  /** Version of its first event. */
  readonly version: number;
  /** UTC ms, as its envelope says. */
  readonly recordedAt: number;
  /** Chain hash of its bytes. */
  readonly hash: Buffer;
}

export interface StreamReport {
  readonly stream: string;
  /** Sound ones, erased included. */
  readonly commits: number;
  readonly events: number;
  readonly erased: number;
  /** Head of the sound part. */
  readonly head: StreamHead;
  /** Events up to this version were deleted behind a signed checkpoint, or lie in an archive. */
  readonly trimmed?: { readonly why: 'checkpoint' | 'archive'; readonly to: number };
  /** First commit that is not what was recorded; absent when the stream is sound. */
  readonly bad?: BadCommit;
}

export interface BadCommit {
  readonly stream: string;
  /** Version of the first event of the commit, as its row says; of the first missing event when it is missing. */
  readonly version: number;
  readonly fault: CommitFault;
  /**
   * Only when erased commits lie directly before: the first of them. They carry no tag that could still be checked, so
   * whoever rewrote the bad one may have rewritten these as well.
   */
  readonly since?: number;
}

/**
 * `altered`: its bytes are not those recorded. `missing`: it should be here. `misplaced`: it was recorded under another
 * version or stream. `inserted`: it was never recorded here. `replaced`: not what the known head names. `unsigned`: commits up to
 * here are said to have been taken out, and nobody entitled has signed it.
 */
export type CommitFault = 'altered' | 'missing' | 'misplaced' | 'inserted' | 'replaced' | 'unsigned';
