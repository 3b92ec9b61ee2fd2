import * as z from 'zod';
import { Cursor, Instant, LocalDate } from './common.ts';

export const FeedersQuery = z.strictObject({ cursor: Cursor.optional() });
export type FeedersQuery = z.infer<typeof FeedersQuery>;
/**
 * The heads of the feeders beside the homes behind them, by area of the quarter: at most 20 areas, in the order of their names; a cursor where
 * more are left. Sums as the grid operator was told them: no feeder stands alone that has too few homes.
 */
export const FeedersView = z.object({
  asOf: Instant,
  zone: z.string(),
  /** e.g. `2026-Q1`; null = no area has enough homes yet. */
  quarter: z.string().nullable(),
  /** Of what flows, thousandths: homes may be above the head by `above`, below it by `below`. */
  limits: z.object({ above: z.int(), below: z.int() }),
  areas: z.array(
    z.object({
      area: z.string(),
      feeders: z.array(z.string()),
      /** Those of them at whose head no meter told anything in these days: the area cannot be compared. */
      withoutHead: z.array(z.string()),
      intervalMinutes: z.int(),
      /** Local days, oldest first, the last of them today; energy net of what is fed in, of the intervals that were compared. */
      days: z.array(z.object({ day: LocalDate, headWh: z.int(), homesWh: z.int(), compared: z.int(), leftOut: z.int(), doubted: z.int() })),
      /** The newest run of intervals that other measurements contradict; null = none of these days. */
      doubt: z
        .object({
          causes: z.array(z.enum(['more-than-the-feeder', 'less-than-the-feeder', 'outside-forecast-band'])),
          since: Instant,
          until: Instant,
          intervals: z.int(),
          /** Nothing behind it adds up yet. */
          goesOn: z.boolean(),
          /** It may have begun before these days. */
          mayBeOlder: z.boolean(),
        })
        .nullable(),
    }),
  ),
  /** Feeders with too few homes and no neighbour: nothing is said of them. */
  withheld: z.array(z.string()),
  cursor: z.string().optional(),
});
export type FeedersView = z.infer<typeof FeedersView>;
