import { useEffect, useMemo } from 'preact/hooks';
import { offlineStore } from '../../../shared/browser.ts';
import { followPrices, type PriceFollower } from '../../../shared/signed-price/follow-prices.ts';

const ASKED_EVERY_MS = 60_000;

/** Prices of a zone, asked for every minute; undefined without a zone. @param root SPKI DER, base64url, that is pinned */
export function useFollower(root: string, zone: string | null): PriceFollower | undefined {
  const follower = useMemo(() => {
    const world = {
      store: offlineStore,
      fetch: (input: RequestInfo | URL, init?: RequestInit) => fetch(input, init),
      now: () => Date.now(),
    };
    return zone === null ? undefined : followPrices({ root, zone, ...world });
  }, [root, zone]);
  useEffect(() => {
    if (follower === undefined) return undefined;
    void follower.refresh();
    const timer = setInterval(() => void follower.refresh(), ASKED_EVERY_MS);
    return () => clearInterval(timer);
  }, [follower]);
  return follower;
}
