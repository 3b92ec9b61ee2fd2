import { type DeliveryState, delivery, type ItemOutcome, lastsUntil } from '../../domain/delivery/delivery.ts';
import type { Audience } from '../../events/catalogue/entry.ts';
import type { DeliveryFailure } from '../../events/index.ts';
import type { OutboundResult } from '../../platform/ports/outbound.ts';
import type { Platform } from '../../platform/ports/platform.ts';
import { WEBHOOK_HEADER, webhookClaims } from '../../protocol/webhook.ts';
import type { Defences } from '../../topology/defences.ts';
import { readBillingFeed } from '../billing-feed/read-feed.ts';
import type { Counters } from '../middleware/counters.ts';
import { type FeedItem, type FeedReader, readOpenFeed } from '../shared/feeds/feed-items.ts';
import { BILLS_FEED } from '../shared/feeds/feed-names.ts';
import type { JwsSigner } from '../shared/feeds/jws-signer.ts';
import { foldStream } from '../shared/streams.ts';
import { change, deliveryStream, type Endpoint, NOT_DUE, noteDue } from './endpoints.ts';
import type { DeliveryGates } from './gate.ts';

export interface PushParts {
  readonly platform: Platform;
  readonly defences: Defences;
  readonly gates: DeliveryGates;
  /** Whether what failed before is tried again: one function's business, the other leaves it. */
  readonly retries: boolean;
  /** Key `webhook`. */
  readonly signer: JwsSigner;
  readonly counters: Counters;
}

/** Items between two facts of a delivery: so many at most come again after a crash. */
const PAGE = 20;
/** Looked at for age when one failed: what is set aside, is so together. */
const OVERDUE_PAGE = 500;

const READERS: Readonly<Record<string, FeedReader>> = {
  [BILLS_FEED]: (platform, _feed, after, most) => readBillingFeed(platform, after, most),
};

function readerOf(feed: string): FeedReader {
  return READERS[feed] ?? readOpenFeed;
}

/**
 * Brings a recipient what its feed has and it hasn't, in order, one after the other, until all is brought, one fails or the time is
 * over. What fails is due again later; what is behind it waits.
 * @param until UTC ms after which no further item is begun @returns whether what is next failed and waits for its next attempt
 */
export async function pushFeed(parts: PushParts, endpoint: Endpoint, until: number): Promise<boolean> {
  const { platform } = parts;
  let { state } = await foldStream(platform.events, deliveryStream(endpoint), delivery);
  for (;;) {
    const isFailing = state.status === 'open' && state.failing !== undefined;
    const leave = async (dueAt: number) => {
      await noteDue(platform, endpoint, dueAt);
      return isFailing;
    };
    if (state.status !== 'open') return await leave(NOT_DUE);
    const now = platform.clock.now();
    if (state.failing !== undefined && (state.failing.nextAt > now || !parts.retries)) return await leave(state.failing.nextAt);
    if (now >= until) return await leave(now);
    const items = await readerOf(endpoint.feed)(platform, endpoint.feed, state.through, PAGE);
    if (items.length === 0) return await leave(NOT_DUE);
    state = await pushPage(parts, endpoint, state, items, until);
  }
}

async function pushPage(
  parts: PushParts,
  endpoint: Endpoint,
  state: DeliveryState,
  items: readonly FeedItem[],
  until: number,
): Promise<DeliveryState> {
  const { platform, counters } = parts;
  const outcomes: ItemOutcome[] = [];
  for (const item of items) {
    const outcome = await pushItem(parts, endpoint, state, item);
    outcomes.push(outcome);
    count(counters, outcome);
    // Whoever answers slowly holds up themselves.
    if ((outcome.result !== 'delivered' && 'failed' in outcome.result) || platform.clock.now() >= until) break;
  }
  const at = platform.clock.now();
  const last = outcomes.at(-1)!;
  const isOverdue = typeof last.result === 'object' && 'failed' in last.result && at >= lastsUntil(state, last.issuedAt);
  const overdue = isOverdue ? { overdue: await overdueFrom(platform, endpoint, state, last.seq, at) } : {};
  const after = await change(platform, endpoint, { type: 'RecordPass', outcomes, ...overdue, at });
  if (after.setAside.length > state.setAside.length) {
    counters.add('ItemsSetAside', after.through - last.seq + 1);
    platform.log.error('items set aside', {
      code: 'DELIVERY_SET_ASIDE',
      stream: deliveryStream(endpoint),
      count: after.through - last.seq + 1,
    });
  }
  return after;
}

function count(counters: Counters, { result }: ItemOutcome): void {
  if (result === 'delivered') counters.add('ItemsDelivered');
  else if ('failed' in result) counters.add('DeliveriesFailed');
  else counters.add('ItemsDropped');
}

/** Newest item that is as old as the one that failed or older than an item may get. */
async function overdueFrom(platform: Platform, { feed }: Endpoint, state: DeliveryState, seq: number, at: number): Promise<number> {
  let overdue = seq;
  for (;;) {
    const page = await readOpenFeed(platform, feed, overdue, OVERDUE_PAGE);
    const young = page.findIndex((item) => at < lastsUntil(state, item.at));
    const old = young < 0 ? page : page.slice(0, young);
    overdue = old.at(-1)?.seq ?? overdue;
    if (young >= 0 || page.length < OVERDUE_PAGE) return overdue;
  }
}

async function pushItem(parts: PushParts, { recipient, feed }: Endpoint, { url, ca }: DeliveryState, item: FeedItem): Promise<ItemOutcome> {
  const { platform, gates } = parts;
  const { seq, at: issuedAt } = item;
  const decision = await gates[feed.slice(0, feed.indexOf('/')) as Audience](recipient, item);
  if (decision !== 'deliver') return { seq, issuedAt, result: { dropped: decision.drop } };
  const body = Buffer.from(typeof item.item === 'string' ? item.item : JSON.stringify(item.item));
  const id = `${feed}/${seq}`;
  const headers = {
    'content-type': typeof item.item === 'string' ? 'application/jose' : 'application/json',
    [WEBHOOK_HEADER.id]: id,
    ...(await signatureOf(parts, id, recipient, body)),
  };
  const result = await platform.outbound.post({ url, headers, body, ...(ca === undefined ? {} : { ca }) });
  const failure = failureOf(result);
  return { seq, issuedAt, result: failure === undefined ? 'delivered' : { failed: failure } };
}

async function signatureOf({ platform, defences, signer }: PushParts, id: string, recipient: string, body: Buffer) {
  if (!defences.webhookSignature) return {};
  return { [WEBHOOK_HEADER.signature]: await signer.sign(webhookClaims(id, recipient, body, platform.clock.now())) };
}

/** Anything but a success is a failure: who means "not now" and who means "never" often can't be told apart. */
function failureOf(result: OutboundResult): DeliveryFailure | undefined {
  if ('failure' in result) return result.failure;
  if (result.status >= 200 && result.status < 300) return undefined;
  return result.status >= 300 && result.status < 400 ? 'redirect' : `status-${result.status}`;
}
