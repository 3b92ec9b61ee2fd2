import { CALLERS } from './callers.ts';
import { ADMITS, GRANTS } from './grants.ts';
import type { Principal } from './principals.ts';

/**
 * Keys of the directory that not everybody who writes there may write: whoever puts over them lets somebody in, or keeps a duty from being
 * done without a sign.
 */
export interface OwnedPlace {
  /** Where they lie apart on a platform whose permissions go by partition; no name begins with another and a hyphen. */
  readonly partition: string;
  /** Of partitions: one where few keys are written. */
  readonly shards: number;
  /** Of keys; none begins with another's. */
  readonly prefixes: readonly string[];
  readonly writers: readonly Principal[];
}

/** Over so many partitions keys are spread that are written often. */
const SPREAD = 8;

/** Where all other keys lie, of which whoever writes to the directory writes any. */
const COMMON = { partition: 'entries', shards: SPREAD };

export const OWNED_PLACES: readonly OwnedPlace[] = [
  { partition: CALLERS.partition, shards: 1, prefixes: [CALLERS.prefix], writers: ADMITS },
  // How far the log and the witness are.
  { partition: 'log', shards: SPREAD, prefixes: ['log/'], writers: ['log'] },
  // Under which epochs nothing is sent after a restore; when silent meters were asked.
  { partition: 'upkeep', shards: 1, prefixes: ['restore/', 'silence/'], writers: ['maintenance'] },
  // How far read models have followed a restore.
  { partition: 'models', shards: 1, prefixes: ['models/'], writers: ['project'] },
  // When keys and certificates are due.
  { partition: 'duties', shards: SPREAD, prefixes: ['agenda/', 'agenda-done'], writers: ['keys', 'maintenance'] },
  { partition: 'certificates', shards: 1, prefixes: ['certificate-end/', 'newest-certificate/'], writers: ['enrol', 'keys'] },
  // What makes a meter ours, and where its readings belong.
  { partition: 'stock', shards: 1, prefixes: ['registration/'], writers: ['enrol'] },
  { partition: 'segments', shards: 1, prefixes: ['segment-places'], writers: ['enrol', 'maintenance'] },
  { partition: 'routes', shards: SPREAD, prefixes: ['known-meters/', 'moving/', 'route/'], writers: ['enrol', 'ingest', 'maintenance'] },
  // Whose readings they are, and whether days still lie under somebody else's keys.
  { partition: 'points', shards: SPREAD, prefixes: ['point-of/'], writers: ['enrol', 'maintenance'] },
  { partition: 'reseals', shards: 1, prefixes: ['reseal-due/'], writers: ['archive', 'enrol'] },
  { partition: 'recloses', shards: 1, prefixes: ['reclose/'], writers: ['archive', 'close-day'] },
  { partition: 'closing', shards: 1, prefixes: ['close/'], writers: ['close-day'] },
  // When erasures are looked at, and how far each class was retained.
  { partition: 'erasures', shards: 1, prefixes: ['erasure-looked', 'erasure-next/', 'erasure-silent/'], writers: ['erasure'] },
  { partition: 'retention', shards: 1, prefixes: ['retention/'], writers: ['archive'] },
  // What lies behind tokens and can be taken back, and how far consents were ended.
  { partition: 'tokens', shards: SPREAD, prefixes: ['oauth/'], writers: ['authorization'] },
  { partition: 'consents', shards: 1, prefixes: ['consent-expired-through'], writers: ['consent'] },
  // How consents stood, for whoever shows them: who discloses counts.
  { partition: 'standings', shards: SPREAD, prefixes: ['consent-standing/'], writers: ['deliver', 'third-party-api'] },
  // Which bills there are and which are due, and how far feeds are.
  { partition: 'bills', shards: SPREAD, prefixes: ['bill-run/', 'bill-waiting/', 'bills/'], writers: ['billing'] },
  { partition: 'billing-feed', shards: 1, prefixes: ['billing-feed/'], writers: ['billing-api'] },
  { partition: 'party-feeds', shards: 1, prefixes: ['party-feed/'], writers: ['third-party-feed'] },
  {
    ...{ partition: 'deliveries', shards: 1, prefixes: ['delivery/'] },
    writers: ['billing-api', 'console-api', 'deliver', 'third-party-api'],
  },
];

/** Whether a principal may put this key. */
export function mayPut(principal: string, key: string): boolean {
  const writers: readonly string[] | undefined = placeOf(key)?.writers;
  return writers?.includes(principal) ?? (Object.hasOwn(GRANTS, principal) && GRANTS[principal as Principal].directory.includes('write'));
}

/** The partition of a key. @param shardOf a number below the given one for a text, ever the same */
export function partitionOf(key: string, shardOf: (text: string, shards: number) => number): string {
  const { partition, shards } = placeOf(key) ?? COMMON;
  return shards === 1 ? partition : `${partition}-${shardOf(key, shards)}`;
}

/** Every partition in which keys with this prefix lie. */
export function partitionsWith(prefix: string): readonly string[] {
  const around = placeOf(prefix);
  if (around !== undefined) return partitionsOf(around);
  const within = OWNED_PLACES.filter(({ prefixes }) => prefixes.some((owned) => owned.startsWith(prefix)));
  return [COMMON, ...within].flatMap(partitionsOf);
}

/** Patterns of the partitions that a principal may put to, `*` for any text. */
export function writablePartitions(principal: Principal): readonly string[] {
  const owned = OWNED_PLACES.filter(({ writers }) => writers.includes(principal));
  const common = GRANTS[principal].directory.includes('write') ? [COMMON] : [];
  return [...common, ...owned].map(({ partition, shards }) => (shards === 1 ? partition : `${partition}-*`));
}

function placeOf(key: string): OwnedPlace | undefined {
  return OWNED_PLACES.find(({ prefixes }) => prefixes.some((prefix) => key.startsWith(prefix)));
}

function partitionsOf({ partition, shards }: Pick<OwnedPlace, 'partition' | 'shards'>): readonly string[] {
  return shards === 1 ? [partition] : Array.from({ length: shards }, (_, shard) => `${partition}-${shard}`);
}
