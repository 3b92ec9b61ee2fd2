import { JoulekeepError } from '../../events/index.ts';
import { type Composition, type DisclosureGate, homes } from './gate.ts';
import type { Area } from './partition.ts';
import { judgeRevision } from './revisions.ts';
import { Timeline } from './timeline.ts';

/** Why nothing goes out. */
export type Withheld =
  /** Not an area of the partition at that time. */
  | 'unknown'
  /** Homes left, and it does not pass the gate any more. */
  | 'below-gate'
  /** Values of too few of its homes. */
  | 'too-few-read'
  /** `wait`, `stands`, `unchanged`: as `judgeRevision`. */
  | 'wait'
  | 'stands'
  | 'unchanged'
  /** The day is closed. */
  | 'final'
  /** Part of what it is made of is not out. */
  | 'not-out';

export type ReleaseVerdict = { readonly out: true; readonly revision: number } | { readonly out: false; readonly why: Withheld };

/** One interval of one area. */
export interface BaseCell {
  readonly area: string;
  /** Interval end, UTC s. */
  readonly end: number;
  /** Homes whose values are in it. */
  readonly received: number;
  /** Of these, homes whose values are in nothing that is out of the cell; for the first release it is not asked. */
  readonly changed?: number;
}

/** A sum over areas and intervals, of any product. */
export interface DerivedCell {
  readonly product: string;
  readonly areas: readonly string[];
  /** [from, until), UTC s. */
  readonly from: number;
  readonly until: number;
}

interface Book {
  readonly leaves: readonly string[];
  readonly from: number;
  readonly until: number;
  readonly stepSeconds: number;
  readonly sizes: { readonly from: number; readonly composition: Composition }[];
  readonly out: Timeline;
  closedUntil: number;
}

/**
 * What is out, of all products. Two kinds of cells exist. A base cell is one interval of one area; areas have no leaf in common and
 * pass the gate, and a revision changes enough homes to pass it too. Every other cell is a sum of base cells that are out. Then no
 * way to add and subtract any number of released cells leaves fewer customers than the gate wants (docs/adr/0044), so no two cells
 * need ever be compared. Memory: one run per area and change of revision.
 */
export class ReleaseLedger {
  readonly #gate: DisclosureGate;
  readonly #books = new Map<string, Book[]>();
  readonly #leaves = new Map<string, Book[]>();
  readonly #told = new Map<string, number>();

  constructor(gate: DisclosureGate) {
    this.#gate = gate;
  }

  /**
   * Areas of a partition, for its quarter; the same ones again change nothing.
   * @param span UTC s, [from, until), and the feed's interval
   * @throws ERR_LEDGER_OVERLAP when a leaf is in another area at a time of the span
   */
  open(areas: readonly Area[], span: { readonly from: number; readonly until: number; readonly stepSeconds: number }): void {
    for (const { id, leaves, composition } of areas) {
      if (this.#bookAt(id, span.from)?.from === span.from) continue;
      const meets = (book: Book) => book.from < span.until && span.from < book.until;
      if (leaves.some((leaf) => this.#leaves.get(leaf)?.some(meets)))
        throw new JoulekeepError('ERR_LEDGER_OVERLAP', `a leaf of ${id} is in another area then`);
      const book: Book = { leaves, ...span, sizes: [{ from: span.from, composition }], out: new Timeline(), closedUntil: span.from };
      push(this.#books, id, book);
      for (const leaf of leaves) push(this.#leaves, leaf, book);
    }
  }

  /** Homes joined or left: who is in the area from then on. What is out stays. @param from UTC s */
  resize(area: string, composition: Composition, from: number): void {
    const book = this.#bookAt(area, from);
    book?.sizes.push({ from, composition });
    book?.sizes.sort((a, b) => a.from - b.from);
  }

  /** May this value go out, as the first or as a revision? If so it counts as out. @param closing the day is at D+5 */
  release({ area, end, received, changed = 0 }: BaseCell, closing = false): ReleaseVerdict {
    const book = this.#bookAt(area, end - 1);
    if (book === undefined || end - book.stepSeconds < book.from) return { out: false, why: 'unknown' };
    const from = end - book.stepSeconds;
    if (from < book.closedUntil) return { out: false, why: 'final' };
    const revision = book.out.revisionAt(from) + 1;
    const why = revision === 1 ? this.#first(book, end, received) : this.#again(changed, closing);
    if (why !== undefined) return { out: false, why };
    book.out.set(from, end, revision);
    this.#count('area', 1);
    return { out: true, revision };
  }

  /** What a stream says is out, in this revision. Of an area that is not open it is no value of anything. @param end UTC s */
  record(area: string, end: number, revision: number): void {
    const book = this.#bookAt(area, end - 1);
    if (book === undefined) return;
    if (book.out.revisionAt(end - book.stepSeconds) === 0) this.#count('area', 1);
    book.out.set(end - book.stepSeconds, end, revision);
  }

  /** May this sum go out? Only of what is out. */
  derive({ product, areas, from, until }: DerivedCell): ReleaseVerdict {
    const revision = Math.max(0, ...areas.map((area) => this.revisionOf(area, from)));
    const known = areas.length > 0 && new Set(areas).size === areas.length && from < until;
    const out = known && areas.every((area) => this.#bookAt(area, from)?.out.covers(from, until));
    if (!out) return { out: false, why: 'not-out' };
    this.#count(product, 1);
    return { out: true, revision };
  }

  /** From now on nothing of the area before then goes out or changes. @param until UTC s */
  close(area: string, until: number): void {
    for (const book of this.#books.get(area) ?? []) book.closedUntil = Math.max(book.closedUntil, Math.min(until, book.until));
  }

  /** 0 = not out. @param from begin of the interval, UTC s */
  revisionOf(area: string, from: number): number {
    return this.#bookAt(area, from)?.out.revisionAt(from) ?? 0;
  }

  /** Cells told so far, by product; `area` are the base cells. */
  get told(): ReadonlyMap<string, number> {
    return this.#told;
  }

  #first(book: Book, end: number, received: number): Withheld | undefined {
    const size = book.sizes.findLast(({ from }) => from < end)!.composition;
    if (!this.#gate.passes(size)) return 'below-gate';
    return this.#gate.passesRead(size, received) ? undefined : 'too-few-read';
  }

  #again(changed: number, closing: boolean): Withheld | undefined {
    const verdict = judgeRevision(homes(changed), closing, this.#gate);
    return verdict === 'release' ? undefined : verdict;
  }

  #bookAt(area: string, at: number): Book | undefined {
    return this.#books.get(area)?.find(({ from, until }) => from <= at && at < until);
  }

  #count(product: string, cells: number): void {
    this.#told.set(product, (this.#told.get(product) ?? 0) + cells);
  }
}

function push<Key, Value>(lists: Map<Key, Value[]>, key: Key, value: Value): void {
  const list = lists.get(key);
  if (list === undefined) lists.set(key, [value]);
  else list.push(value);
}
