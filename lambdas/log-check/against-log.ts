import type { LogEntry } from '../../protocol/log/entry.ts';
import { nameOf } from '../log/receipt.ts';

/** A commit as it lies in the store. */
interface Walked extends LogEntry {
  /** UTC ms, as its envelope says. */
  readonly recordedAt: number;
}

/** How a walk of a stream ended. */
interface WalkEnd {
  readonly stream: string;
  /** What was taken out behind a signature, up to which version. */
  readonly trimmed?: { readonly why: 'checkpoint' | 'archive'; readonly to: number };
  /** Where it broke off. */
  readonly bad?: object;
}

/** What entries say of commits, by stream, in the order of the log. */
export type LoggedCommits = Map<string, Pick<LogEntry, 'version' | 'hash'>[]>;

/**
 * A commit where store and log differ. `unlogged`: it lies in the store, and the log never heard of it. `gone`: it was logged, and is not
 * there. `not as logged`: another one lies in its place. `logged twice`: the log has two of one version, or goes back.
 */
export interface LogDifference {
  readonly stream: string;
  /** Version of its first event. */
  readonly version: number;
  readonly fault: 'unlogged' | 'gone' | 'not as logged' | 'logged twice';
}

/** A commit has its place in the log after so long, at the latest. */
const LOGGED_WITHIN_MS = 120_000;

/** Holds what walks of the store come by against what the log says was there, stream by stream. */
export class AgainstLog {
  readonly #logged: LoggedCommits;
  readonly #since: number;
  readonly #until: number;
  readonly #pending: ReadonlySet<string>;
  readonly #walked = new Map<string, Walked[]>();
  /** Commits that are too young to have a place, or were told to the log since its newest checkpoint. */
  waiting = 0;

  /**
   * @param at of the newest checkpoint @param now no commit is younger, whatever it says; UTC ms
   * @param pending names of those that the log has taken note of and gives their places next, whatever their clocks said
   */
  constructor(logged: LoggedCommits, at: number, now: number, pending: ReadonlySet<string> = new Set()) {
    this.#logged = logged;
    this.#since = at - LOGGED_WITHIN_MS;
    this.#until = Math.max(at, now) + LOGGED_WITHIN_MS;
    this.#pending = pending;
  }

  walked(commit: Walked): void {
    const walked = this.#walked.get(commit.stream);
    if (walked === undefined) this.#walked.set(commit.stream, [commit]);
    else walked.push(commit);
  }

  /** When the walk of a stream has ended. @returns its first difference */
  differenceOf({ stream, trimmed, bad }: WalkEnd): LogDifference | undefined {
    const walked = this.#walked.get(stream) ?? [];
    this.#walked.delete(stream);
    const logged = this.#logged.get(stream) ?? [];
    this.#logged.delete(stream);
    const twice = logged.find(({ version }, at) => at > 0 && version <= logged[at - 1]!.version);
    if (twice !== undefined) return { stream, version: twice.version, fault: 'logged twice' };
    // What was deleted behind a signed checkpoint the log may remember; what lies in an archive is there.
    const deletedTo = trimmed?.why === 'checkpoint' ? trimmed.to : -1;
    const kept = logged.filter(({ version }) => version > deletedTo);
    // Behind a broken link the walk goes no further, and nothing is said of what lies there.
    return this.#compare(
      stream,
      walked,
      bad === undefined ? kept : kept.filter(({ version }) => version <= (walked.at(-1)?.version ?? -1)),
    );
  }

  /** Streams of which nothing is left, once all others were walked. */
  *gone(prefix: string): Generator<LogDifference, void, void> {
    for (const [stream, [first]] of this.#logged)
      if (first !== undefined && stream.startsWith(prefix)) yield { stream, version: first.version, fault: 'gone' };
  }

  #compare(stream: string, walked: readonly Walked[], logged: readonly { version: number; hash: Buffer }[]): LogDifference | undefined {
    let at = 0;
    for (const commit of walked) {
      const entry = logged[at];
      if (entry !== undefined && entry.version < commit.version) return { stream, version: entry.version, fault: 'gone' };
      if (entry?.version === commit.version) {
        if (!entry.hash.equals(commit.hash)) return { stream, version: commit.version, fault: 'not as logged' };
        at++;
      } else if (entry !== undefined || !this.#waits(commit)) return { stream, version: commit.version, fault: 'unlogged' };
      else this.waiting++;
    }
    const missing = logged[at];
    return missing && { stream, version: missing.version, fault: 'gone' };
  }

  #waits(commit: Walked): boolean {
    return (commit.recordedAt >= this.#since && commit.recordedAt <= this.#until) || this.#pending.has(nameOf(commit));
  }
}
