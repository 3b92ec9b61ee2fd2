import type { BillLine, BillStatement } from '../../events/index.ts';
import { fraction } from '../tariff/money.ts';
import { type Assessment, assess, estimatedEnergyPerMille } from './assessment.ts';
import type { BillingInput, Carried, RatedDay } from './billing-input.ts';
import { sumOf, tallyOf } from './flows.ts';
import { chargeLine, sumOfLines, whole } from './lines.ts';
import { EXPORT_WH, IMPORT_WH, type Stretch, stretchesOf } from './stretch.ts';
import { rateStretch } from './stretch-rating.ts';

export interface Rating {
  readonly statement: BillStatement;
  readonly assessment: Assessment;
}

/** Codes of lines that settle other bills: no part of what this period itself costs. */
const SETTLING: readonly string[] = ['true-up', 'credit/brought', 'credit/carried'];

/**
 * Rates a whole period: pure, integers throughout, one rounding per line.
 * @throws ERR_TARIFF_MISSING, ERR_CURRENCY_MIXED, ERR_PRICE_MISSING, ERR_SERIES_MISSING, ERR_SLOT_TWICE, ERR_COUNT_UNIT
 */
export function ratePeriod(input: BillingInput): Rating {
  const stretches = stretchesOf(input);
  const { statement, demandEstimated } = rated(input, stretches);
  return { statement, assessment: assess(input, stretches, demandEstimated) };
}

/** The same statement, whatever there may be against a bill that says so. @throws as `ratePeriod` does */
export function statePeriod(input: BillingInput): BillStatement {
  return rated(input, stretchesOf(input)).statement;
}

function rated(
  input: BillingInput,
  stretches: readonly Stretch[],
): { readonly statement: BillStatement; readonly demandEstimated: boolean } {
  const lines: BillLine[] = [];
  let credit: Carried['energyWh'] = input.brought.energyWh;
  let demandEstimated = false;
  for (const stretch of stretches) {
    const one = rateStretch(stretch, credit);
    lines.push(...(stretches.length === 1 ? one.lines : one.lines.map((line) => ({ ...line, from: stretch.from, until: stretch.until }))));
    credit = one.credit;
    demandEstimated ||= one.demandEstimated;
  }
  lines.push(...backBillingLine(input, sumOfLines(lines)));
  const settled = settle(input, stretches.at(-1)!, lines);
  return { statement: statementOf(input, stretches, settled, credit), demandEstimated };
}

/** What a period costs by itself: without true-ups of other bills and credit between bills. */
export function chargedMicro({ lines }: Pick<BillStatement, 'lines'>): bigint {
  return sumOfLines(lines.filter(({ code }) => !SETTLING.includes(code)));
}

/**
 * More than was billed so far is not charged for days beyond the back-billing limit, by days; what is less is always given
 * back.
 */
function backBillingLine({ standingDays, chargeableFrom, billedMicro = 0n }: BillingInput, charged: bigint): BillLine[] {
  const late = standingDays.filter((day) => day < chargeableFrom).length;
  const more = charged - billedMicro;
  if (late === 0 || more <= 0n) return [];
  const exact = fraction(-more * BigInt(late), BigInt(standingDays.length));
  return [chargeLine({ code: 'back-billing', quantity: BigInt(late), unit: 'day', exact }).line];
}

interface Settled {
  readonly lines: readonly BillLine[];
  readonly carriedMicro: bigint;
}

/** True-ups of earlier bills, the credit brought, and the credit that a total below zero becomes. */
function settle({ trueUps, brought }: BillingInput, last: Stretch, charges: readonly BillLine[]): Settled {
  const trueUpLines = trueUps.map(({ corrects, differenceMicro }) => settling('true-up', differenceMicro, corrects));
  const broughtLines = brought.moneyMicro === 0n ? [] : [settling('credit/brought', -brought.moneyMicro)];
  const lines = [...charges, ...trueUpLines, ...broughtLines];
  const total = sumOfLines(lines);
  if (total >= 0n || last.assignment.tariff.negativeTotal === 'pay-out') return { lines, carriedMicro: 0n };
  return { lines: [...lines, settling('credit/carried', -total)], carriedMicro: -total };
}

function settling(code: string, amountMicro: bigint, corrects?: string): BillLine {
  const named = corrects === undefined ? {} : { corrects };
  return chargeLine({ code, quantity: 1n, unit: 'piece', exact: whole(amountMicro), ...named }).line;
}

function statementOf(
  { period, days, spans }: BillingInput,
  stretches: readonly Stretch[],
  { lines, carriedMicro }: Settled,
  credit: Carried['energyWh'],
): BillStatement {
  const carriedWh = Object.fromEntries(Object.entries(credit).map(([code, energyWh]) => [code, String(energyWh)]));
  const energy = (kind: typeof IMPORT_WH) => String(stretches.reduce((sum, stretch) => sum + sumOf(stretch.flow(kind)), 0n));
  return {
    period,
    currency: stretches[0]!.assignment.tariff.currency,
    lines,
    totalMicro: String(sumOfLines(lines)),
    inputs: inputsOf(days),
    tariffs: stretches.map(({ assignment: { tariff, version, from } }) => ({ tariff: tariff.id, version, from })),
    estimatedPerMille: estimatedEnergyPerMille(days, IMPORT_WH),
    onEstimates: false,
    importWh: energy(IMPORT_WH),
    exportWh: energy(EXPORT_WH),
    maximumWh: String(largestSlot(stretches)),
    spans,
    ...(Object.keys(carriedWh).length === 0 ? {} : { carriedWh }),
    ...(carriedMicro === 0n ? {} : { carriedMicro: String(carriedMicro) }),
  };
}

function largestSlot(stretches: readonly Stretch[]): bigint {
  let most = 0n;
  for (const { largest } of stretches.flatMap((stretch) => stretch.flow(IMPORT_WH)).map(tallyOf)) if (largest > most) most = largest;
  return most;
}

/** Final days by name: in which order they came makes no difference. */
function inputsOf(days: readonly RatedDay[]): BillStatement['inputs'] {
  const final = days.filter(({ revision }) => revision > 0).map(({ stream, revision }) => ({ stream, revision }));
  return final.sort((a, b) => (a.stream < b.stream ? -1 : 1));
}
