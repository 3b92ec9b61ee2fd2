import { createPublicKey } from 'node:crypto';
import { FeedKeys, ItemPage } from '../api/operator.ts';
import { OPERATOR_FEED_TYP } from '../events/catalogue/operator-feed.ts';
import { BILLING_FEED_TYP } from '../events/feed.ts';
import { type FeedFaultKind, verifyChain } from '../protocol/feed.ts';
import { type PinnedKey, parseJws } from '../protocol/jws.ts';
import { keyThumbprint } from '../protocol/key-list.ts';
import { UsageError } from './terminal/fail.ts';

/** What a receiver finds wrong with a feed. */
export type FeedFinding =
  /** Items of these sequences are missing. */
  | { readonly finding: 'FeedGap'; readonly from: number; readonly until: number }
  /** @param seq as the item itself says, which nobody vouches for; undefined where it says none */
  | { readonly finding: Exclude<FeedFaultKind, 'gap'>; readonly index: number; readonly seq: number | undefined };

export interface FeedReport {
  readonly feed: string;
  /** Genuine items in their places. */
  readonly taken: number;
  /** Sequence of the newest. */
  readonly through: number;
  readonly findings: readonly FeedFinding[];
}

/** What an item of each audience is signed for. */
const TYPS = { operator: OPERATOR_FEED_TYP, billing: BILLING_FEED_TYP } as const;

/**
 * Checks a feed as its receiver would: with nothing but its items and the keys that were pinned. Items that were refused are no gap
 * besides.
 * @param pages what the door answered, one after the other @param keys as the door tells them @throws UsageError for anything else
 */
export function checkFeed(pages: unknown, keys: unknown): FeedReport {
  const { feed, items } = itemsOf(pages);
  const typ = Object.entries(TYPS).find(([audience]) => feed.startsWith(`${audience}/`))?.[1];
  if (typ === undefined) throw new UsageError(`${feed} is no feed of these: ${Object.keys(TYPS).join(', ')}`);
  const { items: taken, faults, head } = verifyChain(items, { feed, typ, keys: pinnedKeys(keys, typ) });
  const refused = new Set(faults.flatMap(({ fault, index }) => (fault === 'gap' ? [] : [seqOf(items[index]!)])));
  const findings = faults.flatMap(({ fault, index, expected }): FeedFinding[] => {
    const seq = seqOf(items[index]!);
    if (fault !== 'gap') return [{ finding: fault, index, seq }];
    const missing = Array.from({ length: seq! - expected }, (_, i) => expected + i).filter((one) => !refused.has(one));
    return missing.length === 0 ? [] : [{ finding: 'FeedGap', from: missing[0]!, until: missing.at(-1)! }];
  });
  return { feed, taken: taken.length, through: head.seq, findings };
}

function itemsOf(pages: unknown): { readonly feed: string; readonly items: readonly string[] } {
  const read = ItemPage.array()
    .min(1)
    .safeParse(Array.isArray(pages) ? pages : [pages]);
  if (!read.success) throw new UsageError('the items are no page of a feed, as its door answers with');
  const [first] = read.data;
  if (read.data.some(({ feed }) => feed !== first!.feed)) throw new UsageError('the pages are of several feeds');
  return { feed: first!.feed, items: read.data.flatMap(({ items }) => items) };
}

/** By the name that everybody can compute: what the file calls a key counts for nothing. */
function pinnedKeys(keys: unknown, typ: string): ReadonlyMap<string, PinnedKey> {
  const read = FeedKeys.safeParse(keys);
  if (!read.success || read.data.keys.length === 0) throw new UsageError('the keys are none, as the door of the feed tells them');
  return new Map(
    read.data.keys.map(({ kty = '', crv = '', x = '', y = '' }) => {
      const key = publicKeyOf({ kty, crv, x, y });
      return [keyThumbprint(key), { key, typ }];
    }),
  );
}

function publicKeyOf(key: Readonly<Record<'kty' | 'crv' | 'x' | 'y', string>>): PinnedKey['key'] {
  try {
    return createPublicKey({ key, format: 'jwk' });
  } catch {
    throw new UsageError('a key can not be read');
  }
}

function seqOf(item: string): number | undefined {
  const jws = parseJws(item);
  if ('fault' in jws) return undefined;
  try {
    const { seq } = JSON.parse(jws.payload.toString()) as { seq?: unknown };
    return typeof seq === 'number' ? seq : undefined;
  } catch {
    return undefined;
  }
}
