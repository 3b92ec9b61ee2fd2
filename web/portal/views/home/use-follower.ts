import { useEffect, useMemo } from 'preact/hooks';
import { offlineStore } from '../../../shared/browser.ts';
import { followPrices, type PriceFollower } from '../../../shared/signed-price/follow-prices.ts';

const ASKED_EVERY_MS = 60_000;
/** By root and zone: what was verified stays known while views change. */
const followers = new Map<string, PriceFollower>();

/** Prices of a zone, asked for every minute; undefined without a zone. @param root SPKI DER, base64url, that is pinned */
export function useFollower(root: string, zone: string | null): PriceFollower | undefined {
  const follower = useMemo(() => (zone === null ? undefined : followerOf(root, zone)), [root, zone]);
  useEffect(() => {
    if (follower === undefined) return undefined;
    void follower.refresh();
    const timer = setInterval(() => void follower.refresh(), ASKED_EVERY_MS);
    return () => clearInterval(timer);
  }, [follower]);
  return follower;
}

function followerOf(root: string, zone: string): PriceFollower {
  const name = `${root} ${zone}`;
  const known = followers.get(name);
  if (known !== undefined) return known;
  const made = followPrices({ root, zone, store: offlineStore, fetch: (input, init) => fetch(input, init), now: () => Date.now() });
  followers.set(name, made);
  return made;
}
