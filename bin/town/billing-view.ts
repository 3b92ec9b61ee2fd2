import { BILLING_FEED_TYP } from '../../events/feed.ts';
import { readBillingFeed } from '../../lambdas/billing-feed/read-feed.ts';
import { verifyBillingFeed } from '../../lambdas/billing-feed/verify.ts';
import { pinnedKeyOf } from '../../lambdas/shared/feeds/jws-signer.ts';
import type { Platform } from '../../platform/ports/platform.ts';
import { billLine, billTotal } from '../texts/bill-text.ts';
import { counted } from '../texts/counted.ts';

/** Items looked at in one reading. */
const MOST = 100_000;

/** What the billing system got, checked as it would check it, and one bill of it. */
export async function writeBillingView(platform: Platform, say: (line: string) => void): Promise<void> {
  const items = await readBillingFeed(platform, 0, MOST);
  const keys = await pinnedKeyOf(platform.kms, 'billing-feed', BILLING_FEED_TYP);
  const received = items.map(({ item }) => item);
  const { book, faults } = verifyBillingFeed(received, keys);
  say('');
  say(
    `What the billing system was told: ${counted(book.bills.size, 'bill')} in ${counted(items.length, 'signed item')}   ${verdictOf(faults.length)}`,
  );
  const [first] = book.bills.values();
  if (first === undefined) return;
  const { lines, totalMicro, currency } = first.bill;
  say(`  of ${first.bill.period.accountId}, ${first.bill.period.from} to ${first.bill.period.until}, the last excluded`);
  for (const line of lines) say(`    ${billLine(line)}`);
  say(`    ${billTotal(totalMicro, currency)}`);
}

function verdictOf(faults: number): string {
  return faults === 0 ? 'verifies' : 'DOES NOT VERIFY';
}
