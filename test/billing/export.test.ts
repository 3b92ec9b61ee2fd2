import { describe, expect, it } from 'vitest';
import type { ExportTerms, Pricing } from '../../domain/tariff/tariff.ts';
import { amounts, type ChannelFacts, dayOf, energyCharge, flat, quantities, statementOf, tariffOf } from './given-period.ts';

const DAY = { from: '2013-06-03', until: '2013-06-04' };
const FEED_IN = { kind: 'flat', priceMicroPerKWh: 50_000n } as const;

/** 200 Wh taken in every half-hour; at noon (20 slots from 08:00 to 18:00) `sent` goes back. */
function solar(sent: number): ChannelFacts[] {
  const byDay = (minute: number) => minute >= 480 && minute < 1080;
  return [{ slot: () => 200 }, { direction: 'export', slot: (minute) => (byDay(minute) ? sent : 0) }];
}

function billOf(
  sent: number,
  terms: ExportTerms | undefined,
  more: { pricing?: Pricing; brought?: Record<string, bigint>; money?: bigint; carry?: boolean } = {},
) {
  const charge = more.pricing === undefined ? flat(100_000n) : energyCharge(more.pricing);
  const negativeTotal = more.carry === true ? ('carry' as const) : ('pay-out' as const);
  const tariff = tariffOf([charge], { ...(terms === undefined ? {} : { export: terms }), negativeTotal });
  const brought = { energyWh: more.brought ?? {}, moneyMicro: more.money ?? 0n };
  return statementOf({ ...DAY, days: [dayOf('2013-06-03', solar(sent))], tariff, brought });
}

describe('energy sent back', () => {
  it('without terms is neither paid nor netted', () => {
    const statement = billOf(300, undefined);
    expect(amounts(statement)).toEqual({ 'energy/energy': '960000' });
    expect([statement.importWh, statement.exportWh]).toEqual(['9600', '6000']);
  });

  it('buy all, sell all: everything taken is charged, everything sent is paid', () => {
    const statement = billOf(300, { netting: 'buy-all-sell-all', pricing: FEED_IN });
    expect(amounts(statement)).toEqual({ 'energy/energy': '960000', export: '-300000' });
    expect(statement.totalMicro).toBe('660000');
  });

  it('per interval: the slot is set off first', () => {
    // 28 slots take 200 Wh net, 20 slots send 100 Wh net.
    const statement = billOf(300, { netting: 'per-interval', pricing: FEED_IN });
    expect(quantities(statement)).toEqual({ 'energy/energy': '5600', export: '2000' });
    expect(statement.totalMicro).toBe(String(560_000 - 100_000));
  });

  it('per interval: by meters of different intervals within the longer one', () => {
    const taken = dayOf('2013-06-03', [{ slot: () => 100 }], { minutes: 15 });
    const sent = dayOf('2013-06-03', [{ direction: 'export', slot: () => 200 }], { minutes: 30, meter: 'm2' });
    const tariff = tariffOf([flat(100_000n)], { export: { netting: 'per-interval', pricing: FEED_IN } });
    const statement = statementOf({ ...DAY, days: [taken, sent], tariff });
    expect(quantities(statement)).toEqual({ 'energy/energy': '0', export: '0' });
    expect([statement.importWh, statement.exportWh, statement.totalMicro]).toEqual(['9600', '9600', '0']);
  });

  it('per period: within each band the sum is set off, the line beside says how much', () => {
    const statement = billOf(300, { netting: 'per-period', surplus: 'lapses' });
    expect(quantities(statement)).toEqual({ 'energy/energy': '3600', 'netted/energy': '6000' });
    expect(statement.totalMicro).toBe('360000');
  });

  it('per period: a surplus is carried as energy and spent by the next bill', () => {
    const terms = { netting: 'per-period', surplus: 'carried' } as const;
    const first = billOf(500, terms);
    expect(first.totalMicro).toBe('0');
    expect(first.carriedWh).toEqual({ 'energy/energy': '400' });
    const second = billOf(300, terms, { brought: { 'energy/energy': 400n } });
    expect(quantities(second)).toEqual({ 'energy/energy': '3200', 'netted/energy': '6400' });
    expect(second.carriedWh).toBeUndefined();
  });

  it('per period: bands are set off apart', () => {
    const pricing: Pricing = {
      kind: 'time-of-use',
      bands: [
        { band: 'noon', priceMicroPerKWh: 50_000n },
        { band: 'rest', priceMicroPerKWh: 100_000n },
      ],
      rules: [
        { band: 'noon', when: { from: 480, until: 1080 } },
        { band: 'rest', when: {} },
      ],
    };
    const statement = billOf(
      300,
      { netting: 'per-period', surplus: 'carried' },
      { pricing, brought: { 'energy/rest': 600n, 'energy/gone': 5n } },
    );
    expect(quantities(statement)).toEqual({ 'energy/noon': '0', 'netted/noon': '4000', 'energy/rest': '5000', 'netted/rest': '600' });
    // Credit of a band that this tariff doesn't have is not lost.
    expect(statement.carriedWh).toEqual({ 'energy/noon': '2000', 'energy/gone': '5' });
  });

  it('per period: tiers fill with what is left', () => {
    const pricing: Pricing = {
      kind: 'tiers',
      perDays: 1,
      tiers: [
        { band: 'first', upToWh: 3_000n, priceMicroPerKWh: 100_000n },
        { band: 'second', priceMicroPerKWh: 200_000n },
      ],
    };
    const statement = billOf(300, { netting: 'per-period', surplus: 'carried' }, { pricing });
    expect(quantities(statement)).toEqual({ 'energy/first': '3000', 'energy/second': '600', 'netted/energy': '6000' });
    expect(statement.totalMicro).toBe(String(300_000 + 120_000));
    expect(billOf(600, { netting: 'per-period', surplus: 'carried' }, { pricing }).carriedWh).toEqual({ 'energy/energy': '2400' });
  });

  it('per period: a surplus is paid once, and credit from elsewhere stays', () => {
    const statement = billOf(500, { netting: 'per-period', surplus: 'paid', pricing: FEED_IN }, { brought: { 'energy/energy': 7n } });
    expect(quantities(statement)).toEqual({ 'energy/energy': '0', 'netted/energy': '9600', export: '400' });
    expect(statement.totalMicro).toBe('-20000');
    expect(statement.carriedWh).toEqual({ 'energy/energy': '7' });
  });

  it('a total below zero is paid out, or stands to the credit of the next bill', () => {
    const terms = { netting: 'buy-all-sell-all', pricing: { kind: 'flat', priceMicroPerKWh: 200_000n } } as const;
    expect(billOf(300, terms).totalMicro).toBe('-240000');
    const carried = billOf(300, terms, { carry: true });
    expect(amounts(carried)).toEqual({ 'energy/energy': '960000', export: '-1200000', 'credit/carried': '240000' });
    expect([carried.totalMicro, carried.carriedMicro]).toEqual(['0', '240000']);
    const next = billOf(0, terms, { carry: true, money: 240_000n });
    expect(amounts(next)).toMatchObject({ 'credit/brought': '-240000' });
    expect(next.totalMicro).toBe('720000');
  });
});
