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
export type LoggedCommits = Map<string, Logged[]>;

type Logged = Pick<LogEntry, 'version' | 'hash'>;

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

/** How far a stream was held against its entries. */
interface Held {
  /** Entries of versions before the first commit that was walked. */
  readonly before: number;
  /** The next entry. */
  at: number;
  difference?: LogDifference;
}

/** Holds what walks of the store come by against what the log says was there, commit by commit: nothing of them is kept. */
export class AgainstLog {
  readonly #logged: LoggedCommits;
  readonly #since: number;
  readonly #until: number;
  readonly #pending: ReadonlySet<string>;
  readonly #held = new Map<string, Held>();
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

  /** Commits of a stream come in the order of versions; those of others may come between. */
  walked(commit: Walked): void {
    const logged = this.#logged.get(commit.stream) ?? [];
    const held = this.#held.get(commit.stream) ?? begun(commit, logged);
    this.#held.set(commit.stream, held);
    if (held.difference === undefined) this.#hold(held, commit, logged);
  }

  /** When the walk of a stream has ended. @returns its first difference */
  differenceOf({ stream, trimmed, bad }: WalkEnd): LogDifference | undefined {
    const logged = this.#logged.get(stream) ?? [];
    const held = this.#held.get(stream);
    this.#logged.delete(stream);
    this.#held.delete(stream);
    const twice = logged.find(({ version }, at) => at > 0 && version <= logged[at - 1]!.version);
    if (twice !== undefined) return { stream, version: twice.version, fault: 'logged twice' };
    // What was deleted behind a signed checkpoint the log may remember; what lies in an archive is there.
    const deletedTo = trimmed?.why === 'checkpoint' ? trimmed.to : -1;
    const gone = (entry: { readonly version: number } | undefined) => entry && ({ stream, version: entry.version, fault: 'gone' } as const);
    const before = logged.slice(0, held?.before).find(({ version }) => version > deletedTo);
    if (held === undefined) return bad === undefined ? gone(before) : undefined;
    // Behind a broken link the walk goes no further, and nothing is said of what lies there.
    return gone(before) ?? held.difference ?? (bad === undefined ? gone(logged[held.at]) : undefined);
  }

  /** Streams of which nothing is left, once all others were walked. */
  *gone(prefix: string): Generator<LogDifference, void, void> {
    for (const [stream, [first]] of this.#logged)
      if (first !== undefined && stream.startsWith(prefix)) yield { stream, version: first.version, fault: 'gone' };
  }

  #hold(held: Held, commit: Walked, logged: readonly Logged[]): void {
    const { stream, version } = commit;
    const entry = logged[held.at];
    if (entry !== undefined && entry.version < version) held.difference = { stream, version: entry.version, fault: 'gone' };
    else if (entry?.version === version) {
      if (entry.hash.equals(commit.hash)) held.at++;
      else held.difference = { stream, version, fault: 'not as logged' };
    } else if (entry === undefined && this.#waits(commit)) this.waiting++;
    else held.difference = { stream, version, fault: 'unlogged' };
  }

  #waits(commit: Walked): boolean {
    return (commit.recordedAt >= this.#since && commit.recordedAt <= this.#until) || this.#pending.has(nameOf(commit));
  }
}

function begun({ version }: Walked, logged: readonly Logged[]): Held {
  const first = logged.findIndex((entry) => entry.version >= version);
  const before = first < 0 ? logged.length : first;
  return { before, at: before };
}
