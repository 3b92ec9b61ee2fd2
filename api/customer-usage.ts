import * as z from 'zod';
import { Instant, LocalDate } from './common.ts';

/** Money as whole micro-units of the currency, decimal: 1230000 = 1.23. */
export const MoneyMicro = z.string().regex(/^-?\d{1,18}$/);
export const UsagePointId = z.string().regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/);
export const CustomerPointPath = z.strictObject({ usagePoint: UsagePointId });

/** Usage points of the customer, today's first. */
export const CustomerPoints = z.object({
  points: z.array(
    z.object({
      usagePoint: z.string(),
      zone: z.string(),
      currency: z.string(),
      intervalMinutes: z.int(),
      /** Spans in which it is the customer's. */
      tenancies: z.array(z.object({ from: Instant, until: Instant.nullable() })),
      /** Tariff in force, and the zone of its signed prices; null = none. */
      tariff: z.object({ tariff: z.string(), name: z.string() }).nullable(),
      priceZone: z.string().nullable(),
    }),
  ),
});
export type CustomerPoints = z.infer<typeof CustomerPoints>;

/** Intervals by what they are worth. */
export const UsageQuality = z.object({ measured: z.int(), estimated: z.int(), edited: z.int(), missing: z.int() });

export const UsageRow = z.object({
  start: Instant,
  end: Instant,
  /** From the grid; null = nothing that counts. */
  importWh: z.int().nullable(),
  /** Into the grid; null = no such channel, or nothing that counts. */
  exportWh: z.int().nullable(),
  /** By the tariff of that time; null = no tariff, or not enough to say. */
  costMicro: MoneyMicro.nullable(),
  quality: UsageQuality,
});
export type UsageRow = z.infer<typeof UsageRow>;

/** Of the local day that is going on. */
export const Today = z.object({
  usagePoint: z.string(),
  day: LocalDate,
  zone: z.string(),
  currency: z.string(),
  intervalMinutes: z.int(),
  /** End of the newest interval that came; null = none yet. */
  readingsUntil: Instant.nullable(),
  /** Intervals of the day that ended by now, and what became of them. */
  expected: z.int(),
  quality: UsageQuality,
  importWh: z.int(),
  exportWh: z.int().nullable(),
  costMicro: MoneyMicro.nullable(),
  /** The same time of day on as many of the last four same weekdays as are known; null = fewer than two. */
  usual: z.object({ importWh: z.int(), days: z.int() }).nullable(),
  rows: z.array(UsageRow),
});
export type Today = z.infer<typeof Today>;

/** Local dates, `until` not included: at most 31 days of intervals or hours, 400 of days, 36 months. */
export const UsageQuery = z.strictObject({
  resolution: z.enum(['interval', 'hour', 'day', 'month']),
  from: LocalDate,
  until: LocalDate,
});
export type UsageQuery = z.infer<typeof UsageQuery>;

export const Usage = z.object({
  usagePoint: z.string(),
  zone: z.string(),
  currency: z.string(),
  resolution: z.enum(['interval', 'hour', 'day', 'month']),
  intervalMinutes: z.int(),
  from: LocalDate,
  until: LocalDate,
  /** In order; of a time that was another's there are none. */
  rows: z.array(UsageRow),
});
export type Usage = z.infer<typeof Usage>;

/** The highest interval of each month, at most 13, newest last. */
export const DemandPeaks = z.object({
  usagePoint: z.string(),
  zone: z.string(),
  months: z.array(z.object({ month: z.string(), peakW: z.int(), at: Instant, estimated: z.boolean() })),
});
export type DemandPeaks = z.infer<typeof DemandPeaks>;

/** A month beside the mean home of the area, as far as the disclosure gate lets that be said. Net: less what was fed in. */
export const SimilarHomes = z.object({
  usagePoint: z.string(),
  month: z.string(),
  /** null = less than nine tenths of it are known and the customer's. */
  ownWh: z.int().nullable(),
  /** Of the month in UTC, to the kWh, homes alone; null = too few homes, or the month is not among what was released. */
  similar: z.object({ meanWh: z.int(), homes: z.string() }).nullable(),
});
export type SimilarHomes = z.infer<typeof SimilarHomes>;
export const SimilarQuery = z.strictObject({ month: z.string().regex(/^\d{4}-(0[1-9]|1[0-2])$/) });

/** `csv`: UTC, local time with offset, energy, quality; `espi`: Green Button; `json`. Local dates, at most 400 days. */
export const DownloadQuery = z.strictObject({ form: z.enum(['csv', 'espi', 'json']), from: LocalDate, until: LocalDate });
export type DownloadQuery = z.infer<typeof DownloadQuery>;
export const UsageFile = z.string();
