import { WITNESSED_ENTRIES } from '../../lambdas/log/witnessing.ts';
import type { LogFault } from '../../lambdas/log-check/proven-log.ts';
import type { Witness } from '../../platform/ports/witness.ts';
import { encodeEntry } from '../../protocol/log/entry.ts';
import { entriesIn } from './entries-in.ts';

const NO_ENTRIES: LogFault = { index: 0, fault: 'what the witness has are no entries' };

/** Holds the entries of the log, as they are read, against those that the witness got: byte for byte, for an entry has one encoding. */
export class AgainstWitness {
  readonly #witness: Witness;
  /** Keys of what the witness got, and how many of these were taken up. */
  #pieces: readonly string[] | undefined;
  #taken = 0;
  /** What is left of the piece in hand, and the number of its next entry. */
  #rest: Buffer = Buffer.alloc(0);
  #next = 0;
  #difference: LogFault | undefined;

  constructor(witness: Witness) {
    this.#witness = witness;
  }

  /** @param encoded the next entries of the log, in their order */
  async hold(encoded: readonly Buffer[]): Promise<void> {
    for (const own of encoded) {
      if (this.#difference !== undefined) return;
      if (!(await this.#turn())) return;
      if (this.#rest.subarray(0, own.length).equals(own)) {
        this.#rest = this.#rest.subarray(own.length);
        this.#next++;
      } else this.#difference = this.#differs('another');
    }
  }

  /** @param ended whether the log has no more entries than were held @returns the first entry that the witness has and the log has not, or has otherwise */
  async difference(ended: boolean): Promise<LogFault | undefined> {
    if (this.#difference !== undefined || !ended) return this.#difference;
    return (await this.#turn()) ? this.#differs('ends before it') : undefined;
  }

  /** To the next piece that has something new, where nothing is left of the one in hand. @returns false behind the last one */
  async #turn(): Promise<boolean> {
    this.#pieces ??= await this.#witness.list(WITNESSED_ENTRIES);
    while (this.#rest.length === 0 && this.#taken < this.#pieces.length) {
      const key = this.#pieces[this.#taken++]!;
      const from = Number(/(\d+)-\d+$/.exec(key)?.[1] ?? 0);
      this.#rest = (await this.#witness.get(key)) ?? Buffer.alloc(0);
      if (from >= this.#next) this.#next = from;
      else this.#skip(this.#next - from);
    }
    return this.#rest.length > 0;
  }

  /** A piece that was put again by whoever broke off begins with entries that were held already. */
  #skip(count: number): void {
    const skipped = entriesIn(this.#rest)?.slice(0, count).map(encodeEntry) ?? [];
    this.#rest = this.#rest.subarray(Buffer.concat(skipped).length);
  }

  #differs(how: string): LogFault {
    const [seen] = entriesIn(this.#rest) ?? [];
    if (seen === undefined) return NO_ENTRIES;
    const was = `${seen.stream}  version ${seen.version}`;
    return { index: this.#next, fault: `${was}: the witness has this commit here, the log ${how}` };
  }
}
