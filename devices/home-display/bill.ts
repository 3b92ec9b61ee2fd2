import { BILLING_FEED_TYP } from '../../events/feed.ts';
import { type PinnedKey, verifyJws } from '../../protocol/jws.ts';
import type { JwsFault } from '../../protocol/portable/compact-jws.ts';

/** A bill as a customer's device shows it: what the utility signed, whose it is, and that it adds up. Money in micro-currency. */
export interface ShownBill {
  readonly period: { readonly accountId: string; readonly usagePoint: string; readonly from: string; readonly until: string };
  readonly currency: string;
  readonly lines: readonly { readonly code: string; readonly quantity: string; readonly unit: string; readonly amountMicro: string }[];
  readonly totalMicro: string;
  /** Dense from 1: a later one replaces an earlier. */
  readonly revision: number;
}

/** `not-a-bill`: signed, and something else. `another-account`, `sums-differ`: as they say. */
export type BillFault = JwsFault | 'not-a-bill' | 'another-account' | 'sums-differ';

const WHOLE = /^-?\d{1,30}$/;

/**
 * The bill in an item of the billing feed, whoever brought it. @param keys of the key list that the root signed @param account whose device
 * this is @source X.1332 9.2 (integrity of what customer and utility tell each other)
 */
export function readBill(
  compact: string,
  keys: ReadonlyMap<string, PinnedKey>,
  account: string,
): ShownBill | { readonly fault: BillFault } {
  const jws = verifyJws(compact, keys, BILLING_FEED_TYP);
  if ('fault' in jws) return jws;
  const bill = billOf(jws.payload);
  if (bill === undefined) return { fault: 'not-a-bill' };
  if (bill.period.accountId !== account) return { fault: 'another-account' };
  const sum = bill.lines.reduce((total, { amountMicro }) => total + BigInt(amountMicro), 0n);
  return sum === BigInt(bill.totalMicro) ? bill : { fault: 'sums-differ' };
}

function billOf(payload: Buffer): ShownBill | undefined {
  const { kind, bill, revision } = JSON.parse(payload.toString('utf8')) as {
    readonly kind?: unknown;
    readonly bill?: Omit<ShownBill, 'revision'>;
    readonly revision?: number;
  };
  if (kind !== 'bill' || bill === undefined || !Number.isSafeInteger(revision)) return undefined;
  const { period, currency, lines, totalMicro } = bill;
  if (typeof period?.accountId !== 'string' || !Array.isArray(lines) || !WHOLE.test(totalMicro)) return undefined;
  return lines.every(({ amountMicro }) => WHOLE.test(amountMicro))
    ? { period, currency, lines, totalMicro, revision: revision! }
    : undefined;
}
