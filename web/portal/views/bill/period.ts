import type { BillEstimate, BillList, CustomerBill } from '../../../../api/customer-account.ts';
import { addDays, daysBetween } from '../../../shared/local-date.ts';

export type BillHead = BillList['bills'][number];

/** How far a billing period is on a day. `left`: days that are still to come or going on; 0 = over. `share`: 0 to 1. */
export function progressOf(
  { from, until }: Pick<BillEstimate, 'from' | 'until'>,
  today: string,
): { readonly left: number; readonly share: number } {
  const [days, left] = [daysBetween(from, until), Math.max(0, daysBetween(today, until))];
  return { left, share: days <= 0 ? 1 : Math.min(1, Math.max(0, (days - left) / days)) };
}

/** The last day of a period whose `until` is the first day after. */
export function lastDayOf({ until }: { readonly until: string }): string {
  return addDays(until, -1);
}

/** Newest first. */
export function newestFirst(bills: readonly BillHead[]): BillHead[] {
  return [...bills].sort((one, other) => other.from.localeCompare(one.from) || one.usagePoint.localeCompare(other.usagePoint));
}

/** The bill of the same supply point and currency that ended when this one began, or the last before. */
export function billBefore(bills: readonly BillHead[], bill: BillHead): BillHead | undefined {
  const earlier = bills.filter(
    ({ usagePoint, currency, until }) => usagePoint === bill.usagePoint && currency === bill.currency && until <= bill.from,
  );
  return newestFirst(earlier)[0];
}

/** What changed from one bill to the next. Periods differ in length, so energy stands beside its mean of a day. */
export interface BillDifference {
  readonly moneyMicro: bigint;
  readonly importWh: number;
  readonly days: number;
  /** Wh each day of this bill, and of the one before. */
  readonly perDayWh: number;
  readonly perDayBeforeWh: number;
}

/** How many days a period has, at least one. */
export function daysOf({ from, until }: Pick<BillHead, 'from' | 'until'>): number {
  return Math.max(1, daysBetween(from, until));
}

export function differenceOf(bill: BillHead, before: BillHead): BillDifference {
  const [days, daysBefore] = [daysOf(bill), daysOf(before)];
  return {
    moneyMicro: BigInt(bill.totalMicro) - BigInt(before.totalMicro),
    importWh: bill.importWh - before.importWh,
    days: days - daysBefore,
    perDayWh: Math.round(bill.importWh / days),
    perDayBeforeWh: Math.round(before.importWh / daysBefore),
  };
}

/** How an expected amount stands to a usual one; within 3 % it is as usual. @param micro in micro-units of one currency */
export function besideUsual(micro: string, usualMicro: string): { readonly is: 'more' | 'less' | 'usual'; readonly byMicro: bigint } {
  const [difference, usual] = [BigInt(micro) - BigInt(usualMicro), BigInt(usualMicro)];
  const size = difference < 0n ? -difference : difference;
  const usualSize = usual < 0n ? -usual : usual;
  if (size * 100n <= usualSize * 3n) return { is: 'usual', byMicro: size };
  return { is: difference > 0n ? 'more' : 'less', byMicro: size };
}

/** Sum of lines in micro-units. */
export function sumOf(lines: readonly Pick<CustomerBill['lines'][number], 'amountMicro'>[]): bigint {
  return lines.reduce((sum, { amountMicro }) => sum + BigInt(amountMicro), 0n);
}
