import type { FeedItemIssued, SealedBill } from '../../events/index.ts';
import type { StreamHead } from '../../platform/ports/event-store.ts';
import type { Platform } from '../../platform/ports/platform.ts';
import { FEED_START, type FeedHead } from '../../protocol/feed.ts';
import { commitsBehind } from '../shared/feeds/feed-items.ts';
import { BILLS_FEED, feedStream } from '../shared/feeds/feed-names.ts';
import { sinceRestore } from '../shared/restore-fence.ts';
import { readTo } from '../shared/streams.ts';

/** Where the billing feed stands, and what is in it: a projection of its stream that follows it, so that no bill is issued twice. */
export interface FeedPosition {
  /** For the next append. */
  readonly stream: StreamHead;
  readonly feed: FeedHead;
}

/** An issued bill: version of its newest fact in the feed, sequence of the item. */
export interface IssuedBill {
  readonly stream: string;
  readonly version: number;
  readonly seq: number;
}

/** Newest bill of a month in the feed, and how far its newest totals go. */
export interface MonthBook {
  readonly bills: number;
  readonly totals: number;
  /** Of the totals. */
  readonly revision: number;
  /** Sequence of the item that has them, 0 before the first. */
  readonly item: number;
}

const NO_MONTH: MonthBook = { bills: 0, totals: 0, revision: 0, item: 0 };

/** Where its entries lie: after a restore they are made of the stream anew. */
const placeOf = (directory: Platform['directory']): Promise<string> => sinceRestore(directory, 'billing-feed/');
const positionIn = (place: string): string => `${place}position`;

/** Takes up what the stream has since the last time, and says where it stands. */
export async function followFeed(platform: Pick<Platform, 'events' | 'directory'>): Promise<FeedPosition> {
  const { directory, events } = platform;
  const place = await placeOf(directory);
  const known = positionOf(await directory.get(positionIn(place)));
  let feed = known?.feed ?? FEED_START;
  const news: FeedItemIssued[] = [];
  const stream = await readTo(events, { stream: feedStream(BILLS_FEED), head: known?.stream }, (commit) => {
    for (const { type, data } of commit.events) {
      if (type !== 'FeedItemIssued') continue;
      news.push(data);
      feed = { seq: data.seq, hash: data.hash };
    }
  });
  if (news.length === 0) return { stream, feed };
  await directory.put(await entriesOf(directory, news));
  // Last: what broke off before is taken up again.
  const position = { version: stream.version, hash: stream.hash.toString('hex'), feed };
  await directory.put([{ key: positionIn(place), value: Buffer.from(JSON.stringify(position)) }]);
  return { stream, feed };
}

/** What is in the feed of these bills. @returns undefined for those that aren't */
export async function issuedOf(
  { directory }: Pick<Platform, 'directory'>,
  streams: readonly string[],
): Promise<readonly (IssuedBill | undefined)[]> {
  const place = await placeOf(directory);
  const values = await directory.getMany(streams.map((stream) => billKey(place, stream)));
  return values.map((value, i) => (value === undefined ? undefined : { stream: streams[i]!, ...(JSON.parse(value.toString()) as Place) }));
}

/**
 * The item in which a fact of a bill was issued, also one that nobody who follows the feed has taken up yet. Writes nothing.
 * @param version of the fact in the bill's stream @returns undefined while it has no place
 */
export async function itemOfBill(
  platform: Pick<Platform, 'events' | 'directory'>,
  stream: string,
  version: number,
): Promise<(FeedItemIssued & { readonly bill: SealedBill }) | undefined> {
  const [known] = await issuedOf(platform, [stream]);
  const position = positionOf(await platform.directory.get(positionIn(await placeOf(platform.directory))));
  const behind = known?.version === version ? known.seq - 1 : (position?.feed.seq ?? 0);
  for await (const { events } of commitsBehind(platform, BILLS_FEED, behind))
    for (const { type, data } of events) {
      if (type !== 'FeedItemIssued' || data.bill === undefined) continue;
      if (data.bill.stream === stream && data.bill.version === version) return { ...data, bill: data.bill };
    }
  return undefined;
}

/** Every bill of a month that is in the feed. @param month `yyyy-mm` in which its period begins */
export async function issuedIn({ directory }: Pick<Platform, 'directory'>, month: string): Promise<readonly IssuedBill[]> {
  const prefix = `${await placeOf(directory)}bill/${month}/`;
  const found: IssuedBill[] = [];
  for await (const { key, value } of directory.list(prefix))
    found.push({ stream: key.slice(prefix.length), ...(JSON.parse(value.toString()) as Place) });
  return found;
}

/** Months that have bills in the feed, oldest first. */
export async function monthsInFeed({ directory }: Pick<Platform, 'directory'>): Promise<ReadonlyMap<string, MonthBook>> {
  const months = new Map<string, MonthBook>();
  const prefix = `${await placeOf(directory)}month/`;
  for await (const { key, value } of directory.list(prefix))
    months.set(key.slice(prefix.length), JSON.parse(value.toString()) as MonthBook);
  return months;
}

interface Place {
  readonly version: number;
  readonly seq: number;
}

async function entriesOf(
  directory: Platform['directory'],
  news: readonly FeedItemIssued[],
): Promise<{ readonly key: string; readonly value: Buffer }[]> {
  const place = await placeOf(directory);
  const months = new Map(await monthsInFeed({ directory }));
  const entries = new Map<string, object>();
  for (const { seq, bill, totals } of news) {
    const month = bill?.from.slice(0, 7) ?? totals?.period;
    if (month === undefined) continue;
    const before = months.get(month) ?? NO_MONTH;
    if (bill !== undefined) {
      months.set(month, { ...before, bills: seq });
      entries.set(billKey(place, bill.stream), { version: bill.version, seq } satisfies Place);
    }
    if (totals !== undefined) months.set(month, { ...before, totals: totals.through, revision: totals.revision, item: seq });
    entries.set(`${place}month/${month}`, months.get(month)!);
  }
  return [...entries].map(([key, value]) => ({ key, value: Buffer.from(JSON.stringify(value)) }));
}

/** The name of a bill's stream ends in the first day of its period. */
function billKey(place: string, stream: string): string {
  return `${place}bill/${stream.slice(-10, -3)}/${stream}`;
}

function positionOf(value: Buffer | undefined): FeedPosition | undefined {
  if (value === undefined) return undefined;
  const { version, hash, feed } = JSON.parse(value.toString()) as { version: number; hash: string; feed: FeedHead };
  return { stream: { stream: feedStream(BILLS_FEED), version, hash: Buffer.from(hash, 'hex') }, feed };
}
