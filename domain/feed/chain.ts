import { type ChainLink, JoulekeepError, type Signed } from '../../events/index.ts';

/** Before the first of a chain of prices. */
export const NO_LINK: ChainLink = { seq: 0, hash: '' };

/** Before the first item of a feed: 32 zero bytes, base64url. */
export const FEED_BEGIN: ChainLink = { seq: 0, hash: 'A'.repeat(43) };

/**
 * What a writer of a signed chain is held to, as receivers are by protocol/feed.ts.
 * @throws ERR_CHAIN_MOVED (retryable) where an item doesn't continue the chain: another writer was faster
 */
export function extendsChain(head: ChainLink, { seq, prevHash }: { readonly seq: number; readonly prevHash: string }): void {
  if (seq === head.seq + 1 && prevHash === head.hash) return;
  throw new JoulekeepError('ERR_CHAIN_MOVED', `sequence ${seq} does not follow ${head.seq}`, { retryable: true });
}

export function nextLink({ claims, hash }: Signed<{ readonly seq: number }>): ChainLink {
  return { seq: claims.seq, hash };
}
