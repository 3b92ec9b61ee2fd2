import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { bill } from '../../domain/billing/bill.ts';
import type { BillingInput, RatedDay } from '../../domain/billing/billing-input.ts';
import { ratePeriod } from '../../domain/billing/rating.ts';
import { roundHalfEven } from '../../domain/tariff/money.ts';
import type { Pricing } from '../../domain/tariff/tariff.ts';
import { decodeEvents, encodeEvents } from '../../events/codec.ts';
import { billingPolicy } from '../../lambdas/billing/billing-policy.ts';
import { dayOf, energyCharge, inputOf, tariffOf } from './given-period.ts';

const PERIOD = { from: '2013-10-26', until: '2013-10-29' };
const DATES = ['2013-10-26', '2013-10-27', '2013-10-28'];
const prices = fc.bigInt({ min: -(10n ** 12n), max: 10n ** 12n });

const pricing = fc.oneof(
  prices.map((priceMicroPerKWh): Pricing => ({ kind: 'flat', priceMicroPerKWh })),
  fc.tuple(prices, prices, fc.integer({ min: 1, max: 1439 })).map(
    ([a, b, until]): Pricing => ({
      kind: 'time-of-use',
      bands: [
        { band: 'a', priceMicroPerKWh: a },
        { band: 'b', priceMicroPerKWh: b },
      ],
      rules: [
        { band: 'a', when: { from: 0, until } },
        { band: 'b', when: {} },
      ],
    }),
  ),
  fc.tuple(prices, prices, fc.bigInt({ min: 1n, max: 200_000n })).map(
    ([a, b, upToWh]): Pricing => ({
      kind: 'tiers',
      perDays: 7,
      tiers: [
        { band: 'a', upToWh, priceMicroPerKWh: a },
        { band: 'b', priceMicroPerKWh: b },
      ],
    }),
  ),
);

/** Three days around a change of the clock, of which slots may be missing, failed or estimated. */
const days = fc.array(fc.integer({ min: 0, max: 5_000 }), { minLength: 146, maxLength: 146 }).map((values) => {
  let next = 0;
  const slot = () => {
    const counts = values[next++]!;
    if (counts % 41 === 0) return undefined;
    if (counts % 31 === 0) return { counts, source: 'held' as const };
    return counts % 7 === 0 ? { counts, source: 'E3' as const } : counts;
  };
  return DATES.map((date) => dayOf(date, [{ slot }, { direction: 'export', slot: (minute) => (minute > 600 && minute < 900 ? 900 : 0) }]));
});

const input = fc
  .record({
    pricing,
    days,
    vat: fc.integer({ min: 0, max: 1_000_000 }),
    perDay: prices,
    brought: prices,
    trueUp: prices,
    netted: fc.boolean(),
  })
  .map(({ pricing: one, days: all, vat, perDay, brought, trueUp, netted }): BillingInput => {
    const energy = energyCharge(one, { taxGroup: 'g' });
    const tariff = tariffOf([energy, { kind: 'standing', code: 's', priceMicroPerDay: perDay, taxGroup: 'g' }], {
      taxes: [{ group: 'g', code: 'vat', ratePerMillion: vat }],
      export: netted
        ? { netting: 'per-period', surplus: 'carried' }
        : { netting: 'per-interval', pricing: { kind: 'flat', priceMicroPerKWh: 7n } },
      negativeTotal: netted ? 'carry' : 'pay-out',
    });
    const trueUps = [{ corrects: 'bill/a1/u1.2013-09-26#1', differenceMicro: trueUp }];
    return inputOf({ ...PERIOD, days: all, tariff, trueUps, brought: { energyWh: {}, moneyMicro: brought < 0n ? -brought : brought } });
  });

describe('whatever is billed', () => {
  it('comes to the same last unit when it is rated again, in any order of days, after a stay in the log', () => {
    fc.assert(
      fc.property(input, fc.integer({ min: 0, max: 2 }), (one, turn) => {
        const first = ratePeriod(one);
        const turned = [...one.days.slice(turn), ...one.days.slice(0, turn)];
        expect(ratePeriod({ ...one, days: turned })).toEqual(first);
        const policy = billingPolicy('residential');
        const command = { type: 'RecordBill', ...first, hash: '', findings: [], policy, reason: 'test', at: 0 } as const;
        const sound = { ...command, assessment: { missing: 0, failed: 0, estimatedPerMille: 0, notFinal: 0, demandEstimated: false } };
        const recorded = decodeEvents(encodeEvents(bill.decide(sound, bill.initial)));
        expect(recorded).toHaveLength(1);
        expect(bill.decide({ ...sound, ...{ statement: ratePeriod(one).statement } }, recorded.reduce(bill.evolve, bill.initial))).toEqual(
          [],
        );
      }),
      { numRuns: 60 },
    );
  });

  it('sums to its total, and each line is its exact amount less the remainder it states', () => {
    fc.assert(
      fc.property(input, (one) => {
        const { statement } = ratePeriod(one);
        expect(statement.lines.reduce((sum, { amountMicro }) => sum + BigInt(amountMicro), 0n)).toBe(BigInt(statement.totalMicro));
        for (const { unit, quantity, priceMicro, amountMicro, remainder } of statement.lines) {
          if (unit !== 'Wh' || priceMicro === undefined) continue;
          const [numerator, denominator] = remainder.split('/').map(BigInt) as [bigint, bigint];
          const sign = BigInt(amountMicro) * BigInt(priceMicro) < 0n && BigInt(quantity) > 0n ? -1n : 1n;
          expect(sign * BigInt(quantity) * BigInt(priceMicro) * denominator).toBe((BigInt(amountMicro) * denominator + numerator) * 1000n);
        }
      }),
      { numRuns: 60 },
    );
  });

  it('charges the same energy before rounding when its days come in other parts', () => {
    const slotPriced = pricing.filter(({ kind }) => kind !== 'tiers');
    const cut = fc.array(fc.integer({ min: 1, max: 45 }), { maxLength: 3 });
    fc.assert(
      fc.property(slotPriced, days, cut, (one, all, cuts) => {
        const rated = (given: readonly RatedDay[]) =>
          ratePeriod(inputOf({ ...PERIOD, days: given, tariff: tariffOf([energyCharge(one)]) })).statement;
        const [whole, parted] = [rated(all), rated(all.flatMap((day) => inParts(day, cuts)))];
        expect(parted.lines).toEqual(whole.lines);
        expect(parted.importWh).toBe(whole.importWh);
      }),
      { numRuns: 60 },
    );
  });

  it('is rounded to the nearest, by no more than half a unit, halves to even', () => {
    fc.assert(
      fc.property(fc.bigInt(), fc.bigInt({ min: 1n, max: 10n ** 9n }), (numerator, denominator) => {
        const { whole, remainder } = roundHalfEven({ numerator, denominator });
        const [top, bottom] = remainder.split('/').map(BigInt) as [bigint, bigint];
        expect(whole * denominator * bottom + top * denominator).toBe(numerator * bottom);
        const twice = 2n * (top < 0n ? -top : top);
        expect(twice <= bottom).toBe(true);
        if (twice === bottom) expect(whole % 2n).toBe(0n);
      }),
    );
  });

  it('holds no fraction anywhere: every number of a statement is a whole one', () => {
    fc.assert(
      fc.property(input, (one) => {
        const walk = (value: unknown): void => {
          if (typeof value === 'number') expect(Number.isSafeInteger(value)).toBe(true);
          if (typeof value === 'object' && value !== null) Object.values(value).forEach(walk);
        };
        const { statement, assessment } = ratePeriod(one);
        walk(statement);
        walk(assessment);
        for (const { amountMicro, quantity } of statement.lines) expect([amountMicro, quantity].join(' ')).toMatch(/^-?\d+ -?\d+$/);
      }),
      { numRuns: 30 },
    );
  });
});

/** The same day as streams of parts, as tenancy cuts and exchanges make them. */
function inParts(day: RatedDay, cuts: readonly number[]): RatedDay[] {
  const bounds = [...new Set([0, ...cuts, day.localMinutes.length])].sort((a, b) => a - b);
  return bounds.slice(1).map((until, i) => {
    const from = bounds[i]!;
    const channels = day.channels.map((one) => ({
      ...one,
      counts: one.counts.slice(from, until),
      sources: one.sources.slice(from, until),
    }));
    const stream = i === 0 ? day.stream : `${day.stream}.${i + 1}`;
    return { ...day, stream, start: day.start + from * day.minutes * 60, localMinutes: day.localMinutes.slice(from, until), channels };
  });
}
