import { describe, expect, it } from 'vitest';
import { ratePeriod } from '../../domain/billing/rating.ts';
import type { DemandCharge } from '../../domain/tariff/tariff.ts';
import {
  amounts,
  type ChannelFacts,
  dayOf,
  daysAlike,
  flat,
  inputOf,
  midnight,
  quantities,
  type SlotFacts,
  statementOf,
  tariffOf,
} from './given-period.ts';

const DAY = { from: '2013-06-03', until: '2013-06-04' };
const DEMAND: DemandCharge = { kind: 'demand', code: 'peak', demandMinutes: 30, of: 'Wh', priceMicroPerKW: 3_000_000n, per: 'period' };

function demandBill(slot: ChannelFacts['slot'], charge: Partial<DemandCharge> = {}, minutes = 30) {
  const days = [dayOf('2013-06-03', [{ slot }], { minutes })];
  return ratePeriod(inputOf({ ...DAY, days, tariff: tariffOf([{ ...DEMAND, ...charge }]) }));
}

describe('maximum demand', () => {
  const at =
    (minute: number, counts: SlotFacts, usual = 100) =>
    (local: number) =>
      local === minute ? counts : usual;

  it('is the largest mean power of an interval', () => {
    const { statement } = demandBill(at(600, 1_500));
    expect(statement.lines).toEqual([
      { code: 'demand/peak', quantity: '3000', unit: 'W', priceMicro: '3000000', amountMicro: '9000000', remainder: '0/1' },
    ]);
  });

  it('is taken over whole demand intervals of the local clock', () => {
    // 15-minute slots: 10:45 and 11:00 are large, but lie in two different hours.
    const slot = (local: number) => (local === 645 || local === 660 ? 1_000 : 0);
    expect(quantities(demandBill(slot, { demandMinutes: 60 }, 15).statement)).toEqual({ 'demand/peak': '1000' });
    expect(quantities(demandBill(slot, { demandMinutes: 15 }, 15).statement)).toEqual({ 'demand/peak': '4000' });
  });

  it('keeps the two hours of a repeated hour apart', () => {
    const days = [dayOf('2013-10-27', [{ slot: (local) => (local === 60 ? 1_000 : 0) }])];
    const tariff = tariffOf([{ ...DEMAND, demandMinutes: 60 }]);
    expect(quantities(statementOf({ from: '2013-10-27', until: '2013-10-28', days, tariff }))).toEqual({ 'demand/peak': '1000' });
  });

  it('counts only what lies in its hours with every slot', () => {
    const slot = at(1_200, 5_000);
    expect(quantities(demandBill(slot, { when: { from: 480, until: 1_200 } }).statement)).toEqual({ 'demand/peak': '200' });
  });

  it('is never taken from estimated slots without a person', () => {
    const estimated = at(600, { counts: 1_500, source: 'E3' });
    const held = demandBill(estimated);
    expect(quantities(held.statement)).toEqual({ 'demand/peak': '200' });
    expect(held.assessment.demandEstimated).toBe(true);
    const days = [dayOf('2013-06-03', [{ slot: estimated }])];
    const approved = ratePeriod(inputOf({ ...DAY, days, tariff: tariffOf([DEMAND]), demandApprovedBy: 'op-1' }));
    expect(quantities(approved.statement)).toEqual({ 'demand/peak': '3000' });
    expect(approved.assessment.demandEstimated).toBe(false);
    // An estimate below the measured peak decides nothing, and what a person agreed is no estimate.
    expect(demandBill(at(600, { counts: 90, source: 'E3' })).assessment.demandEstimated).toBe(false);
    expect(quantities(demandBill(at(600, { counts: 1_500, source: 'E11' })).statement)).toEqual({ 'demand/peak': '3000' });
  });

  it('can not be told from coarser readings', () => {
    expect(() => demandBill(at(600, 1), { demandMinutes: 15 })).toThrow(expect.objectContaining({ code: 'ERR_DEMAND_INTERVAL' }));
  });

  it('of apparent energy is in kVA, by the day if the tariff says so', () => {
    const days = daysAlike('2013-06-01', '2013-07-01', [{ slot: () => 100 }, { unit: 'VAh', slot: () => 125 }]);
    const tariff = tariffOf([{ ...DEMAND, of: 'VAh', per: 'day', priceMicroPerKW: 100_000n }]);
    const { lines } = statementOf({ from: '2013-06-01', until: '2013-07-01', days, tariff });
    expect(lines[0]).toMatchObject({ quantity: '250', unit: 'VA', amountMicro: String((250 * 100_000 * 30) / 1_000) });
  });
});

describe('other charges', () => {
  it('reactive energy is free up to its share of the active energy', () => {
    const days = [dayOf('2013-06-03', [{ slot: () => 100 }, { unit: 'varh', slot: () => 60 }])];
    const tariff = tariffOf([{ kind: 'reactive', code: 'excess', priceMicroPerKvarh: 10_000n, freePerMille: 500 }]);
    // 2880 varh, 4800 Wh: half of it is free.
    expect(statementOf({ ...DAY, days, tariff }).lines).toEqual([
      { code: 'reactive/excess', quantity: '480', unit: 'varh', priceMicro: '10000', amountMicro: '4800', remainder: '0/1' },
    ]);
  });

  it('a minimum charge fills up what the charges leave, payments for export do not count', () => {
    const channels: ChannelFacts[] = [{ slot: () => 10 }, { direction: 'export', slot: () => 100 }];
    const tariff = tariffOf([flat(100_000n)], {
      minimum: { priceMicroPerDay: 60_000n, taxGroup: 'vat' },
      export: { netting: 'buy-all-sell-all', pricing: { kind: 'flat', priceMicroPerKWh: 50_000n } },
      taxes: [{ group: 'vat', code: 'vat', ratePerMillion: 200_000 }],
    });
    const statement = statementOf({ ...DAY, days: [dayOf('2013-06-03', channels)], tariff });
    expect(amounts(statement)).toEqual({ 'energy/energy': '48000', minimum: '12000', export: '-240000', 'tax/vat': '2400' });
    const enough = statementOf({ ...DAY, days: [dayOf('2013-06-03', [{ slot: () => 50 }])], tariff });
    expect(amounts(enough)).not.toHaveProperty('minimum');
  });

  it('each group of lines has its own taxes, which may be several', () => {
    const charge = (taxGroup: string) => ({ ...flat(100_000n), code: taxGroup, taxGroup });
    const tariff = tariffOf([charge('a'), charge('b'), { kind: 'standing', code: 'free', priceMicroPerDay: 1_000n }], {
      taxes: [
        { group: 'a', code: 'vat-a', ratePerMillion: 50_000 },
        { group: 'b', code: 'vat-b', ratePerMillion: 190_000 },
        { group: 'b', code: 'levy', ratePerMillion: 10_000 },
      ],
    });
    const statement = statementOf({ ...DAY, days: [dayOf('2013-06-03', [{ slot: () => 50 }])], tariff });
    expect(amounts(statement)).toMatchObject({ 'tax/vat-a': '12000', 'tax/vat-b': '45600', 'tax/levy': '2400' });
    expect(statement.totalMicro).toBe(String(240_000 * 2 + 1_000 + 12_000 + 45_600 + 2_400));
  });

  it('rounds half to even, also below zero', () => {
    const half = (wh: number, price: bigint) => {
      const days = [dayOf('2013-06-03', [{ slot: (_, i) => (i === 0 ? wh : 0) }])];
      const [line] = statementOf({ ...DAY, days, tariff: tariffOf([flat(price)]) }).lines;
      return [line!.amountMicro, line!.remainder];
    };
    expect(half(1, 500n)).toEqual(['0', '1/2']);
    expect(half(3, 500n)).toEqual(['2', '-1/2']);
    expect(half(1, -500n)).toEqual(['0', '-1/2']);
    expect(half(3, -500n)).toEqual(['-2', '1/2']);
    expect(half(5, -500n)).toEqual(['-2', '-1/2']);
  });
});

describe('a period that is not of one piece', () => {
  const MONTH = { from: '2013-06-01', until: '2013-07-01' };

  it('changes tariff: energy by slot, standing charge and thresholds by days', () => {
    const tiered = tariffOf([
      {
        kind: 'energy',
        code: 'energy',
        pricing: {
          kind: 'tiers',
          perDays: 30,
          tiers: [
            { band: 'first', upToWh: 90_000n, priceMicroPerKWh: 100_000n },
            { band: 'rest', priceMicroPerKWh: 200_000n },
          ],
        },
      },
      { kind: 'standing', code: 'daily', priceMicroPerDay: 1_000n },
    ]);
    const after = tariffOf([flat(300_000n), { kind: 'standing', code: 'daily', priceMicroPerDay: 2_000n }, DEMAND], { id: 't2' });
    const days = daysAlike(MONTH.from, MONTH.until, [{ slot: () => 100 }]);
    const series = new Map();
    const statement = statementOf({
      ...MONTH,
      days,
      tariffs: [
        { tariff: tiered, version: 3, from: '2013-01-01', series },
        { tariff: after, version: 1, from: '2013-06-11', series },
      ],
    });
    // 10 days of 4.8 kWh: 48 kWh, threshold 30; 20 days: 96 kWh. Demand 200 W for 20 of 30 days.
    expect(amounts(statement)).toEqual({
      'energy/first 2013-06-01': '3000000',
      'energy/rest 2013-06-01': '3600000',
      'standing/daily 2013-06-01': '10000',
      'energy/energy 2013-06-11': '28800000',
      'standing/daily 2013-06-11': '40000',
      'demand/peak 2013-06-11': '400000',
    });
    expect(statement.tariffs).toEqual([
      { tariff: 't', version: 3, from: '2013-01-01' },
      { tariff: 't2', version: 1, from: '2013-06-11' },
    ]);
  });

  it('needs a tariff from its first day, and one currency', () => {
    const [assigned] = inputOf(MONTH).tariffs;
    const missing = () => statementOf({ ...MONTH, tariffs: [{ ...assigned!, from: '2013-06-02' }] });
    expect(missing).toThrow(expect.objectContaining({ code: 'ERR_TARIFF_MISSING' }));
    const euro = { ...assigned!, tariff: { ...assigned!.tariff, currency: 'EUR' }, from: '2013-06-20' };
    expect(() => statementOf({ ...MONTH, tariffs: [assigned!, euro] })).toThrow(expect.objectContaining({ code: 'ERR_CURRENCY_MIXED' }));
  });

  it('is divided at a move: the slots before and after add up, and each day has one standing charge', () => {
    const tariff = tariffOf([flat(100_000n), { kind: 'standing', code: 'daily', priceMicroPerDay: 1_000n }]);
    const noon = midnight('2013-06-10', 'Europe/London') + 12 * 3600;
    const whole = daysAlike(MONTH.from, MONTH.until, [{ slot: () => 100 }]);
    const before = [...whole.slice(0, 9), dayOf('2013-06-10', [{ slot: () => 100 }], { slots: [0, 24] })];
    const after = [dayOf('2013-06-10', [{ slot: () => 100 }], { slots: [24, 48] }), ...whole.slice(10)];
    const dates = inputOf(MONTH).standingDays;
    const spans = inputOf(MONTH).spans;
    const out = ratePeriod(
      inputOf({ ...MONTH, tariff, days: before, spans: [{ from: spans[0]!.from, until: noon }], standingDays: dates.slice(0, 10) }),
    );
    const into = ratePeriod(
      inputOf({ ...MONTH, tariff, days: after, spans: [{ from: noon, until: spans[0]!.until }], standingDays: dates.slice(10) }),
    );
    expect(amounts(out.statement)).toEqual({ 'energy/energy': '4560000', 'standing/daily': '10000' });
    expect(amounts(into.statement)).toEqual({ 'energy/energy': '9840000', 'standing/daily': '20000' });
    expect([out.assessment.missing, into.assessment.missing]).toEqual([0, 0]);
  });

  it('outlives a meter exchange: two part-days, two meters, a demand interval across both', () => {
    const days = daysAlike(MONTH.from, MONTH.until, [{ slot: () => 100 }]);
    const old = dayOf('2013-06-10', [{ slot: () => 600 }], { minutes: 15, slots: [0, 45], meter: 'old' });
    const fresh = dayOf('2013-06-10', [{ slot: () => 6, perCount: 100 }], { minutes: 15, slots: [45, 96], meter: 'new' });
    days.splice(9, 1, fresh, old);
    const { statement, assessment } = ratePeriod(inputOf({ ...MONTH, days, tariff: tariffOf([flat(100_000n), DEMAND]) }));
    expect(assessment.missing).toBe(0);
    expect(quantities(statement)).toEqual({ 'energy/energy': String(29 * 4_800 + 96 * 600), 'demand/peak': '2400' });
    expect(statement.inputs.map(({ stream }) => stream).slice(0, 2)).toEqual(['meterday/m1/2013-06-01', 'meterday/m1/2013-06-02']);
    const twice = [...days, dayOf('2013-06-10', [{ slot: () => 1 }], { slots: [0, 4], meter: 'third' })];
    expect(() => statementOf({ ...MONTH, days: twice })).toThrow(expect.objectContaining({ code: 'ERR_SLOT_TWICE' }));
  });

  it('names the estimated bill that a true-up corrects, and pays back or charges the difference untaxed', () => {
    const corrects = 'bill/a1/u1.2013-05-01#2';
    const tariff = tariffOf([{ ...flat(100_000n), taxGroup: 'vat' }], { taxes: [{ group: 'vat', code: 'vat', ratePerMillion: 100_000 }] });
    const days = [dayOf('2013-06-03', [{ slot: () => 100 }])];
    const statement = statementOf({ ...DAY, days, tariff, trueUps: [{ corrects, differenceMicro: -123_456n }] });
    expect(statement.lines.at(-1)).toEqual({
      code: 'true-up',
      quantity: '1',
      unit: 'piece',
      amountMicro: '-123456',
      remainder: '0/1',
      corrects,
    });
    expect(statement.totalMicro).toBe(String(480_000 + 48_000 - 123_456));
  });

  it('is not charged beyond the back-billing limit, but always paid back', () => {
    const days = daysAlike(MONTH.from, MONTH.until, [{ slot: () => 100 }]);
    const late = { ...MONTH, days, chargeableFrom: '2013-06-16' };
    // 30 days, 14.4 in all: never billed, half is beyond the limit.
    expect(amounts(statementOf(late))).toEqual({ 'energy/energy': '14400000', 'back-billing': '-7200000' });
    // 14.0 was billed already: of 0.4 more, half.
    expect(amounts(statementOf({ ...late, billedMicro: 14_000_000n }))).toMatchObject({ 'back-billing': '-200000' });
    expect(amounts(statementOf({ ...late, billedMicro: 15_000_000n }))).not.toHaveProperty('back-billing');
    expect(amounts(statementOf({ ...late, chargeableFrom: '2013-06-01' }))).not.toHaveProperty('back-billing');
  });
});
