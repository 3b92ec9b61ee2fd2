import { type Composition, customersIn, type DisclosureGate, isHomesOnly } from './gate.ts';
import type { ReleaseLedger } from './ledger.ts';
import { RESEARCH_STEPS } from './policy.ts';
import { type ToldValue, typicalWeek } from './typical-week.ts';

/** An area's quarter as it was told. */
export interface AreaQuarter {
  readonly area: string;
  readonly intervalMinutes: number;
  readonly composition: Composition;
  /** Intervals that went out, each with its newest value. */
  readonly told: readonly ToldValue[];
}

/** A typical week of an area. Nothing in it is of one customer, and nothing is left out of what is sent: this is the whole row. */
export interface ResearchRow {
  readonly area: string;
  /** `100+`, `250+`, ...: what the step took. */
  readonly customers: string;
  readonly stepMinutes: number;
  /** Net energy of all, Wh, less what was fed in, by step from Monday 00:00 UTC; null where no such step was told. */
  readonly weekWh: readonly (number | null)[];
}

/** What homes of an area usually use in a month. */
export interface SimilarHomesRow {
  readonly area: string;
  /** `yyyy-mm`, UTC. */
  readonly month: string;
  /** Mean of a home, less what was fed in, whole kWh: no number of homes can be had from it. */
  readonly meanKWh: number;
}

/** A quarter's tables. */
export interface Tables {
  readonly quarter: string;
  readonly research: readonly ResearchRow[];
  readonly similarHomes: readonly SimilarHomesRow[];
}

/** Months are told when at least so much of them was, percent. */
const MONTH_PERCENT = 90;

/**
 * Tables for a quarter, of areas as they were told and of nothing else: each area once, at the finest step its customers allow, and
 * areas that allow none not at all. They are neighbours' sums, not readings under another name.
 * @source X.1332 9.3, 10.3 (de-identified where identity is not needed)
 */
export function tablesOf(quarter: string, areas: readonly AreaQuarter[], ledger: ReleaseLedger, gate: DisclosureGate): Tables {
  return {
    quarter,
    research: areas.flatMap((area) => researchRow(area, ledger, gate) ?? []),
    similarHomes: areas.flatMap((area) => similarHomes(area, ledger, gate)),
  };
}

function researchRow(
  { area, composition, told, intervalMinutes }: AreaQuarter,
  ledger: ReleaseLedger,
  gate: DisclosureGate,
): ResearchRow | undefined {
  const finest = gate.finestStep(composition);
  if (finest === undefined) return undefined;
  // Meters may report less often than the step would allow.
  const stepMinutes = RESEARCH_STEPS.map(({ minutes }) => minutes).find((minutes) => minutes >= finest && minutes % intervalMinutes === 0);
  if (stepMinutes === undefined) return undefined;
  const isOut = (from: number, until: number) => ledger.derive({ product: 'research', areas: [area], from, until }).out;
  const week = typicalWeek(told, { intervalMinutes, stepMinutes }, isOut);
  if (week.every((value) => value === undefined)) return undefined;
  const customers = `${RESEARCH_STEPS.find(({ minutes }) => minutes === finest)!.customers}+`;
  return { area, customers, stepMinutes, weekWh: week.map((value) => value ?? null) };
}

/** Only where all are homes: a shop would make every home look thrifty. */
function similarHomes(
  { area, composition, told, intervalMinutes }: AreaQuarter,
  ledger: ReleaseLedger,
  gate: DisclosureGate,
): SimilarHomesRow[] {
  if (!isHomesOnly(composition) || !gate.passes(composition)) return [];
  const step = intervalMinutes * 60;
  const isOut = ({ end }: ToldValue) => ledger.derive({ product: 'similar-homes', areas: [area], from: end - step, until: end }).out;
  const months = Map.groupBy(told.filter(isOut), ({ end }) => new Date((end - step) * 1000).toISOString().slice(0, 7));
  return [...months].flatMap(([month, values]) => {
    const expected = secondsOf(month) / step;
    if (values.length * 100 < expected * MONTH_PERCENT) return [];
    const energyWh = values.reduce((sum, { netWh }) => sum + netWh, 0);
    const meanKWh = Math.round((energyWh * expected) / values.length / customersIn(composition) / 1000);
    return [{ area, month, meanKWh }];
  });
}

/** @param month `yyyy-mm` */
function secondsOf(month: string): number {
  const [year, number] = month.split('-').map(Number) as [number, number];
  return (Date.UTC(year, number) - Date.UTC(year, number - 1)) / 1000;
}
