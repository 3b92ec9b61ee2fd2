import type { DisclosureGate } from '../../domain/privacy/gate.ts';
import { FEWEST_WEEKS, typicalWeek } from '../../domain/privacy/typical-week.ts';
import { type PseudoHome, WEEK } from './population.ts';
import { publish } from './publishing.ts';
import { areaUnderCurve, correlation } from './statistics.ts';

const MINUTES = 30;
const MONDAY = 4 * 86_400;

export interface Membership {
  readonly trials: number;
  readonly cells: number;
  readonly auc: number;
}

export interface MembershipRun {
  readonly customers: number;
  readonly stepMinutes: number;
  readonly trials: number;
  readonly gate: DisclosureGate;
  readonly random: () => number;
  readonly progress: (done: number) => void;
}

/**
 * Whether a home is among those of a research table, guessed by who knows its values and what everybody's are like. Half of the
 * tables have the home in them. Other homes are drawn with replacement, from homes that are not it.
 */
export function measureMembership(
  from: readonly PseudoHome[],
  { customers, stepMinutes, trials, gate, random, progress }: MembershipRun,
): Membership {
  const tables = from.map(({ values }) => tableOf(values, stepMinutes));
  const everybody = meanOf(tables);
  const scores = { likeness: [] as number[], product: [] as number[] };
  const members: number[] = [];
  let cells = 0;
  for (let trial = 0; trial < trials; trial++) {
    const at = Math.floor(random() * from.length);
    const member = trial % 2;
    const others = drawn(from, from[at]!.home, customers - member, random);
    const told = publish([member === 1 ? [from[at]!, ...others] : others], gate);
    const [series] = told.series;
    if (series === undefined) continue;
    const table = tableOf(series, stepMinutes);
    cells += table.length;
    const own = tables[at]!.map((value, i) => value - everybody[i]!);
    const group = table.map((value, i) => value / customers - everybody[i]!);
    scores.likeness.push(correlation(own, group));
    scores.product.push(own.reduce((sum, value, i) => sum + value * group[i]!, 0));
    members.push(member);
    if (trial % 200 === 199) progress(trial + 1);
  }
  const auc = Math.max(areaUnderCurve(scores.likeness, members), areaUnderCurve(scores.product, members));
  return { trials: members.length, cells, auc };
}

/** Weeks that are needed for so many tables: each is made of as few as the service ever makes one of, which shows most of a home. */
export function weeksFor(tables: number): number {
  return tables * FEWEST_WEEKS;
}

/** The tables that the service would make of these intervals, in a row. @throws where a step of one is not told */
function tableOf(values: Float64Array, stepMinutes: number): Float64Array {
  const span = FEWEST_WEEKS * WEEK;
  const tables = Array.from({ length: values.length / span }, (_, quarter) => {
    const told = Array.from(values.subarray(quarter * span, (quarter + 1) * span), (netWh, i) => ({
      end: MONDAY + (i + 1) * MINUTES * 60,
      netWh,
    }));
    const week = typicalWeek(told, { intervalMinutes: MINUTES, stepMinutes }, () => true);
    if (week.includes(undefined)) throw new Error('a step of the table is not told, so nothing is measured of it');
    return week as readonly number[];
  });
  return Float64Array.from(tables.flat());
}

function drawn(from: readonly PseudoHome[], home: number, count: number, random: () => number): PseudoHome[] {
  const others: PseudoHome[] = [];
  while (others.length < count) {
    const other = from[Math.floor(random() * from.length)]!;
    if (other.home !== home) others.push(other);
  }
  return others;
}

function meanOf(tables: readonly Float64Array[]): Float64Array {
  const sums = new Float64Array(tables[0]!.length);
  for (const table of tables) for (let i = 0; i < sums.length; i++) sums[i]! += table[i]! / tables.length;
  return sums;
}
