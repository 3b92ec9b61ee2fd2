import { BILL_ITEM, type BillItem, TOTALS_ITEM, type TotalsItem } from '../../events/catalogue/billing-feed.ts';
import { BILLING_FEED_TYP } from '../../events/feed.ts';
import type { BillStatement } from '../../events/index.ts';
import { FEED_START, type FeedFault, type FeedHead, type FeedTrust, type ReceivedItem, verifyChain } from '../../protocol/feed.ts';
import { controlTotals } from '../billing/control-totals.ts';
import { BILLS_FEED } from '../shared/feeds/feed-names.ts';

/** What a receiver of the billing feed keeps, and finds wrong. It needs nothing of the service but the public keys it has pinned. */
export interface BillingBook {
  readonly head: FeedHead;
  /** Newest item of each bill, by the stream of its facts. */
  readonly bills: ReadonlyMap<string, BillItem>;
  /** Sequences that came without content, because their subject was erased before. */
  readonly erased: readonly number[];
}

export type BillingFault =
  | FeedFault
  /** Not a bill or totals as agreed. */
  | { readonly fault: 'unreadable'; readonly seq: number }
  /** A revision of this bill never came. */
  | { readonly fault: 'revision-missing'; readonly seq: number; readonly bill: string }
  /** Lines, total, before and difference don't add up. */
  | { readonly fault: 'sums-differ'; readonly seq: number; readonly bill: string }
  /** What came of a month isn't what went out of it, by the names of the sums. */
  | { readonly fault: 'totals-differ'; readonly seq: number; readonly period: string; readonly sums: readonly string[] };

export const EMPTY_BOOK: BillingBook = { head: FEED_START, bills: new Map(), erased: [] };

/** Takes items into a receiver's book. Dropped, altered, exchanged and missing ones are faults; what came before is none. */
export function verifyBillingFeed(
  received: readonly ReceivedItem[],
  keys: FeedTrust['keys'],
  before: BillingBook = EMPTY_BOOK,
): { readonly book: BillingBook; readonly faults: readonly BillingFault[] } {
  const chain = verifyChain(received, { feed: BILLS_FEED, typ: BILLING_FEED_TYP, keys }, before.head);
  const faults: BillingFault[] = [...chain.faults];
  const bills = new Map(before.bills);
  const erased = [...before.erased];
  for (const { seq, payload } of chain.items) {
    if (payload === undefined) {
      erased.push(seq);
      continue;
    }
    const bill = BILL_ITEM.safeParse(payload);
    const totals = TOTALS_ITEM.safeParse(payload);
    if (bill.success) faults.push(...takeBill(bills, bill.data));
    else if (totals.success) faults.push(...checkTotals({ bills, erased }, totals.data));
    else faults.push({ fault: 'unreadable', seq });
  }
  return { book: { head: chain.head, bills, erased }, faults };
}

function takeBill(bills: Map<string, BillItem>, item: BillItem): BillingFault[] {
  const { seq, fact, revision, change } = item;
  const stream = fact.slice(0, fact.lastIndexOf('/'));
  const before = bills.get(stream);
  const faults: BillingFault[] = [];
  if (revision !== (before?.revision ?? 0) + 1) faults.push({ fault: 'revision-missing', seq, bill: stream });
  const total = BigInt(item.bill.totalMicro);
  const lines = item.bill.lines.reduce((sum, { amountMicro }) => sum + BigInt(amountMicro), 0n);
  const known = before?.bill.totalMicro ?? change?.beforeMicro;
  const fits =
    lines === total &&
    (change === undefined || (change.beforeMicro === known && BigInt(change.beforeMicro) + BigInt(change.differenceMicro) === total));
  if (!fits) faults.push({ fault: 'sums-differ', seq, bill: stream });
  bills.set(stream, item);
  return faults;
}

/** Sums over what was received so far. Where a bill was erased, at the sender or before it came here, the sums are of others: nothing is compared. */
function checkTotals({ bills, erased }: Pick<BillingBook, 'bills' | 'erased'>, told: TotalsItem): BillingFault[] {
  const { seq, period, through } = told;
  if (told.erased > 0 || erased.some((at) => at <= through)) return [];
  const ofPeriod = [...bills.values()].filter((item) => item.bill.period.from.startsWith(period) && item.seq <= through);
  const own = controlTotals(ofPeriod.map(({ bill }) => bill as unknown as BillStatement));
  const names = ['bills', 'importWh', 'exportWh', 'totalMicro', 'settlingMicro', 'digest'] as const;
  const sums = names.filter((name) => JSON.stringify(own[name]) !== JSON.stringify(told[name]));
  return sums.length === 0 ? [] : [{ fault: 'totals-differ', seq, period, sums }];
}
