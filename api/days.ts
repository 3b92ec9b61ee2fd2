import * as z from 'zod';
import { DayName, Instant, LocalDate, MeterId, Ordinal } from './common.ts';

export const DayPath = z.strictObject({ meterId: MeterId, day: DayName });
export const EditPath = z.strictObject({ meterId: MeterId, day: DayName, edit: Ordinal });
export type EditPath = z.infer<typeof EditPath>;

/** `at`: the day as it was known then. */
export const DayQuery = z.strictObject({ at: Instant.optional() });

const Slot = z.object({
  slot: z.int(),
  /** Interval end. */
  end: Instant,
  /** What the meter said; null = nothing. */
  raw: z.object({ energyWh: z.number().nullable(), registerCounts: z.number().nullable(), flags: z.int() }),
  /** What counts; null = nothing billable. */
  final: z.object({ energyWh: z.number().nullable(), source: z.string(), scaled: z.boolean(), confidence: z.int(), edited: z.boolean() }),
  errors: z.array(z.string()),
  warnings: z.array(z.string()),
});

/** How a channel of a day stands. Energy in the channel's unit. */
export const ChannelStanding = z.object({
  channel: z.int(),
  direction: z.enum(['import', 'export']),
  unit: z.enum(['Wh', 'varh', 'VAh']),
  perCount: z.number(),
  energyWh: z.number(),
  ...{ measured: z.int(), estimated: z.int(), edited: z.int(), held: z.int(), missing: z.int() },
});
export type ChannelStanding = z.infer<typeof ChannelStanding>;

const Channel = z.object({
  ...ChannelStanding.shape,
  obis: z.string(),
  /** Register difference over the day; null = no bracket. */
  registerWh: z.number().nullable(),
  dayErrors: z.array(z.string()),
  dayWarnings: z.array(z.string()),
  slots: z.array(Slot),
});

const Edit = z.object({
  edit: z.int(),
  kind: z.enum(['accept', 'estimate', 'values', 'agreed', 'undo']),
  channel: z.int(),
  slots: z.array(z.int()),
  energyWh: z.array(z.number().nullable()),
  reason: z.string(),
  note: z.string(),
  by: z.string(),
  at: Instant,
  approvedBy: z.string().optional(),
  undoes: z.int().optional(),
  /** Taken back by a later one. */
  undone: z.boolean(),
});

const HistoryEntry = z.object({
  version: z.int(),
  type: z.string(),
  recordedAt: Instant,
  /** Hash of the commit, which continues the one before. */
  hash: z.string(),
  by: z.string().optional(),
  edit: z.int().optional(),
});

export const Day = z.object({
  meterId: z.string(),
  usagePoint: z.string(),
  day: LocalDate,
  part: z.int(),
  zone: z.string(),
  start: Instant,
  end: Instant,
  minutes: z.int(),
  state: z.enum(['open', 'provisional', 'final']),
  /** Of the last outcome, 0 before the first. */
  revision: z.int(),
  held: z.boolean(),
  /** Stands as known then, not now. */
  asKnownAt: Instant.optional(),
  channels: z.array(Channel),
  edits: z.array(Edit),
  /** Wait for a second person. */
  proposals: z.array(Edit),
  history: z.array(HistoryEntry),
});
export type Day = z.infer<typeof Day>;
