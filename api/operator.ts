import * as z from 'zod';
import { PageSize } from './common.ts';

const AreaName = z.string().regex(/^[A-Za-z0-9._-]{1,96}$/, 'areas are named by letters, digits, dots, dashes and underscores');

export const AreaPath = z.strictObject({ area: AreaName });

/** Sequence of the newest item that the caller has; 0 = from the beginning. */
const Since = z.coerce
  .string()
  .regex(/^(0|[1-9]\d{0,11})$/, 'a whole number from 0')
  .transform(Number);

export const ItemQuery = z.strictObject({ since: Since.optional(), limit: PageSize.optional() });
export type ItemQuery = z.infer<typeof ItemQuery>;

/** Items behind `since`, without a gap: compact JWS each, as they were signed. */
export const ItemPage = z.object({
  feed: z.string(),
  items: z.array(z.string()),
  /** To ask on from. */
  next: z.int(),
  /** Whether there is more already. */
  more: z.boolean(),
});
export type ItemPage = z.infer<typeof ItemPage>;

export const FeedStatus = z.object({
  area: z.string(),
  feed: z.string(),
  /** Of the newest item. */
  seq: z.int(),
  /** End of the newest interval told; absent before the first. UTC ms. */
  toldUntil: z.int().optional(),
  intervalMinutes: z.int(),
  latencySeconds: z.int(),
  /** How far the feed is behind what it promises. */
  behindSeconds: z.int(),
});
export type FeedStatus = z.infer<typeof FeedStatus>;

/** Areas of the quarter, and how their feeds stand. */
export const AreaList = z.object({ quarter: z.string(), areas: z.array(FeedStatus) });
export type AreaList = z.infer<typeof AreaList>;

/** Public halves of what signs the feeds, as JWK. A receiver pins them once, over another way. */
export const FeedKeys = z.object({ keys: z.array(z.record(z.string(), z.string())) });
export type FeedKeys = z.infer<typeof FeedKeys>;

/**
 * The newest checkpoint of the log over all commits, a signed text (docs/log.md), and the public halves of every generation of its key, SPKI DER
 * in base64; absent before the first. Whoever keeps one is a witness: a later one must continue it.
 */
export const LogCheckpoint = z.object({ checkpoint: z.string().optional(), publicKeys: z.array(z.base64()) });
export type LogCheckpoint = z.infer<typeof LogCheckpoint>;

const Values = z.array(z.number().nullable());

/** Newest forecasts, oldest first. Values by slot of the local day, Wh; null where nothing can be said. */
export const AreaForecasts = z.object({
  area: z.string(),
  forecasts: z.array(
    z.object({
      issue: z.enum(['day-ahead', 'midnight']),
      day: z.string(),
      zone: z.string(),
      intervalMinutes: z.int(),
      model: z.int(),
      start: z.int(),
      energyWh: Values,
      lowerWh: Values,
      upperWh: Values,
      contributions: z.array(z.object({ group: z.string(), energyWh: Values })),
      at: z.int(),
    }),
  ),
});
export type AreaForecasts = z.infer<typeof AreaForecasts>;

const Ramp = z.object({ day: z.string(), minute: z.int(), changeWh: z.number() });
const Span = z.object({
  from: z.string(),
  until: z.string(),
  knownSlots: z.int(),
  energyWh: z.number(),
  peak: z.object({ day: z.string(), minute: z.int(), energyWh: z.number() }),
  rise: Ramp.optional(),
  fall: Ramp.optional(),
  loadFactorPerMille: z.number().optional(),
});

/** Peaks, steepest ramps, load factor by day, week and season; growth against the year before or the weeks before. */
export const AreaTrend = z.object({
  area: z.string(),
  intervalMinutes: z.int(),
  days: z.array(Span),
  weeks: z.array(Span),
  seasons: z.array(Span),
  growth: z.object({ against: z.enum(['year', 'recent']), days: z.int(), perMille: z.number() }).optional(),
});
export type AreaTrend = z.infer<typeof AreaTrend>;
