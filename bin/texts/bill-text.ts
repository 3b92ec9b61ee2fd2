import { type BillHoldReason, type HeldRating, reasonsTold } from '../../events/bill.ts';
import type { BillRun } from '../../lambdas/billing/run-bills.ts';
import { moneyText } from './money-text.ts';

/** Lines of a list before the rest is only counted. */
const SHOWN = 8;
/** Names in a line before the rest is only counted. */
const NAMED = 3;

const WHY: Readonly<Record<BillHoldReason, string>> = {
  missing: 'readings are missing',
  estimated: 'too much is estimated',
  failed: 'readings failed validation',
  'not-final': 'days are not final yet',
  'demand-estimated': 'demand would stand on estimates',
  review: 'a person has to look at a change',
};

/** Why a bill is held, for a person. */
export function whyHeld(reasons: readonly BillHoldReason[]): string[] {
  return reasonsTold(reasons).map((reason) => WHY[reason]);
}

/** What a held bill comes to: two amounts where demand rests on estimates, each with which it is. */
export function heldAmounts({ totalMicro, currency, withDemand }: Pick<HeldRating, 'totalMicro' | 'currency' | 'withDemand'>): string {
  const amount = `comes to ${moneyText(totalMicro)} ${currency}`;
  if (withDemand === undefined) return amount;
  return `${amount} without the demand that is estimated, to ${moneyText(withDemand.totalMicro)} ${currency} with it (--demand)`;
}

/** Each reason with the number of bills it holds. */
export function countedReasons(held: BillRun['held']): Readonly<Record<string, number>> {
  const counts: Record<string, number> = {};
  for (const why of held.flatMap(({ reasons }) => whyHeld(reasons))) counts[why] = (counts[why] ?? 0) + 1;
  return counts;
}

/** How many are held, and why: a cause that holds them all without its number. */
export function heldText(held: BillRun['held']): string {
  if (held.length === 0) return '0';
  const reasons = Object.entries(countedReasons(held));
  const [first] = reasons;
  if (reasons.length === 1 && first![1] === held.length) return `${held.length}, because ${first![0]}`;
  return `${held.length}: ${reasons.map(([why, count]) => `${count} because ${why}`).join(', ')}`;
}

/** Who was not billed because other bills cover the days: in one line those whose bills cover the same. */
export function coveredLines({ covered }: Pick<BillRun, 'covered'>): string[] {
  const alike = [...Map.groupBy(covered, ({ why }) => why)];
  const lines = alike.slice(0, SHOWN).map(([why, of]) => {
    const names = of.slice(0, NAMED).map(nameIn);
    if (of.length === 1) return `not billed ${names[0]} ${why}`;
    const more = of.length > NAMED ? ` and ${of.length - NAMED} more` : '';
    return `not billed ${of.length}, of which each ${why} (${names.join(', ')}${more})`;
  });
  const rest = alike.slice(SHOWN).reduce((sum, [, of]) => sum + of.length, 0);
  return rest > 0 ? [...lines, `not billed ${rest} more for the same reason`] : lines;
}

const nameIn = ({ account, usagePoint }: BillRun['covered'][number]): string => `${account} at ${usagePoint}`;

/** A line of a bill: code, quantity, money. */
export function billLine({
  code,
  quantity,
  unit,
  amountMicro,
}: Readonly<Record<'code' | 'quantity' | 'unit' | 'amountMicro', string>>): string {
  const of = unit === 'micro' ? '' : `${quantity} ${unit}`;
  return `${code.padEnd(28)} ${of.padStart(18)} ${moneyText(amountMicro).padStart(18)}`;
}

/** Under its lines. */
export function billTotal(totalMicro: string, currency: string): string {
  return `${'total'.padEnd(28)} ${''.padStart(18)} ${moneyText(totalMicro).padStart(18)} ${currency}`;
}
