import { disclosureGate } from '../../domain/privacy/gate.ts';
import { DISCLOSURE_POLICY, RESEARCH_STEPS } from '../../domain/privacy/policy.ts';
import { QUARTERS_OFFERED } from '../../domain/privacy/release.ts';
import { weakenedPolicy } from '../../domain/privacy/weakening.ts';
import type { Home } from '../homes.ts';
import { atLeast, atMost, type Result } from '../measure.ts';
import { randomFrom } from '../random.ts';
import { measureDifferences } from './differencing.ts';
import { type Leakage, measureLeakage, measureSplits } from './leakage.ts';
import { relinked, unicity } from './linking.ts';
import { measureMembership, weeksFor } from './membership.ts';
import { homesAt, isComplete, pseudoHomes } from './population.ts';
import { publish } from './publishing.ts';
import { mean, quantile } from './statistics.ts';

/** The period over which an operator watches one home. */
const WEEKS = 8;
/** February and March: heating, and the fewest gaps. */
const FROM_WEEK = 5;
const LOWERED = 40;
/** Tables of two quarters of two years: kept by somebody for whom they were not offered at a time. */
const KEPT_TABLES = 8;

export interface Settings {
  readonly seed: number;
  readonly trials: number;
  readonly tell: (line: string) => void;
}

/** Everything that is measured, in the order of docs/privacy.md. */
export function measurePrivacy(homes: readonly Home[], settings: Settings): Result[] {
  return [
    ...realHomes(homes, settings),
    ...areas(homes, settings),
    ...differences(homes, settings),
    ...tables(homes, settings),
    ...pseudonyms(homes),
  ];
}

function realHomes(homes: readonly Home[], { seed, trials, tell }: Settings): Result[] {
  const town = homesAt(homes, FROM_WEEK, WEEKS);
  const real = publish([town], disclosureGate());
  const lowered = disclosureGate(true, weakenedPolicy(DISCLOSURE_POLICY, { residential: LOWERED }));
  const progress = (done: number) => tell(`gate of ${LOWERED}: ${done} trials`);
  const split = measureSplits(town, { size: town.length / 2, trials, gate: lowered, random: randomFrom(seed), progress });
  return [
    atLeast(`(a) ${town.length} homes, gate in force: leaves suppressed`, real.partition.suppressed.length, 'leaves', 1),
    atMost(`(a) ${town.length} homes, gate in force: cells published`, real.cells, 'cells', 0),
    ...leakageLines(`(b) ${town.length} homes in two areas, gate lowered to ${LOWERED}`, split, false),
  ];
}

function areas(homes: readonly Home[], { seed, trials, tell }: Settings): Result[] {
  const from = pseudoHomes(homes, WEEKS);
  const gate = disclosureGate();
  return [100, 500].flatMap((size) => {
    const progress = (done: number) => tell(`areas of ${size}: ${done} trials`);
    // What the largest of few homes weigh differs much from draw to draw.
    const run = { size, trials: size < 500 ? 2 * trials : trials, gate, random: randomFrom(seed + size), progress };
    return leakageLines(`(c) areas of ${size} pseudo-homes`, measureLeakage(from, run), true);
  });
}

function leakageLines(name: string, { trials, cells, explained, gained, gainedAlone, membership }: Leakage, judged: boolean): Result[] {
  const upTo = (what: string, value: number, unit: string, goal: number): Result =>
    judged ? atMost(`${name}: ${what}`, value, unit, goal) : { name: `${name}: ${what}`, value, unit };
  const percent = (share: number) => 100 * quantile(explained, share);
  return [
    atLeast(`${name}: trials`, trials, 'trials', 1_000),
    atLeast(`${name}: cells published`, cells, 'cells', 1),
    upTo('leakage, median', percent(0.5), '%', 1),
    upTo('leakage, 95th percentile', percent(0.95), '%', 5),
    upTo('attribute gain beyond an area without the home', mean(gained), 'AUC', 0.02),
    upTo('attribute gain beyond the average week', mean(gainedAlone), 'AUC', 0.02),
    { name: `${name}: membership (residual)`, value: membership, unit: 'AUC' },
  ];
}

function differences(homes: readonly Home[], { seed, tell }: Settings): Result[] {
  tell('differencing');
  const found = measureDifferences(pseudoHomes(homes, 1), disclosureGate(), randomFrom(seed));
  const name = 'a week of a town, late data, parents, revisions';
  return [
    atLeast(`${name}: cells published`, found.cells, 'cells', 1),
    atLeast(`${name}: revisions published`, found.revisions, 'cells', 1),
    atLeast(`${name}: pairs of cells that differ`, found.pairs, 'pairs', 1),
    atMost(`${name}: pairs that differ by fewer homes than the smallest cell holds, nine tenths of the gate`, found.isolating, 'pairs', 0),
    { name: `${name}: fewest homes by which two cells differ`, value: found.fewest, unit: 'homes' },
    {
      name: `${name}: revisions by fewer homes than the gate, if late data were told as it comes`,
      value: found.isolatingUnguarded,
      unit: 'cells',
    },
  ];
}

function tables(homes: readonly Home[], { seed, trials, tell }: Settings): Result[] {
  const offered = pseudoHomes(homes, weeksFor(QUARTERS_OFFERED));
  const lines = [...RESEARCH_STEPS].reverse().flatMap(({ minutes, customers }) => {
    const progress = (done: number) => tell(`tables of ${customers}: ${done} trials`);
    // Small tables are quickly made, and near the goal.
    const more = customers < 1_000 ? 3 * trials : trials;
    const options = { customers, stepMinutes: minutes, trials: more, random: randomFrom(seed + minutes), gate: disclosureGate(), progress };
    const { cells, auc } = measureMembership(offered, options);
    const name = `research, ${customers} customers at ${minutes} min, ${QUARTERS_OFFERED} tables`;
    return [atLeast(`${name}: cells published`, cells, 'cells', 1), atMost(`${name}: membership`, auc, 'AUC', 0.6)];
  });
  const progress = (done: number) => tell(`tables kept: ${done} trials`);
  const options = { customers: 100, stepMinutes: 360, trials: 3 * trials, random: randomFrom(seed), gate: disclosureGate(), progress };
  const { auc } = measureMembership(pseudoHomes(homes, weeksFor(KEPT_TABLES)), options);
  return [
    ...lines,
    {
      name: `research, 100 customers at 360 min, ${KEPT_TABLES} tables kept over two years: membership (residual)`,
      value: auc,
      unit: 'AUC',
    },
  ];
}

function pseudonyms(homes: readonly Home[]): Result[] {
  const complete = homesAt(homes, FROM_WEEK, WEEKS).filter(isComplete);
  const name = `${complete.length} homes under pseudonyms (third parties, by consent)`;
  return [
    { name: `${name}: singled out by 2 half-hours`, value: 100 * unicity(complete, 2), unit: '%' },
    { name: `${name}: recognised under next week's pseudonym`, value: 100 * relinked(complete), unit: '%' },
    { name: `${name}: the same by chance`, value: 100 / complete.length, unit: '%' },
  ];
}
