/** A bill that went out. */
export interface PastBill {
  /** Days of its period that were the customer's. */
  readonly days: number;
  readonly currency: string;
  readonly totalMicro: string;
}

export interface TypicalBill {
  /** ISO 4217, of the last bill. */
  readonly currency: string;
  /** Mean of the bills that are about as long; null = none is. */
  readonly micro: string | null;
}

/** Of the longer of two, in days: by so much months differ, and a week from no other number of days. */
const ALIKE_SHARE = 0.1;

/** What is usual for a period of so many days: a bill of a week says nothing of a month. @param bills oldest first */
export function typicalOf(bills: readonly PastBill[], days: number): TypicalBill | undefined {
  const currency = bills.at(-1)?.currency;
  if (currency === undefined) return undefined;
  const alike = bills.filter((bill) => bill.currency === currency && areAlike(bill.days, days));
  if (alike.length === 0) return { currency, micro: null };
  const sum = alike.reduce((total, { totalMicro }) => total + BigInt(totalMicro), 0n);
  return { currency, micro: String(sum / BigInt(alike.length)) };
}

function areAlike(days: number, others: number): boolean {
  return Math.abs(days - others) <= Math.max(days, others) * ALIKE_SHARE;
}
