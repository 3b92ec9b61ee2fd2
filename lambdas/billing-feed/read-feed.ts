import { BILLING_FEED_TYP } from '../../events/feed.ts';
import { type FeedItemIssued, JoulekeepError, type SealedBill } from '../../events/index.ts';
import type { Platform } from '../../platform/ports/platform.ts';
import { compactJws, jwsHash, jwsSigningInput } from '../../protocol/jws.ts';
import { openSubjectData } from '../shared/access/subject-data.ts';
import { itemPayload } from '../shared/feeds/feed-chain.ts';
import type { FeedItem } from '../shared/feeds/feed-items.ts';
import { BILLS_FEED, feedStream } from '../shared/feeds/feed-names.ts';
import { type BillFact, billContent, billFacts } from './bill-facts.ts';

/**
 * Items of the billing feed behind a sequence, as they were signed: the bills are opened under the reader's name, and their bytes made
 * again. Of a bill whose subject was erased the place and the hash are left.
 * @throws ERR_FEED_ITEM_DAMAGED when what comes out isn't what was signed
 */
export async function readBillingFeed(platform: Platform, after: number, most: number): Promise<readonly FeedItem[]> {
  const issued: FeedItemIssued[] = [];
  for await (const commit of platform.events.read(feedStream(BILLS_FEED), after)) {
    for (const { type, data } of commit.events) if (type === 'FeedItemIssued' && data.seq > after) issued.push(data);
    if (issued.length >= most) break;
  }
  return await madeAgain(platform, issued.slice(0, most));
}

function windowOf(platform: Platform, bills: readonly SealedBill[]): { from: number; until: number; subjects: readonly string[] } {
  const begins = bills.map(({ from }) => Date.parse(`${from}T00:00:00Z`));
  const until = Math.max(platform.clock.now(), ...begins) + 86_400_000;
  return { from: Math.min(...begins), until, subjects: bills.map(({ account }) => account) };
}

async function madeAgain(platform: Platform, issued: readonly FeedItemIssued[]): Promise<readonly FeedItem[]> {
  const bills = issued.flatMap(({ bill }) => (bill === undefined ? [] : [bill]));
  const access = bills.length === 0 ? undefined : await openSubjectData(platform, { purpose: 'billing', ...windowOf(platform, bills) });
  return await Promise.all(
    issued.map(async (data) => {
      const { seq, prevHash, hash, at, jws, bill } = data;
      const place = { feed: BILLS_FEED, seq, prevHash };
      if (bill === undefined) return { ...place, at, item: jws! };
      const fact = (await billFacts(platform, bill.stream, access!)).find(({ version }) => version === bill.version);
      if (fact === undefined) return { ...place, at, item: { ...place, erased: hash } };
      return { ...place, at, item: signedAgain({ ...data, bill }, fact) };
    }),
  );
}

/** The item of a bill, byte for byte as it was signed. @throws ERR_FEED_ITEM_DAMAGED when what comes out isn't that */
export function signedAgain({ seq, prevHash, hash, at, bill }: FeedItemIssued & { readonly bill: SealedBill }, fact: BillFact): string {
  const { statement, body } = billContent(fact, at);
  const payload = itemPayload({ feed: BILLS_FEED, seq, prevHash }, statement, body);
  const input = jwsSigningInput({ kid: bill.kid, typ: BILLING_FEED_TYP }, Buffer.from(JSON.stringify(payload)));
  const again = compactJws(input, Buffer.from(bill.signature, 'base64url'));
  if (jwsHash(again) !== hash) throw new JoulekeepError('ERR_FEED_ITEM_DAMAGED', `item ${seq} of ${BILLS_FEED} is not what was signed`);
  return again;
}
