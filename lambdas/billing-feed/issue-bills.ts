import { addMonths } from '../../domain/tariff/dates.ts';
import { BILL_RECORDED, BILLING_TYPE, type BillRecorded } from '../../events/catalogue/billing.ts';
import { BILLING_FEED_TYP } from '../../events/feed.ts';
import { type FeedItemIssued, JoulekeepError } from '../../events/index.ts';
import type { Platform } from '../../platform/ports/platform.ts';
import { VersionConflict } from '../../platform/ports/version-conflict.ts';
import { parseJws } from '../../protocol/jws.ts';
import type { Defences } from '../../topology/defences.ts';
import { billStreams } from '../billing/open-billing.ts';
import { openSubjectData } from '../shared/access/subject-data.ts';
import { appendItems } from '../shared/feeds/feed-append.ts';
import { FeedChain } from '../shared/feeds/feed-chain.ts';
import { BILLS_FEED } from '../shared/feeds/feed-names.ts';
import { JwsSigner } from '../shared/feeds/jws-signer.ts';
import { type BillFact, billContent, billFacts } from './bill-facts.ts';
import { followFeed, issuedOf } from './feed-book.ts';

/** Bills that a bill may correct, and that may correct it. */
const AROUND_MONTHS = 13;
const ATTEMPTS = 12;

/** A queue message. @throws ERR_BILLING_EVENT for what is no such event */
export function billRecorded(body: string): BillRecorded {
  try {
    const { type, data } = JSON.parse(body) as { type: string; data: unknown };
    if (type === BILLING_TYPE.billRecorded) return BILL_RECORDED.parse(data);
  } catch (cause) {
    throw new JoulekeepError('ERR_BILLING_EVENT', 'not an integration event for the billing feed', { cause });
  }
  throw new JoulekeepError('ERR_BILLING_EVENT', 'an integration event of another type');
}

/** The chain of the billing feed. */
export function billingChain(platform: Pick<Platform, 'kms'>, defences: Defences): FeedChain {
  return new FeedChain(BILLS_FEED, new JwsSigner(platform.kms, 'billing-feed', BILLING_FEED_TYP), defences);
}

/**
 * Gives every bill of these accounts that went out, or was rated again, its place in the feed: those of one account in the order in
 * which they were recorded, whatever order the messages came in. What has its place keeps it.
 * @returns how many items were issued
 * @throws ERR_VERSION_CONFLICT (retryable) after 12 lost attempts
 */
export async function issueBills(platform: Platform, chain: FeedChain, told: readonly BillRecorded[]): Promise<number> {
  if (told.length === 0) return 0;
  const streams = await streamsAround(platform, told);
  for (let attempt = 1; ; attempt++) {
    const position = await followFeed(platform);
    const facts = await unissued(platform, streams);
    let { feed } = position;
    const items: FeedItemIssued[] = [];
    for (const fact of facts) {
      const at = platform.clock.now();
      const { statement, body } = billContent(fact, at);
      const { jws, place, head } = await chain.next(feed, statement, body);
      items.push({ seq: place.seq, prevHash: place.prevHash, hash: head.hash, bill: { ...placeOf(fact), ...signatureOf(jws) }, at });
      feed = head;
    }
    try {
      await appendItems(platform, position.stream, items);
      return items.length;
    } catch (error) {
      if (!(error instanceof VersionConflict) || attempt === ATTEMPTS) throw error;
    }
  }
}

async function streamsAround(platform: Platform, told: readonly BillRecorded[]): Promise<readonly string[]> {
  const streams = new Set(told.map(({ stream }) => stream));
  for (const { account, from } of told) {
    const [first, last] = [addMonths(from, -AROUND_MONTHS), addMonths(from, AROUND_MONTHS)];
    for (const stream of await billStreams(platform, account)) {
      const begins = stream.slice(-10);
      if (begins >= first && begins <= last) streams.add(stream);
    }
  }
  return [...streams];
}

/** Facts that are not in the feed, by account in the order in which they were recorded. */
async function unissued(platform: Platform, streams: readonly string[]): Promise<readonly BillFact[]> {
  const issued = await issuedOf(platform, streams);
  const subjects = new Set(streams.map((stream) => stream.split('/')[1]!));
  const begins = streams.map((stream) => Date.parse(`${stream.slice(-10)}T00:00:00Z`));
  const until = Math.max(platform.clock.now(), ...begins) + 86_400_000;
  const access = await openSubjectData(platform, { purpose: 'billing', from: Math.min(...begins), until, subjects });
  const facts = await Promise.all(streams.map((stream, i) => billFacts(platform, stream, access, (issued[i]?.version ?? -1) + 1)));
  return facts.flat().sort((a, b) => a.event.data.at - b.event.data.at);
}

function placeOf({ stream, version, event }: BillFact) {
  const { period, revision } = event.data;
  return { stream, version, account: period.accountId, usagePoint: period.usagePoint, from: period.from, revision };
}

/** Of what was just signed: the rest of it is in the bill. */
function signatureOf(jws: string): { readonly kid: string; readonly signature: string } {
  const parsed = parseJws(jws);
  if ('fault' in parsed) throw new JoulekeepError('ERR_FEED_ITEM_DAMAGED', `what was signed is ${parsed.fault}`);
  return { kid: parsed.header.kid, signature: parsed.signature.toString('base64url') };
}
