import { z } from 'zod';

/** Shares are told in bands: an exact one would say how many homes are late. @source X.1332 9.4; ADR 49 */
export const BANDS = ['>=99%', '95-99%', '90-95%', '<90%'] as const;
export type Band = (typeof BANDS)[number];

/** @param perMille share, 0 to 1000 */
export function bandOf(perMille: number): Band {
  if (perMille >= 990) return '>=99%';
  if (perMille >= 950) return '95-99%';
  return perMille >= 900 ? '90-95%' : '<90%';
}

const BAND = z.enum(BANDS);

/** What every item of a signed feed says of itself, whatever it carries besides. Times in UTC ms. */
export const FEED_ITEM = z.looseObject({
  feed: z.string().min(1).describe('name of the feed, which begins with its audience'),
  seq: z.int().min(1).describe('dense from 1: a missing one is a lost item'),
  prevHash: z.string().length(43).describe('SHA-256 of the compact JWS before it, base64url; of the first, of 32 zero bytes'),
  issuedAt: z.int().describe('UTC ms'),
  revision: z.int().min(1).describe('of what it tells, dense from 1: late data is a new revision, never a silent change'),
  window: z.strictObject({ from: z.int(), until: z.int() }).describe('time that it is about, UTC ms, end exclusive'),
  completeness: BAND.optional().describe('share of what was expected that is in it'),
  quality: z.strictObject({ measured: BAND, estimated: BAND, missing: BAND }).optional().describe('shares of its values'),
});

/** The part of an item that whoever issues it states; the chain adds its place. */
export type FeedStatement = Omit<z.infer<typeof FEED_ITEM>, 'feed' | 'seq' | 'prevHash'>;
