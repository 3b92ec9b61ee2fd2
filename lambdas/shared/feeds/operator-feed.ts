import { createHash } from 'node:crypto';

/** KMS key that signs it. */
export const OPERATOR_FEED_KEY = 'operator-feed';
/** What the operator may use it for, by contract. @source X.1332 9.4 */
export const OPERATOR_PURPOSE = 'grid-operation';

/** Streams of what the operator was told, and the area of that name that is none: the partition. */
export const AREA_STREAMS = 'area/';
export const PARTITION = 'partition';

/** Name of an area's feed, in its items. */
export function areaFeed(area: string): string {
  return `operator/area/${area}`;
}

const LONGEST = 96;

/** Name of an area in streams, paths and items: its leaves in order. Many leaves are too long a name: then the first, how many, and a hash. */
export function areaName(leaves: readonly string[]): string {
  const whole = leaves.join('_');
  if (whole.length <= LONGEST) return whole;
  const hash = createHash('sha256').update(whole).digest('hex').slice(0, 16);
  return `${leaves[0]!.slice(0, 48)}_${leaves.length}_${hash}`;
}
