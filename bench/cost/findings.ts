import { hasGenerations } from '../../platform/kms/key-generations.ts';
import { CA_KEYS, KMS_KEYS } from '../../topology/keys.ts';
import { QUEUES } from '../../topology/queues.ts';
import { STORAGE_DOMAINS } from '../../topology/storage.ts';
import { ASSUMED } from './assumptions.ts';
import { type Estimate, estimate, type Question } from './estimate.ts';
import { playHandshakes } from './handshakes.ts';
import type { Findings } from './page.ts';
import { keyCallsOf, type Played, type PlayedDay, playReadings } from './play.ts';
import type { Prices } from './prices.ts';

/** Meters of the deployments that the page shows, and minutes of their intervals. */
export const SIZES = [10_000, 100_000, 1_000_000] as const;
export const INTERVALS = [15, 5] as const;

/** Two generations of keys that have them, and the storage keys; queues that functions poll. */
const DEPLOYMENT = {
  keys: KMS_KEYS.length + KMS_KEYS.filter(hasGenerations).length + CA_KEYS.length + STORAGE_DOMAINS.length,
  queues: QUEUES.length,
};

/** What was played, before anything is priced. */
export interface Counted {
  readonly handshakes: Played;
  /** By minutes of an interval. */
  readonly days: ReadonlyMap<number, PlayedDay>;
}

/** The same with the days that only the page tells of. */
export interface CountedForPage extends Counted {
  /** The day of the first interval, taken by two environments in turn. */
  readonly inTurn: PlayedDay;
  /** The same with half as many meters. */
  readonly half: PlayedDay;
}

type Say = (what: string) => void;

export async function count(intervals: readonly number[], say: Say = () => undefined): Promise<Counted> {
  say('handshakes');
  const handshakes = await playHandshakes();
  const days = new Map<number, PlayedDay>();
  for (const minutes of intervals) {
    say(`a day at ${minutes} minutes`);
    days.set(minutes, await playReadings(minutes));
  }
  return { handshakes, days };
}

export async function countForPage(say: Say = () => undefined): Promise<CountedForPage> {
  const counted = await count(INTERVALS, say);
  say('the same day taken by two in turn');
  const inTurn = await playReadings(INTERVALS[0], 2);
  say('the same day with half the meters');
  return { ...counted, inTurn, half: await playReadings(INTERVALS[0], 1, ASSUMED.metersPerConcentrator / 2) };
}

/** One estimate for each interval and size. */
export function estimatesOf(
  { handshakes, days }: Counted,
  sizes: readonly number[],
  prices: Prices,
  tracing: Question['tracing'] = ASSUMED.tracing,
): readonly Estimate[] {
  const question = { handshakes, deployment: DEPLOYMENT, prices, tracing };
  return [...days].flatMap(([intervalMinutes, readings]) =>
    sizes.map((meters) => estimate({ ...question, meters, intervalMinutes, readings })),
  );
}

/** All that docs/cost.md shows, by these prices. */
export function findingsOf(counted: CountedForPage, prices: Prices): Findings {
  const { handshakes, inTurn, half } = counted;
  const [intervalMinutes] = INTERVALS;
  const [turned] = estimatesOf({ handshakes, days: new Map([[intervalMinutes, inTurn]]) }, SIZES.slice(0, 1), prices);
  return {
    estimates: estimatesOf(counted, SIZES, prices),
    traced: estimatesOf(counted, SIZES.slice(0, 1), prices, 'everything'),
    inTurn: { intervalMinutes, usd: turned!.ingestUsd },
    keyCallsOfHalf: keyCallsOf(half),
    keyCallsPerHandshake: (handshakes.counts.get('kms.asymmetric')?.calls ?? 0) / handshakes.items,
    prices,
  };
}
