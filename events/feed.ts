/**
 * Facts of stream `feed/<audience>/<name>`: the items of one signed feed, one event each, so that an item's sequence is the version
 * of its event plus one.
 * @source X.1332 9.3, 9.4
 */
export type FeedEvent = { readonly type: 'FeedItemIssued'; readonly data: FeedItemIssued };

export interface FeedItemIssued {
  /** Dense from 1. */
  readonly seq: number;
  /** SHA-256 of the compact JWS before it, base64url; of the first item, of 32 zero bytes. */
  readonly prevHash: string;
  /** SHA-256 of this one's compact JWS, base64url. */
  readonly hash: string;
  /** Compact JWS, where nothing of a subject is in it. */
  readonly jws?: string;
  /** Where the content lies under a subject's key: the item is made again from there, byte by byte, as long as it opens. */
  readonly bill?: SealedBill;
  /** Of notices: stream and version of the fact, and whom it concerns; the same again is no second item. */
  readonly fact?: string;
  /** Of control totals: what they are about. */
  readonly totals?: FeedTotals;
  readonly at: number;
}

/** A fact of a bill, and the signature over what the feed says of it. */
export interface SealedBill {
  readonly stream: string;
  /** Version of the fact. */
  readonly version: number;
  readonly account: string;
  readonly usagePoint: string;
  /** First local date of the period. */
  readonly from: string;
  /** Of the bill. */
  readonly revision: number;
  /** Key that signed. */
  readonly kid: string;
  /** r || s, base64url. */
  readonly signature: string;
}

export interface FeedTotals {
  /** `yyyy-mm` in which the periods begin. */
  readonly period: string;
  /** Sequence of the newest item that counts. */
  readonly through: number;
  /** Dense from 1. */
  readonly revision: number;
}

/** `typ` of an item of the billing feed: a bill, or totals. */
export const BILLING_FEED_TYP = 'joulekeep-billing-feed+jws';
