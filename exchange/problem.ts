/** Something wrong in a foreign file: where, what, and what the sender or user can do. Line and column count from 1. */
export interface Problem {
  readonly line: number;
  readonly column: number;
  readonly reason: string;
  readonly remedy: string;
}

const LISTED = 100;

/** Gathers problems up to a limit and counts the rest: a file of garbage costs no memory. */
export class Problems {
  readonly listed: Problem[] = [];
  count = 0;
  readonly #limit: number;

  constructor(limit = LISTED) {
    this.#limit = limit;
  }

  add(line: number, column: number, reason: string, remedy: string): void {
    this.count++;
    if (this.listed.length < this.#limit) this.listed.push({ line, column, reason, remedy });
  }
}

/** A foreign text inside a reason: short, on one line. */
export function quoted(text: string): string {
  return `"${text.length <= 24 ? text : `${text.slice(0, 24)}…`}"`;
}
