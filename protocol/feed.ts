import { jwsHash, type PinnedKey, verifyJws } from './jws.ts';
import type { JwsFault } from './portable/compact-jws.ts';
import { isCount, isRecord, jsonOf } from './portable/values.ts';

/**
 * The chain that every signed feed is: items numbered densely from 1, each with the hash of the one before. Whoever receives
 * checks it with nothing but the public keys it has pinned.
 * @source X.1332 9.3, 9.4 (integrity of what third parties and operators receive)
 */
export interface FeedHead {
  /** Of the newest item, 0 before the first. */
  readonly seq: number;
  /** SHA-256 of its compact JWS, base64url. */
  readonly hash: string;
}

/** Before the first item: 32 zero bytes. */
export const FEED_START: FeedHead = { seq: 0, hash: Buffer.alloc(32).toString('base64url') };

/** Where an item stands, as its payload says. */
export interface FeedPlace {
  readonly feed: string;
  readonly seq: number;
  readonly prevHash: string;
}

/** An item as it came: compact JWS, or the hash and the place of one whose content was erased since. */
export type ReceivedItem = string | (FeedPlace & { readonly erased: string });

/**
 * Why an item is not what the feed says: `gap`, items before it are missing; `broken-chain`, it continues another feed than this
 * one; `fork`, two items of one sequence; `wrong-feed`, it belongs elsewhere.
 */
export type FeedFaultKind = JwsFault | 'no-place' | 'wrong-feed' | 'gap' | 'broken-chain' | 'fork';

export interface FeedFault {
  /** Position in what was received. */
  readonly index: number;
  readonly fault: FeedFaultKind;
  /** Sequence that was expected. */
  readonly expected: number;
}

/** Payload of a genuine item. */
export interface VerifiedItem extends FeedPlace {
  readonly hash: string;
  /** As it was signed; absent for an item whose content was erased. */
  readonly payload?: Readonly<Record<string, unknown>>;
}

export interface VerifiedFeed {
  /** Where the receiver stands now: what to verify the next items from. */
  readonly head: FeedHead;
  /** Of these, up to where a signature stands for everything: an erased item is proven by a signed one behind it. */
  readonly proven: FeedHead;
  /** In order, each once. */
  readonly items: readonly VerifiedItem[];
  /** Empty when nothing is missing, altered or out of place. */
  readonly faults: readonly FeedFault[];
}

export interface FeedTrust {
  readonly feed: string;
  /** What an item's signature is for. */
  readonly typ: string;
  /** By kid, pinned. */
  readonly keys: ReadonlyMap<string, PinnedKey>;
}

/**
 * Checks items against where the receiver stood. Delivery is at least once, so an item that came before is no fault. A faulty
 * item is left out; after a gap the chain goes on from what came.
 */
export function verifyChain(received: readonly ReceivedItem[], trust: FeedTrust, from: FeedHead = FEED_START): VerifiedFeed {
  let head = from;
  let proven = from;
  const seen = new Map([[from.seq, from.hash]]);
  const items: VerifiedItem[] = [];
  const faults: FeedFault[] = [];
  for (const [index, one] of received.entries()) {
    const item = read(one, trust);
    const fault = 'fault' in item ? item.fault : outOfPlace(item, trust.feed, head, seen);
    if (fault !== undefined && fault !== 'repeat') faults.push({ index, fault, expected: head.seq + 1 });
    if ('fault' in item || (fault !== undefined && fault !== 'gap')) continue;
    items.push(item);
    seen.set(item.seq, item.hash);
    head = { seq: item.seq, hash: item.hash };
    if (item.payload !== undefined) proven = head;
  }
  return { head, proven, items, faults };
}

function outOfPlace(
  { feed, seq, prevHash, hash }: VerifiedItem,
  expected: string,
  head: FeedHead,
  seen: ReadonlyMap<number, string>,
): FeedFaultKind | 'repeat' | undefined {
  if (feed !== expected) return 'wrong-feed';
  if (seq <= head.seq) return (seen.get(seq) ?? hash) === hash ? 'repeat' : 'fork';
  if (seq > head.seq + 1) return 'gap';
  return prevHash === head.hash ? undefined : 'broken-chain';
}

function read(one: ReceivedItem, { typ, keys }: FeedTrust): VerifiedItem | { readonly fault: FeedFaultKind } {
  if (typeof one !== 'string') {
    const { erased: hash, feed, seq, prevHash } = one;
    return { feed, seq, prevHash, hash };
  }
  const jws = verifyJws(one, keys, typ);
  if ('fault' in jws) return jws;
  const payload = jsonOf(jws.payload);
  if (!isRecord(payload)) return { fault: 'no-place' };
  const { feed, seq, prevHash } = payload;
  if (typeof feed !== 'string' || typeof prevHash !== 'string' || !isCount(seq, 1)) return { fault: 'no-place' };
  return { feed, seq, prevHash, hash: jwsHash(one), payload };
}
