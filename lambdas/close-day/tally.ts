/** What a run did. */
export interface Tally {
  days: number;
  commits: number;
  finalized: number;
  restated: number;
  held: number;
  /** Meters that began to stand on estimates for too long, or to be silent (V24, V26). */
  prolonged: number;
  silent: number;
}

export const zeroTally = (): Tally => ({ days: 0, commits: 0, finalized: 0, restated: 0, held: 0, prolonged: 0, silent: 0 });

export function addTally(total: Tally, tally: Tally): void {
  for (const field of Object.keys(total) as (keyof Tally)[]) total[field] += tally[field];
}
