import { createPublicKey } from 'node:crypto';
import { BILLING_FEED_TYP } from '../../events/feed.ts';
import { readBillingFeed } from '../../lambdas/billing-feed/read-feed.ts';
import { verifyBillingFeed } from '../../lambdas/billing-feed/verify.ts';
import { keyThumbprint } from '../../lambdas/shared/jws-signer.ts';
import type { Platform } from '../../platform/ports/platform.ts';
import { moneyText } from '../money-text.ts';

/** Items looked at in one reading. */
const MOST = 100_000;

/** What the billing system got, checked as it would check it, and one bill of it. */
export async function writeBillingView(platform: Platform, say: (line: string) => void): Promise<void> {
  const items = await readBillingFeed(platform, 0, MOST);
  const key = createPublicKey({ key: await platform.kms.getPublicKey('billing-feed'), format: 'der', type: 'spki' });
  const received = items.map(({ item }) => item);
  const { book, faults } = verifyBillingFeed(received, new Map([[keyThumbprint(key), { key, typ: BILLING_FEED_TYP }]]));
  say('');
  say(`What the billing system was told: ${book.bills.size} bills in ${items.length} signed items   ${verdictOf(faults.length)}`);
  const [first] = book.bills.values();
  if (first === undefined) return;
  const { lines, totalMicro, currency } = first.bill;
  say(`  of ${first.bill.period.accountId}, ${first.bill.period.from} to ${first.bill.period.until}, the last excluded`);
  for (const line of lines) say(`    ${lineText(line)}`);
  say(`    ${'total'.padEnd(28)} ${''.padStart(18)} ${moneyText(totalMicro).padStart(14)} ${currency}`);
}

function verdictOf(faults: number): string {
  return faults === 0 ? 'verifies' : 'DOES NOT VERIFY';
}

function lineText({ code, quantity, unit, amountMicro }: Readonly<Record<'code' | 'quantity' | 'unit' | 'amountMicro', string>>): string {
  const of = unit === 'micro' ? '' : `${quantity} ${unit}`;
  return `${code.padEnd(28)} ${of.padStart(18)} ${moneyText(amountMicro).padStart(14)}`;
}
