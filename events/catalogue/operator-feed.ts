import { z } from 'zod';
import { FEED_ITEM } from './feed-item.ts';

/** `typ` of everything that the grid operator is told. */
export const OPERATOR_FEED_TYP = 'joulekeep-operator-feed+jws';

const AREA = z.string().min(1).describe('area of the quarter');
const WH = z.int().min(0);
const { feed, seq, prevHash, issuedAt, revision, window, completeness, quality } = FEED_ITEM.shape;
/** What every item says; strict, so that no item can say more than its kind does. */
const SAID = {
  ...{ feed, seq, prevHash, issuedAt, revision, window },
  purpose: z.literal('grid-operation').describe('what the operator may use it for'),
  latencySeconds: z.int().describe('an interval is told so long after its end: meters report no sooner'),
};

const ENERGY_ITEM = z.strictObject({
  ...SAID,
  kind: z.enum(['demand', 'revision']),
  area: AREA,
  netWh: z.int().describe('import less export, sums of measurements that passed validation, Wh'),
  apart: z
    .strictObject({ importWh: WH, exportWh: WH })
    .optional()
    .describe('each for itself, Wh: only where the homes that feed in are enough by themselves'),
  completeness: completeness.unwrap(),
  quality: quality.unwrap(),
  held: z.enum(['<=1', '1-5', '5-10', '>10']).describe('share of values that came and failed validation, percent: they are in no sum'),
});

const SUPPRESSED_ITEM = z.strictObject({
  ...SAID,
  kind: z.literal('suppressed'),
  area: AREA,
  because: z.enum(['below-gate', 'too-few-read']),
});

const DOUBT_ITEM = z.strictObject({
  ...SAID,
  kind: z.literal('doubt'),
  area: AREA,
  causes: z.array(z.enum(['outside-forecast-band', 'more-than-the-feeder', 'less-than-the-feeder'])).min(1),
});

const NET_WH = z.int().nullable();

const FORECAST_ITEM = z.strictObject({
  ...SAID,
  kind: z.literal('forecast'),
  area: AREA,
  issue: z.enum(['day-ahead', 'midnight']).describe('made at 10:00 of the day before, or when the day began'),
  day: z.iso.date().describe('local date'),
  zone: z.string().describe('IANA'),
  intervalMinutes: z.int(),
  slots: z
    .array(z.strictObject({ end: z.int(), energyWh: NET_WH, lowerWh: NET_WH, upperWh: NET_WH }))
    .describe('net demand by interval (end in UTC s), with the band that holds 90 of 100 outcomes; null = not possible to say'),
});

const PARTITION_ITEM = z.strictObject({
  ...SAID,
  kind: z.literal('partition'),
  quarter: z.string(),
  part: z.int().min(1),
  parts: z.int().min(1),
  areas: z.array(
    z.strictObject({
      area: AREA,
      leaves: z.array(z.string()),
      intervalMinutes: z.int(),
      apart: z.literal(true).optional().describe('import and export are told apart'),
      customers: z
        .string()
        .regex(/^\d+-\d+$/)
        .describe('by powers of ten'),
    }),
  ),
  withheld: z.array(z.string()).describe('leaves of which nothing is told'),
});

/** An item of the operator's feeds, whole. No field names a meter, a home or an account, and none holds a number of homes. */
export const OPERATOR_ITEM = z.discriminatedUnion('kind', [ENERGY_ITEM, SUPPRESSED_ITEM, DOUBT_ITEM, FORECAST_ITEM, PARTITION_ITEM]);
