import { jwsHash, type PinnedKey, verifyJws } from './jws.ts';

/**
 * A feed of signed items: each a compact JWS with a number (`seq`, dense from 1) and the hash of the one before it (`prevHash`).
 * A receiver that keeps where it stands sees what was changed, left out, put in or told twice.
 * @source X.1332 9.4 (integrity), 10.4 (data authentication)
 */
export interface FeedPlace {
  /** Of the newest item taken; 0 before the first. */
  readonly seq: number;
  /** Of the newest item taken; empty before the first. */
  readonly hash: string;
}

export const FEED_BEGIN: FeedPlace = { seq: 0, hash: '' };

export interface VerifiedItem {
  readonly seq: number;
  readonly payload: Readonly<Record<string, unknown>>;
  readonly jws: string;
}

/** Items `from` to `to` did not come. What follows them is genuine, and not to be relied on before they are fetched. */
export interface FeedGap {
  readonly type: 'FeedGap';
  readonly from: number;
  readonly to: number;
}

/** An item that doesn't count, by its place in what was handed in, and why. */
export interface RefusedItem {
  readonly type: 'ItemRefused';
  readonly index: number;
  /** `malformed`, `wrong-algorithm`, `unknown-key`, `wrong-purpose`, `wrong-signature`, or `wrong-chain`: it follows another item than ours. */
  readonly why: string;
}

export interface VerifiedFeed {
  /** In order, up to the first gap or refusal. */
  readonly items: readonly VerifiedItem[];
  /** Undefined when everything counts. */
  readonly fault: FeedGap | RefusedItem | undefined;
  /** Where to go on. */
  readonly place: FeedPlace;
}

export interface FeedOptions {
  /** Public keys by kid, pinned. */
  readonly keys: ReadonlyMap<string, PinnedKey>;
  /** `typ` of the feed's items. */
  readonly typ: string;
  readonly defences: { readonly feedSignature: boolean };
}

/** Takes items behind `place`. What was taken before and comes again is passed over. @param jws in the order they came */
export function verifyFeed(jws: readonly string[], options: FeedOptions, place: FeedPlace = FEED_BEGIN): VerifiedFeed {
  const items: VerifiedItem[] = [];
  let { seq, hash } = place;
  for (const [index, compact] of jws.entries()) {
    const read = options.defences.feedSignature ? readItem(compact, options) : readUnchecked(compact);
    if ('fault' in read) return { items, fault: { type: 'ItemRefused', index, why: read.fault }, place: { seq, hash } };
    if (read.seq <= seq) continue;
    if (options.defences.feedSignature) {
      if (read.seq > seq + 1) return { items, fault: { type: 'FeedGap', from: seq + 1, to: read.seq - 1 }, place: { seq, hash } };
      if (read.prevHash !== hash) return { items, fault: { type: 'ItemRefused', index, why: 'wrong-chain' }, place: { seq, hash } };
    }
    items.push({ seq: read.seq, payload: read.payload, jws: compact });
    seq = read.seq;
    hash = jwsHash(compact);
  }
  return { items, fault: undefined, place: { seq, hash } };
}

interface ReadItem {
  readonly seq: number;
  readonly prevHash: string;
  readonly payload: Readonly<Record<string, unknown>>;
}

function readItem(compact: string, { keys, typ }: FeedOptions): ReadItem | { readonly fault: string } {
  const jws = verifyJws(compact, keys, typ);
  return 'fault' in jws ? jws : itemOf(jws.payload);
}

/** For the proof that verification is what keeps a changed item out. */
function readUnchecked(compact: string): ReadItem | { readonly fault: string } {
  return itemOf(Buffer.from(compact.split('.')[1] ?? '', 'base64url'));
}

function itemOf(bytes: Buffer): ReadItem | { readonly fault: string } {
  let payload: unknown;
  try {
    payload = JSON.parse(bytes.toString('utf8'));
  } catch {
    return { fault: 'malformed' };
  }
  if (typeof payload !== 'object' || payload === null) return { fault: 'malformed' };
  const { seq, prevHash } = payload as Record<string, unknown>;
  if (typeof seq !== 'number' || !Number.isSafeInteger(seq) || seq < 1 || typeof prevHash !== 'string') return { fault: 'malformed' };
  return { seq, prevHash, payload: payload as Record<string, unknown> };
}
