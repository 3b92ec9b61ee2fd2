import { useEffect, useMemo } from 'preact/hooks';
import { offlineStore } from '../../../shared/browser.ts';
import { followPrices, type PriceFollower } from '../../../shared/signed-price/follow-prices.ts';
import { useEvery } from '../../../shared/use-every.ts';

const ASKED_EVERY_MS = 60_000;
/** By root and zone: what was verified stays known while views change. */
const followers = new Map<string, PriceFollower>();

/** Prices of a zone, asked for every minute; undefined without a zone. @param root SPKI DER, base64url, that is pinned */
export function useFollower(root: string, zone: string | null): PriceFollower | undefined {
  const follower = useMemo(() => (zone === null ? undefined : followerOf(root, zone)), [root, zone]);
  useEffect(() => void follower?.refresh(), [follower]);
  useEvery(ASKED_EVERY_MS, () => void follower?.refresh(), [follower]);
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
