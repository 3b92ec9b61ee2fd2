import { chainStepOver } from '../../protocol/profile.ts';
import type { DayRecords, HiddenRun } from './day-records.ts';

/** Ways to share out hidden moves that are tried at most; each costs a hash an hour. */
const MOST_WAYS = 4_096;

/** Hours [from, until) of the day, at whose end the meter named a head. */
interface Stretch {
  readonly from: number;
  readonly until: number;
  /** Register at the day's start by the meter's seal, counts. */
  readonly registerStart: number;
  readonly named: (head: Buffer) => boolean;
}

/**
 * Where several values of a frame were lost, the register says what they came to together and not in which slot it moved. The chain
 * does: of all ways to share the moves out, the one that leads to a head the meter named is what it recorded.
 * @param head chain head at the start of the stretch
 * @returns whether the registers of these hours are known now; else nothing has changed
 */
export function revealRegisters(
  records: DayRecords,
  modulus: number,
  head: Buffer,
  { from, until, registerStart, named }: Stretch,
): boolean {
  const runs = records.hiddenRuns(from, until, modulus, registerStart);
  if (runs === undefined || waysOf(runs) > MOST_WAYS) return false;
  for (const shares of waysThrough(runs)) {
    for (const [i, run] of runs.entries()) records.supposeRegisters(run, shares[i]!, modulus);
    let end = head;
    for (let hour = from; hour < until; hour++) end = chainStepOver(records.hour(end, hour));
    if (named(end)) {
      records.reveal(runs);
      return true;
    }
  }
  return false;
}

/** Every run's moves over its lost values: whole, not negative, with the run's sum. */
function waysOf(runs: readonly HiddenRun[]): number {
  return runs.reduce((ways, { lost, moved }) => ways * compositions(moved, lost), 1);
}

/** Number of ways to write `sum` as `parts` whole numbers. */
function compositions(sum: number, parts: number): number {
  let ways = 1;
  for (let i = 1; i < parts; i++) ways = (ways * (sum + i)) / i;
  return ways;
}

function* waysThrough(runs: readonly HiddenRun[], at = 0): Generator<number[][], void, void> {
  const run = runs[at];
  if (run === undefined) {
    yield [];
    return;
  }
  for (const shares of sharesOf(run.moved, run.lost)) for (const rest of waysThrough(runs, at + 1)) yield [shares, ...rest];
}

function* sharesOf(sum: number, parts: number): Generator<number[], void, void> {
  if (parts === 1) {
    yield [sum];
    return;
  }
  for (let first = 0; first <= sum; first++) for (const rest of sharesOf(sum - first, parts - 1)) yield [first, ...rest];
}
