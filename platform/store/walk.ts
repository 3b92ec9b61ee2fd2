import { JoulekeepError } from '../../events/errors.ts';
import type { StreamHead } from '../ports/event-store.ts';
import { chainHash, type StoredCommit } from './commit.ts';
import { type Envelope, encodeEnvelope, HASH_BYTES } from './envelope.ts';
import { inspect } from './inspect.ts';
import { keyCreatedAt } from './key-class.ts';
import { openStored } from './reader.ts';
import type { BadCommit, CommitFault, StreamReport, VerifyOptions } from './report.ts';

interface Link {
  readonly stored: StoredCommit;
  readonly envelope: Envelope;
  readonly head: StreamHead;
  /** Version of its first event. */
  readonly version: number;
  readonly erased: boolean;
}

/** Keys of a stream die oldest first; two writers may at most have made two within one day. */
const KEY_OVERLAP_MS = 86_400_000;

/**
 * One walk along a stream. A commit that opens is vouched for by its tag; an erased one only by the commit behind it,
 * which carries its hash. So a broken link is settled by whoever can still speak:
 *
 *   a --x-- b opens            a was changed after b had named it
 *   a --x-- b erased --- c     c names b: a was changed
 *   a --x-- b erased --x-- c   b was changed
 */
export class Walk {
  readonly #stream: string;
  readonly #options: VerifyOptions;
  readonly #start: StreamHead;
  #links = 0;
  #events = 0;
  #erased = 0;
  #before: Link | undefined;
  #last: Link | undefined;
  /** Erased, and does not name `#last`: the next commit decides. */
  #doubtful: Link | undefined;
  #bad: BadCommit | undefined;
  /** First of the erased commits that lie in a row up to here. */
  #erasedSince: number | undefined;
  #newestKeyAt = 0;
  #knownSeen: boolean;

  constructor(stream: string, options: VerifyOptions) {
    this.#stream = stream;
    this.#options = options;
    this.#start = options.after ?? { stream, version: -1, hash: Buffer.alloc(HASH_BYTES) };
    this.#knownSeen = options.known === undefined || options.known.version <= this.#start.version;
  }

  /** @returns whether to go on */
  async step(stored: StoredCommit): Promise<boolean> {
    const link = await this.#inspect(stored);
    if (this.#doubtful) this.#settle(link?.envelope.prev.equals(this.#doubtful.head.hash) ?? false);
    else if (link) this.#append(link);
    return this.#bad === undefined;
  }

  finish(): StreamReport {
    if (this.#doubtful && !this.#bad) this.#settle(false);
    const end = this.#last?.head ?? this.#start;
    if (!this.#knownSeen && !this.#bad) this.#fault(end.version + 1, 'missing');
    const report = { stream: this.#stream, commits: this.#links, events: this.#events, erased: this.#erased, head: end };
    return this.#bad ? { ...report, bad: this.#bad } : report;
  }

  /** The commit on its own: undefined when it is bad whatever lies around it. */
  async #inspect(stored: StoredCommit): Promise<Link | undefined> {
    const { hash, envelope, fault } = inspect(stored);
    if (envelope === undefined || fault === 'misplaced') return this.#suspect(stored, fault ?? 'altered');
    this.#options.onCommit?.({ stream: stored.stream, version: stored.version, recordedAt: envelope.recordedAt, hash });
    if (fault !== undefined) return this.#suspect(stored, fault);
    const state = await this.#open(stored, envelope);
    if (state === 'damaged') return this.#suspect(stored, 'altered');
    const head = { stream: this.#stream, version: envelope.version + envelope.count - 1, hash };
    return { stored, envelope, head, version: envelope.version, erased: state === 'erased' };
  }

  async #open(stored: StoredCommit, envelope: Envelope): Promise<'opened' | 'erased' | 'damaged'> {
    try {
      const events = await openStored(stored, envelope, this.#options.keyOf, this.#options.sealed);
      if (events !== undefined) return 'opened';
    } catch (error) {
      if (isDamage(error)) return 'damaged';
      throw error;
    }
    return (await this.#options.wasDestroyed(envelope.keyId)) ? 'erased' : 'damaged';
  }

  /** Bad in itself, unless the commit before is missing or in doubt, which then comes first. */
  #suspect(stored: StoredCommit, fault: CommitFault): undefined {
    if (this.#doubtful) return undefined;
    const expected = this.#end().version + 1;
    if (stored.version > expected) return this.#fault(expected, 'missing');
    return this.#fault(stored.version, stored.version < expected ? 'inserted' : fault);
  }

  #append(link: Link): undefined {
    const end = this.#end();
    if (link.version !== end.version + 1 && this.#last?.erased && namesRecounted(this.#last, link)) return this.#blameLast();
    if (link.version > end.version + 1) return this.#fault(end.version + 1, 'missing');
    if (link.version < end.version + 1) return this.#fault(link.version, 'inserted');
    if (link.erased && keyCreatedAt(link.envelope.keyId) + KEY_OVERLAP_MS < this.#newestKeyAt) return this.#fault(link.version, 'inserted');
    if (link.envelope.prev.equals(end.hash)) return this.#accept(link);
    if (link.erased) this.#doubtful = link;
    else if (this.#last) this.#blameLast();
    else this.#fault(link.version, 'replaced');
  }

  #settle(vouched: boolean): void {
    const doubtful = this.#doubtful!;
    const named = this.#options.known?.hash.equals(doubtful.head.hash) ?? false;
    if ((vouched || named) && this.#last) this.#blameLast();
    else this.#fault(doubtful.version, 'altered');
  }

  #accept(link: Link): undefined {
    const { known } = this.#options;
    if (!this.#knownSeen && known && link.head.version >= known.version) {
      if (!link.head.hash.equals(known.hash)) return this.#fault(link.version, 'replaced');
      this.#knownSeen = true;
    }
    this.#before = this.#last;
    this.#last = link;
    this.#links += 1;
    this.#events += link.envelope.count;
    if (link.erased) {
      this.#erased += 1;
      this.#erasedSince ??= link.version;
      return;
    }
    this.#erasedSince = undefined;
    if (link.envelope.keyId !== '') this.#newestKeyAt = Math.max(this.#newestKeyAt, keyCreatedAt(link.envelope.keyId));
  }

  #blameLast(): undefined {
    const last = this.#last!;
    this.#last = this.#before;
    this.#links -= 1;
    this.#events -= last.envelope.count;
    if (last.erased) this.#erased -= 1;
    this.#fault(last.version, 'altered');
  }

  /** The first fault stands. @returns nothing: no link */
  #fault(version: number, fault: CommitFault): undefined {
    const since = this.#erasedSince;
    this.#bad ??= { stream: this.#stream, version, fault, ...(since !== undefined && since < version ? { since } : {}) };
  }

  #end(): StreamHead {
    return this.#last?.head ?? this.#start;
  }
}

/** Whether `next` names the commit as it would be with another count of events: the count of an erased commit was edited. */
function namesRecounted({ stored, envelope, version }: Link, next: Link): boolean {
  const count = next.version - version;
  return count > 0 && chainHash({ ...stored, envelope: encodeEnvelope({ ...envelope, count }) }).equals(next.envelope.prev);
}

function isDamage(error: unknown): boolean {
  return error instanceof JoulekeepError && (error.code === 'ERR_COMMIT_DAMAGED' || error.code === 'ERR_EVENTS_UNREADABLE');
}
