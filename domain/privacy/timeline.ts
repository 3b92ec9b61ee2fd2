interface Run {
  /** UTC s, [from, until). */
  readonly from: number;
  until: number;
  readonly revision: number;
}

/** Which revision of each interval of an area is out: intervals that follow each other with the same one are one run. */
export class Timeline {
  readonly #runs: Run[] = [];

  /** 0 = nothing of the interval that begins then is out. @param at UTC s */
  revisionAt(at: number): number {
    const run = this.#runs[this.#before(at)];
    return run !== undefined && at < run.until ? run.revision : 0;
  }

  /** Whether every moment of [from, until) is out, in whatever revision. */
  covers(from: number, until: number): boolean {
    let at = from;
    for (let i = Math.max(0, this.#before(from)); at < until; i++) {
      const run = this.#runs[i];
      if (run === undefined || run.from > at || run.until <= at) return false;
      at = run.until;
    }
    return true;
  }

  /** Puts one interval in its place. */
  set(from: number, until: number, revision: number): void {
    const at = this.#before(from);
    const run = this.#runs[at];
    if (run?.until === from && run.revision === revision && this.#runs[at + 1]?.from !== from) {
      run.until = until;
      return;
    }
    if (run === undefined || run.until <= from) {
      this.#runs.splice(at + 1, 0, { from, until, revision });
      return;
    }
    const parts = [
      { from: run.from, until: from, revision: run.revision },
      { from, until, revision },
      { from: until, until: run.until, revision: run.revision },
    ];
    this.#runs.splice(at, 1, ...parts.filter((part) => part.from < part.until));
  }

  /** Runs kept. */
  get size(): number {
    return this.#runs.length;
  }

  /** Index of the last run that begins at or before; -1 = none. */
  #before(at: number): number {
    let low = 0;
    let high = this.#runs.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.#runs[middle]!.from <= at) low = middle + 1;
      else high = middle;
    }
    return low - 1;
  }
}
