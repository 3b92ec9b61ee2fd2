import { type ReadonlySignal, signal } from '@preact/signals';
import { ALL_DEFENCES } from '../../../topology/defences.ts';
import type { SealedStore } from '../sealed-store.ts';
import { BLANK_MEMORY, type PriceBundle, type PriceMemory, type VerifiedPrices, verifyPrices } from './verify.ts';

/** What is known of prices. `isReached`: the service answered the last time. */
export type FollowedPrices =
  | { readonly state: 'loading' }
  | { readonly state: 'known'; readonly prices: VerifiedPrices; readonly isReached: boolean };

export interface PriceFollower {
  readonly state: ReadonlySignal<FollowedPrices>;
  readonly refresh: () => Promise<void>;
}

export interface FollowOptions {
  /** SPKI DER, base64url, of the pinned root. */
  readonly root: string;
  readonly zone: string;
  /** Keeps how far the chain was seen, over reloads. */
  readonly store: Pick<SealedStore, 'get' | 'put'>;
  readonly fetch: typeof fetch;
  /** UTC ms. */
  readonly now: () => number;
}

const MOST_LINKS = 600;
const MOST_PAGES = 4;
const NONE: VerifiedPrices = { days: [], faults: [], memory: BLANK_MEMORY };

/** Prices of a zone: fetched, verified, and forgotten where they do not count. */
export function followPrices({ root, zone, store, fetch: ask, now }: FollowOptions): PriceFollower {
  const state = signal<FollowedPrices>({ state: 'loading' });
  const name = `prices:${zone}`;
  const refresh = async () => {
    const before = state.value.state === 'known' ? state.value.prices : undefined;
    const bundle = await fetchBundle(ask, zone).catch(() => undefined);
    if (bundle === undefined) {
      // What was verified stays good for its own time, which every use of it asks for.
      state.value = { state: 'known', prices: before ?? NONE, isReached: false };
      return;
    }
    const memory = before?.memory ?? (await store.get<PriceMemory>(name))?.value;
    const trust = { root, zone, at: Math.floor(now() / 1000), defences: ALL_DEFENCES };
    const prices = await verifyPrices(bundle, trust, memory);
    state.value = { state: 'known', prices, isReached: true };
    await store.put(name, prices.memory, now());
  };
  return { state, refresh };
}

/** The whole chain since the newest tariff: the service hands out so many links at once. */
async function fetchBundle(ask: typeof fetch, zone: string): Promise<unknown> {
  const path = `/v1/prices/${encodeURIComponent(zone)}`;
  const first = (await askJson(ask, path)) as PriceBundle;
  const prices = [...(first?.prices ?? [])];
  for (let page = 1; page < MOST_PAGES && prices.length === page * MOST_LINKS; page++) {
    const next = (await askJson(ask, `${path}?after=${sequenceOf(prices.at(-1))}`)) as PriceBundle;
    prices.push(...next.prices);
  }
  return { ...first, prices };
}

async function askJson(ask: typeof fetch, path: string): Promise<unknown> {
  const answer = await ask(path, { cache: 'no-cache', credentials: 'omit', redirect: 'error' });
  if (!answer.ok) throw new Error(`${path}: ${answer.status}`);
  return answer.json();
}

/** Not believed, only asked with. */
function sequenceOf(compact: string | undefined): number {
  const body = compact?.split('.')[1] ?? '';
  const claims = JSON.parse(atob(body.replaceAll('-', '+').replaceAll('_', '/'))) as { seq?: number };
  return Number(claims.seq ?? 0);
}
