import { z } from 'zod';
import type { Audience, CatalogueEntry } from './entry.ts';

/** A signed feed has one item more. What the item says is pushed or pulled over the audience's door, never through a queue. */
export const FEED_GREW = z.strictObject({
  feed: z.string().min(1).describe('feed, e.g. `billing/bills`'),
  seq: z.int().min(1).describe('sequence of the item, dense from 1'),
});

export type FeedGrew = z.infer<typeof FEED_GREW>;

/** Type as a consumer meets it. */
export function feedGrewType(audience: Audience): string {
  return `joulekeep.${audience}.feed-grew.v1`;
}

/** @param queue that wakes whoever pushes to the audience */
export function feedGrewEntry(audience: Audience, queue: string): CatalogueEntry {
  const says = 'A signed feed of this audience has one item more.';
  return { type: feedGrewType(audience), audience, queue, ordered: 'feed', data: FEED_GREW, says };
}
