import type { DisclosureGate } from '../../domain/privacy/gate.ts';
import { drawOthers, type PseudoHome, WEEK } from './population.ts';
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

/**
 * For each trial a home at random, an area with it and one of the same size without it: both are published, and the observer, who knows
 * the home's average week, explains from either what is beside it.
 */
export function measureLeakage(
  from: readonly PseudoHome[],
  size: number,
  trials: number,
  gate: DisclosureGate,
  random: () => number,
  progress: (done: number) => void,
): Leakage {
  const explained: number[] = [];
  const gained: number[] = [];
  const gainedAlone: number[] = [];
  const matches: number[] = [];
  let cells = 0;
  for (let trial = 0; trial < trials; trial++) {
    const target = from[Math.floor(random() * from.length)]!;
    const [instead, ...others] = drawOthers(from, target.home, size, random) as [PseudoHome, ...PseudoHome[]];
    const told = [target, instead].map((one) => publish([[one, ...others]], gate));
    cells += told.reduce((sum, one) => sum + one.cells, 0);
    const [own, other] = told.map(({ series }) => series[0]);
    if (own === undefined || other === undefined) continue;
    const usual = averageWeek(target.values, WEEK);
    const pattern = minus(target.values, usual);
    const [withIt, without] = [own, other].map((series) => minus(series, averageWeek(series, WEEK))) as [Float64Array, Float64Array];
    const [closeTo, farFrom] = [correlation(pattern, withIt), correlation(pattern, without)];
    explained.push(closeTo ** 2 - farFrom ** 2);
    matches.push(closeTo, farFrom);
    const high = aboveMedian(target.values);
    const alone = areaUnderCurve(usual, high);
    const best = Math.max(alone, guessed(usual, pattern, withIt, high));
    gained.push(best - Math.max(alone, guessed(usual, pattern, without, high)));
    gainedAlone.push(best - alone);
    if (trial % 50 === 49) progress(trial + 1);
  }
  return {
    trials: explained.length,
    cells,
    explained,
    gained,
    gainedAlone,
    membership: areaUnderCurve(
      matches,
      matches.map((_, i) => (i + 1) % 2),
    ),
  };
}

function aboveMedian(values: Float64Array): Uint8Array {
  const middle = quantile([...values], 0.5);
  return Uint8Array.from(values, (value) => Number(value > middle));
}

/** As good as a guess can be that adds to the average week a multiple of what the area did: the multiple is fitted to the answer. */
function guessed(usual: Float64Array, pattern: Float64Array, area: Float64Array, high: Uint8Array): number {
  let both = 0;
  let square = 0;
  for (let i = 0; i < area.length; i++) {
    both += area[i]! * pattern[i]!;
    square += area[i]! ** 2;
  }
  const slope = square === 0 ? 0 : both / square;
  return areaUnderCurve(
    usual.map((value, i) => value + slope * area[i]!),
    high,
  );
}
