import { type Composition, customersIn, type DisclosureGate } from './gate.ts';

/** Days after which what is out of a day is final. */
export const CLOSING_DAYS = 5;

/**
 * What becomes of a value that is not any more what was told.
 * `unchanged`: nothing to say. `release`: the new value goes out. `wait`: too few homes changed, more may come.
 * `stands`: too few homes changed and the day is closed; what was told is final.
 */
export type RevisionVerdict = 'unchanged' | 'release' | 'wait' | 'stands';

/**
 * Two values of one cell differ by the homes that changed and by nobody else, so those homes must pass the gate as if they were an
 * area. Closing a day is one more occasion, the last, and no exception.
 * @param changed homes whose values are others than in anything told of the cell
 * @param closing the day is at D+5
 */
export function judgeRevision(changed: Composition, closing: boolean, gate: DisclosureGate): RevisionVerdict {
  if (customersIn(changed) === 0) return 'unchanged';
  if (gate.passes(changed)) return 'release';
  return closing ? 'stands' : 'wait';
}
