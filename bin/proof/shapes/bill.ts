import * as z from 'zod';
import { LocalDate } from '../../../api/common.ts';
import type { BillEvent } from '../../../events/index.ts';
import { ChannelUnit, Direction } from './asset.ts';
import { eventsOf } from './events-of.ts';
import { Count, Fraction, Instant, Integer, Minutes, Name, Ordinal, Words } from './values.ts';

const WhByBand = z.record(Name, Integer);
/** Readers walk through the days of a period: ten years of them, and some. */
const LONGEST_PERIOD_MS = 3_660 * 86_400_000;
const BillPeriod = z
  .strictObject({ accountId: Name, usagePoint: Name, from: LocalDate, until: LocalDate })
  .refine(({ from, until }) => from < until && Date.parse(until) - Date.parse(from) <= LONGEST_PERIOD_MS);

const HeldRating = z.strictObject({
  hash: Name,
  currency: Name,
  totalMicro: Integer,
  importWh: Integer.exactOptional(),
  exportWh: Integer.exactOptional(),
  withDemand: z.strictObject({ hash: Name, totalMicro: Integer }).exactOptional(),
});

const BillLine = z.strictObject({
  code: Name,
  quantity: Integer,
  unit: z.enum(['Wh', 'day', 'W', 'VA', 'varh', 'micro', 'piece']),
  priceMicro: Integer.exactOptional(),
  amountMicro: Integer,
  remainder: Fraction,
  corrects: Name.exactOptional(),
  from: LocalDate.exactOptional(),
  until: LocalDate.exactOptional(),
});

const UnreadDay = z.strictObject({
  stream: Name,
  day: LocalDate,
  start: Instant,
  slots: Count,
  minutes: Minutes,
  channels: z.array(z.strictObject({ obis: Name, direction: Direction, unit: ChannelUnit })),
});

const BillBasis = z.strictObject({
  zone: Name,
  calendarDays: Count,
  chargeableFrom: LocalDate,
  broughtWh: WhByBand,
  broughtMicro: Integer,
  billedMicro: Integer.exactOptional(),
  unread: z.array(UnreadDay),
});

const ISSUED = {
  period: BillPeriod,
  currency: Name,
  lines: z.array(BillLine),
  totalMicro: Integer,
  inputs: z.array(z.strictObject({ stream: Name, revision: Ordinal })),
  tariffs: z.array(z.strictObject({ tariff: Name, version: Ordinal, from: LocalDate })),
  estimatedPerMille: Count,
  onEstimates: z.boolean(),
  importWh: Integer.exactOptional(),
  exportWh: Integer.exactOptional(),
  maximumWh: Integer.exactOptional(),
  carriedWh: WhByBand.exactOptional(),
  carriedMicro: Integer.exactOptional(),
  spans: z.array(z.strictObject({ from: Instant, until: Instant })).exactOptional(),
  findings: z.array(Name).exactOptional(),
  basis: BillBasis.exactOptional(),
  approvedBy: Name.exactOptional(),
  demandApprovedBy: Name.exactOptional(),
  revision: Ordinal,
  at: Instant,
};

export const BILL_EVENT = eventsOf<BillEvent>()({
  BillHeld: z.strictObject({
    period: BillPeriod,
    reasons: z.array(z.enum(['missing', 'estimated', 'failed', 'not-final', 'demand-estimated', 'review'])),
    missing: Count,
    estimatedShare: Count,
    failed: Count,
    until: Instant,
    at: Instant,
    rated: HeldRating.exactOptional(),
  }),
  BillHoldEnded: z.strictObject({ reason: Words, at: Instant }),
  BillComputed: z.strictObject({ ...ISSUED, reason: Words.exactOptional() }),
  BillRerated: z.strictObject({ ...ISSUED, beforeMicro: Integer, differenceMicro: Integer, reason: Words }),
});
