import { JoulekeepError } from '../../events/index.ts';
import { type Composition, type DisclosureGate, homes, isHomesOnly, NOBODY } from './gate.ts';
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

export type ReleaseVerdict = Released | { readonly out: false; readonly why: Withheld };

export interface Released {
  readonly out: true;
  readonly revision: number;
  /** Import and export may be told each for itself. Absent: only what is left of import less export. */
  readonly apart?: true;
}

/** Who is in an area. */
export interface Present {
  readonly customers: Composition;
  /** Those of them who feed in. */
  readonly exporters: Composition;
  /** Somebody who is no home is there, perhaps only since the area was opened. */
  readonly others?: true;
}

/** One interval of one area. */
export interface BaseCell {
  readonly area: string;
  /** Interval end, UTC s. */
  readonly end: number;
  /** Homes whose values are in it. */
  readonly received: number;
  /** Of these, homes whose values are in nothing that is out of the cell; for the first release it is not asked. */
  readonly changed?: number;
  /** Homes that feed in: how many of their values are in it, and how many of these in nothing that is out. Absent = none. */
  readonly fedIn?: { readonly received: number; readonly changed: number };
  /** Who is there then; absent = who was when the area was opened. */
  readonly present?: Present;
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
  readonly present: Present;
  readonly out: Timeline;
  /** How it was told: APART, or NET and never apart again. */
  readonly told: Timeline;
  closedUntil: number;
}

const [APART, NET] = [1, 2];
const NO_VALUES = { received: 0, changed: 0 };

/**
 * What is out, of all products. Two kinds of cells exist. A base cell is one interval of one area; areas have no leaf in common and
 * pass the gate, and a revision changes enough homes to pass it too, where nobody else is there. Every other cell is a sum of base cells that are out. Then no
 * way to add and subtract any number of released cells leaves fewer customers than the gate wants (docs/adr/0044), so no two cells
 * need ever be compared. Export is a series of its own: it is told where those who feed in pass the gate by themselves, in each
 * revision anew, and never again once it was not. Memory: one run per area and change of revision.
 */
export class ReleaseLedger {
  readonly #gate: DisclosureGate;
  readonly #on: boolean;
  readonly #books = new Map<string, Book[]>();
  readonly #leaves = new Map<string, Book[]>();
  readonly #told = new Map<string, number>();

  /** @param on off, everything goes out: to see what the ledger holds back */
  constructor(gate: DisclosureGate, on = true) {
    this.#gate = gate;
    this.#on = on;
  }

  /**
   * Areas of a partition, for its quarter; the same ones again change nothing.
   * @param span UTC s, [from, until), and the feed's interval
   * @throws ERR_LEDGER_OVERLAP when a leaf is in another area at a time of the span
   */
  open(areas: readonly Area[], span: { readonly from: number; readonly until: number; readonly stepSeconds: number }): void {
    for (const { id, leaves, composition: customers, exporters = NOBODY } of areas) {
      if (this.#bookAt(id, span.from)?.from === span.from) continue;
      const meets = (book: Book) => book.from < span.until && span.from < book.until;
      if (leaves.some((leaf) => this.#leaves.get(leaf)?.some(meets)))
        throw new JoulekeepError('ERR_LEDGER_OVERLAP', `a leaf of ${id} is in another area then`);
      const present = { customers, exporters };
      const book: Book = { leaves, ...span, present, out: new Timeline(), told: new Timeline(), closedUntil: span.from };
      push(this.#books, id, book);
      for (const leaf of leaves) push(this.#leaves, leaf, book);
    }
  }

  /** May this value go out, as the first or as a revision? If so it counts as out. @param closing the day is at D+5 */
  release(cell: BaseCell, closing = false): ReleaseVerdict {
    const { area, end } = cell;
    const book = this.#bookAt(area, end - 1);
    if (book === undefined || end - book.stepSeconds < book.from) return { out: false, why: 'unknown' };
    const from = end - book.stepSeconds;
    const revision = book.out.revisionAt(from) + 1;
    const why = this.#withheld(book, cell, closing);
    if (why !== undefined) return { out: false, why };
    const apart = this.#isApart(book, cell);
    this.#put(book, end, revision, apart);
    return { out: true, revision, ...(apart ? { apart } : {}) };
  }

  /** What a stream says is out, in this revision. Of an area that is not open it is no value of anything. @param end UTC s */
  record(area: string, end: number, revision: number, apart = false): void {
    const book = this.#bookAt(area, end - 1);
    if (book !== undefined) this.#put(book, end, revision, apart);
  }

  /** May this sum go out? Only of what is out, and of demand as everybody was told it: import less export. */
  derive({ product, areas, from, until }: DerivedCell): ReleaseVerdict {
    const revision = Math.max(0, ...areas.map((area) => this.revisionOf(area, from)));
    const known = areas.length > 0 && new Set(areas).size === areas.length && from < until;
    const out = known && areas.every((area) => this.#bookAt(area, from)?.out.covers(from, until));
    if (!out && this.#on) return { out: false, why: 'not-out' };
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

  #withheld(book: Book, { end, received, changed = 0, present = book.present }: BaseCell, closing: boolean): Withheld | undefined {
    if (!this.#on) return undefined;
    const from = end - book.stepSeconds;
    if (from < book.closedUntil) return 'final';
    if (book.out.revisionAt(from) > 0) return this.#again(book, present, changed, closing);
    if (!this.#gate.passes(present.customers)) return 'below-gate';
    return this.#gate.passesRead(present.customers, received) ? undefined : 'too-few-read';
  }

  /** Both must have been so from the first version on: between one that tells export and one that doesn't lies no export of anybody. */
  #isApart(book: Book, { end, fedIn = NO_VALUES, present = book.present }: BaseCell): boolean {
    if (!this.#on) return true;
    const { passes, passesRead } = this.#gate;
    if (!passes(book.present.exporters)) return false;
    const from = end - book.stepSeconds;
    if (book.out.revisionAt(from) === 0) return passes(present.exporters) && passesRead(present.exporters, fedIn.received);
    return book.told.revisionAt(from) === APART && (fedIn.changed === 0 || this.#mayChange(book, present, fedIn.changed));
  }

  #put(book: Book, end: number, revision: number, apart: boolean): void {
    const from = end - book.stepSeconds;
    this.#count('area', 1);
    book.out.set(from, end, revision);
    book.told.set(from, end, apart ? APART : NET);
  }

  #again(book: Book, present: Present, changed: number, closing: boolean): Withheld | undefined {
    const verdict = judgeRevision(homes(changed), closing, this.#gate);
    if (verdict !== 'release') return verdict;
    if (this.#mayChange(book, present, changed)) return undefined;
    return closing ? 'stands' : 'wait';
  }

  /** Whose values changed is not known, only how many: where one who is no home may be among them, nobody can say that none of them has most of it. */
  #mayChange({ present: then }: Book, now: Present, changed: number): boolean {
    const sets = [then.customers, then.exporters, now.customers, now.exporters];
    return now.others === undefined && sets.every(isHomesOnly) && this.#gate.passes(homes(changed));
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
