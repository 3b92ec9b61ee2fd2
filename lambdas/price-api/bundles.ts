import type { Platform } from '../../platform/ports/platform.ts';
import type { Answer } from '../http/answers.ts';
import type { Call } from '../http/call.ts';
import { displayKeys } from '../prices/key-list.ts';
import type { Desk } from './published.ts';

const MOST_LINKS = 600;
const LONGEST_CACHED_S = 60;

/** Key list, day-ahead tariffs, and the chain from where the device is, or from the snapshot of the newest tariff. */
export async function showPrices(desk: Desk, { path, query }: Call<'showPrices'>): Promise<Answer> {
  const now = secondsOf(desk);
  const { days, prices } = await desk.published.zone(path.zone);
  const tariffs = days.filter(({ claims }) => claims.exp > now && claims.nbf <= now);
  const from = Math.max(query.after ?? 0, tariffs.at(-1)?.claims.chain.seq ?? 0);
  const due = prices.filter(({ claims }) => claims.seq > from && claims.nbf <= now);
  const next = prices.find(({ claims }) => claims.nbf > now)?.claims.nbf ?? now + LONGEST_CACHED_S;
  const body = {
    ...(await keysOf(desk)),
    tariffs: tariffs.map(({ jws }) => jws),
    prices: due.slice(0, MOST_LINKS).map(({ jws }) => jws),
  };
  return { body, cachedS: Math.min(LONGEST_CACHED_S, next - now) };
}

/** Signed events of a program that are not over. */
export async function showDemandResponse(desk: Desk, { path, query }: Call<'showDemandResponse'>): Promise<Answer> {
  const now = secondsOf(desk);
  const { signed } = await desk.published.program(path.program);
  const due = signed.filter(({ claims }) => claims.seq > (query.after ?? 0) && claims.exp > now);
  return { body: { ...(await keysOf(desk)), events: due.map(({ jws }) => jws) }, cachedS: LONGEST_CACHED_S };
}

async function keysOf(platform: Pick<Platform, 'objects'>): Promise<{ keys?: string }> {
  const keys = await displayKeys(platform);
  return keys === undefined ? {} : { keys };
}

function secondsOf({ clock }: Pick<Platform, 'clock'>): number {
  return Math.floor(clock.now() / 1000);
}
