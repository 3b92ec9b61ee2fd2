import { z } from 'zod';

/** The tariff file, as people write it: prices are decimal texts in units of the currency, times are local. */
const price = z
  .string('a price is a text like "0.14228", so that no digit is lost')
  .regex(/^-?\d{1,24}(\.\d{1,6})?$/, 'a price is a decimal number with at most 6 decimals, like "0.14228"');
const energy = z
  .string('energy is a text like "1000" or "2.5"')
  .regex(/^-?\d{1,12}(\.\d{1,3})?$/, 'kWh with at most 3 decimals, like "2.5"');
const code = z.string().regex(/^[A-Za-z0-9][A-Za-z0-9-]{0,39}$/, 'letters, digits and hyphens, at most 40');
const date = z.string().regex(/^\d{4}-\d{2}-\d{2}$/, 'a date like 2013-06-01');
const monthDay = z.string().regex(/^(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])$/, 'a day of the year like 10-01');
const time = z.string().regex(/^([01]\d|2[0-3]):[0-5]\d$|^24:00$/, 'a local time like 07:30, or 24:00');
const obis = z.string().regex(/^\d{1,3}-\d{1,3}:\d{1,3}\.\d{1,3}\.\d{1,3}$/, 'an OBIS code like 1-0:1.8.1');
const WEEKDAYS = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'] as const;

const when = z.strictObject({
  from: time.optional(),
  until: time.optional(),
  weekdays: z.array(z.enum(WEEKDAYS)).min(1).optional(),
  season: code.optional(),
  holidays: z.enum(['only', 'never']).optional(),
});
const bands = z.array(z.strictObject({ band: code, perKWh: price })).min(1);
const flat = z.strictObject({ kind: z.literal('flat'), perKWh: price });
const timeOfUse = z.strictObject({
  kind: z.literal('time-of-use'),
  bands,
  rules: z.array(z.strictObject({ band: code, when: when.optional() })).min(1),
});
const bandSeries = z.strictObject({ kind: z.literal('band-series'), series: code, bands });
const priceSeries = z.strictObject({
  kind: z.literal('price-series'),
  series: code,
  addPerKWh: price.optional(),
  floorPerKWh: price.optional(),
  capPerKWh: price.optional(),
});
const registers = z.strictObject({
  kind: z.literal('registers'),
  registers: z.array(z.strictObject({ obis, band: code, perKWh: price })).min(1),
});
const tiers = z.strictObject({
  kind: z.literal('tiers'),
  perDays: z.int().max(366),
  tiers: z.array(z.strictObject({ band: code, upToKWh: energy.optional(), perKWh: price })).min(1),
});
const pricing = z.discriminatedUnion('kind', [flat, timeOfUse, bandSeries, priceSeries, registers, tiers], {
  error: 'the kinds are flat, time-of-use, band-series, price-series, registers, tiers',
});
const exportPricing = z.discriminatedUnion('kind', [flat, timeOfUse, bandSeries, priceSeries], {
  error: 'the kinds are flat, time-of-use, band-series, price-series',
});

const charge = z.discriminatedUnion(
  'kind',
  [
    z.strictObject({ kind: z.literal('energy'), code, pricing, tax: code.optional() }),
    z.strictObject({ kind: z.literal('standing'), code, perDay: price, tax: code.optional() }),
    z.strictObject({
      kind: z.literal('demand'),
      code,
      minutes: z.int().min(1).max(60),
      of: z.enum(['kW', 'kVA']),
      price,
      per: z.enum(['day', 'period']),
      when: when.optional(),
      tax: code.optional(),
    }),
    z.strictObject({ kind: z.literal('reactive'), code, perKvarh: price, freePerMille: z.int().min(0).max(10_000), tax: code.optional() }),
  ],
  { error: 'the kinds are energy, standing, demand, reactive' },
);

export const tariffDocument = z.strictObject({
  id: code,
  name: z.string().min(1).max(200),
  currency: z.string().regex(/^[A-Z]{3}$/, 'three capital letters as in ISO 4217, like GBP'),
  from: date,
  charges: z.array(charge).min(1),
  export: z
    .strictObject({
      netting: z.enum(['buy-all-sell-all', 'per-interval', 'per-period']),
      pricing: exportPricing.optional(),
      surplus: z.enum(['paid', 'carried', 'lapses']).optional(),
      tax: code.optional(),
    })
    .optional(),
  minimum: z.strictObject({ perDay: price, tax: code.optional() }).optional(),
  taxes: z
    .array(
      z.strictObject({
        group: code,
        code,
        percent: z.string().regex(/^\d{1,3}(\.\d{1,4})?$/, 'per cent with at most 4 decimals, like "5"'),
      }),
    )
    .optional(),
  calendar: z
    .strictObject({
      seasons: z.array(z.strictObject({ name: code, from: monthDay, until: monthDay })).optional(),
      holidays: z.array(date).optional(),
    })
    .optional(),
  negativeTotal: z.enum(['pay-out', 'carry']).optional(),
});

export type TariffDocument = z.infer<typeof tariffDocument>;
export type WhenDocument = z.infer<typeof when>;
export type PricingDocument = z.infer<typeof pricing>;
export type ChargeDocument = z.infer<typeof charge>;

export function weekdayNumber(name: (typeof WEEKDAYS)[number]): number {
  return WEEKDAYS.indexOf(name) + 1;
}
