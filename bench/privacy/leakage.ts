import type { DisclosureGate } from '../../domain/privacy/gate.ts';
import { drawOthers, isComplete, type PseudoHome, shuffled, WEEK } from './population.ts';
import { publish } from './publishing.ts';
import { areaUnderCurve, averageWeek, correlation, minus, quantile } from './statistics.ts';

/** What the operator's series of an area say about one home in it, over many homes. */
export interface Leakage {
  readonly trials: number;
  readonly cells: number;
  /** Explained beyond an area without the home, share of the variance, by trial. */
  readonly explained: readonly number[];
  /** AUC gained by trial: beyond an area without the home, and beyond the home's average week alone. */
  readonly gained: readonly number[];
  readonly gainedAlone: readonly number[];
  /** Whether a home is in an area, guessed from its values, AUC. */
  readonly membership: number;
}

/** Of the slope that explains most: peaks weigh in it, which is not what a median asks. The best of them counts. */
const MULTIPLES = [1, 3, 9];

/** The same trials, one after the other. */
class Trials {
  cells = 0;
  readonly explained: number[] = [];
  readonly gained: number[] = [];
  readonly gainedAlone: number[] = [];
  readonly #matches: number[] = [];

  /** The observer knows the home's average week, and explains from an area with the home, or from one without, what is beside it. */
  try({ values }: PseudoHome, own: Float64Array, other: Float64Array): void {
    const usual = averageWeek(values, WEEK);
    const pattern = minus(values, usual);
    const [withIt, without] = [own, other].map((series) => minus(series, averageWeek(series, WEEK))) as [Float64Array, Float64Array];
    const [closeTo, farFrom] = [correlation(pattern, withIt), correlation(pattern, without)];
    this.explained.push(closeTo ** 2 - farFrom ** 2);
    this.#matches.push(closeTo, farFrom);
    const high = aboveMedian(values);
    const alone = areaUnderCurve(usual, high);
    const best = Math.max(alone, guessed(usual, pattern, withIt, high));
    this.gained.push(best - Math.max(alone, guessed(usual, pattern, without, high)));
    this.gainedAlone.push(best - alone);
  }

  result(): Leakage {
    const { cells, explained, gained, gainedAlone } = this;
    const isWith = this.#matches.map((_, i) => (i + 1) % 2);
    return { trials: explained.length, cells, explained, gained, gainedAlone, membership: areaUnderCurve(this.#matches, isWith) };
  }
}

export interface LeakageRun {
  /** Homes of an area. */
  readonly size: number;
  readonly trials: number;
  readonly gate: DisclosureGate;
  readonly random: () => number;
  readonly progress: (done: number) => void;
}

/** For each trial a home at random, and two areas that are the same but for this home and one in its place: both are published. */
export function measureLeakage(from: readonly PseudoHome[], { size, trials, gate, random, progress }: LeakageRun): Leakage {
  const all = new Trials();
  for (let trial = 0; trial < trials; trial++) {
    const target = from[Math.floor(random() * from.length)]!;
    const [instead, ...others] = drawOthers(from, target.home, size, random) as [PseudoHome, ...PseudoHome[]];
    const told = [target, instead].map((one) => publish([[one, ...others]], gate));
    all.cells += told.reduce((sum, { cells }) => sum + cells, 0);
    const [own, other] = told.map(({ series }) => series[0]);
    if (own !== undefined && other !== undefined) all.try(target, own, other);
    if (trial % 250 === 249) progress(trial + 1);
  }
  return all.result();
}

/** Real homes at the same time: split in two leaves at random, each complete home held against its own and against the other. */
export function measureSplits(homes: readonly PseudoHome[], { size, trials, gate, random, progress }: LeakageRun): Leakage {
  const all = new Trials();
  for (let split = 1; all.explained.length < trials && split <= trials; split++) {
    const order = shuffled(homes, random);
    const leaves = [order.slice(0, size), order.slice(size)];
    const told = publish(leaves, gate);
    all.cells += told.cells;
    const [first, second] = told.series;
    if (first === undefined || second === undefined) continue;
    for (const [leaf, own, other] of [
      [leaves[0]!, first, second],
      [leaves[1]!, second, first],
    ] as const)
      for (const home of leaf.filter(isComplete)) all.try(home, own, other);
    progress(all.explained.length);
  }
  return all.result();
}

function aboveMedian(values: Float64Array): Uint8Array {
  const middle = quantile([...values], 0.5);
  return Uint8Array.from(values, (value) => Number(value > middle));
}

/** As good as a guess can be that adds to the average week a multiple of what the area did: it is fitted to the answer. */
function guessed(usual: Float64Array, pattern: Float64Array, area: Float64Array, high: Uint8Array): number {
  let both = 0;
  let square = 0;
  for (let i = 0; i < area.length; i++) {
    both += area[i]! * pattern[i]!;
    square += area[i]! ** 2;
  }
  const slope = square === 0 ? 0 : both / square;
  const guesses = MULTIPLES.map((times) => usual.map((value, i) => value + times * slope * area[i]!));
  return Math.max(...guesses.map((scores) => areaUnderCurve(scores, high)));
}
