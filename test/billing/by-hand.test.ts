import { describe, expect, it } from 'vitest';
import { ratePeriod } from '../../domain/billing/rating.ts';
import { dayOf, daysAlike, energyCharge, flat, inputOf, type SlotFacts, tariffOf } from './given-period.ts';

describe('bills computed by hand', () => {
  it('June 2013, flat, with a gap of two hours that was estimated', () => {
    // Half-hours of 200 Wh all month, 48 a day, 30 days:          1440 * 200 = 288 000 Wh
    // On the 12th 18:00 to 20:00 (4 slots) estimated at 250 Wh:   4 * (250 - 200) = + 200 Wh
    // On the 20th one slot of 201 Wh:                             + 1 Wh
    //                                                             288 201 Wh
    // 14.228 p/kWh = 142 280 micro-GBP per kWh:
    //   288 201 * 142 280 / 1000 = 288.201 * 142 280
    //     288     * 142 280 = 40 976 640
    //     0.201   * 142 280 =     28 598.28
    //                         41 005 238.28   rounded 41 005 238, taken away 0.28 = 7/25
    // Estimated: 1000 of 288 201 Wh = 3.4 per thousand, 3.
    const usual = (): SlotFacts => 200;
    const gap = (minute: number): SlotFacts => (minute >= 1080 && minute < 1200 ? { counts: 250, source: 'E2' } : 200);
    const odd = (minute: number): SlotFacts => (minute === 0 ? 201 : 200);
    const days = daysAlike('2013-06-01', '2013-07-01', [{ slot: usual }]);
    days[11] = dayOf('2013-06-12', [{ slot: gap }]);
    days[19] = dayOf('2013-06-20', [{ slot: odd }]);
    const { statement, assessment } = ratePeriod(
      inputOf({ from: '2013-06-01', until: '2013-07-01', days, tariff: tariffOf([flat(142_280n)]) }),
    );
    expect(statement.lines).toEqual([
      { code: 'energy/energy', quantity: '288201', unit: 'Wh', priceMicro: '142280', amountMicro: '41005238', remainder: '7/25' },
    ]);
    expect(statement.totalMicro).toBe('41005238');
    expect(statement.estimatedPerMille).toBe(3);
    expect(assessment).toEqual({ missing: 0, failed: 0, estimatedPerMille: 3, notFinal: 0, demandEstimated: false });
    expect(statement.inputs).toHaveLength(30);
  });

  it('October 2013, time-of-use, with the autumn change of the clock, standing charge and VAT', () => {
    // Half-hours of 100 Wh. Night is 23:00 to 07:00 by the clock on the wall: 16 slots, on the 27th 18, because 01:00 to
    // 02:00 comes twice.
    //   night: 30 days * 16 + 18 = 498 slots =  49 800 Wh at 0.1583 :   49.8 * 158 300 =  7 883 340
    //   day:   31 days * 32      = 992 slots =  99 200 Wh at 0.24117:   99.2 * 241 170 = 23 924 064
    //   standing:                  31 days at 0.4312:                   31 * 431 200   = 13 367 200
    //                                                                                    45 174 604
    //   VAT 5 %:                                                   45 174 604 * 0.05   =  2 258 730.2  rounded 2 258 730
    //                                                                                    47 433 334
    const tariff = tariffOf(
      [
        energyCharge(
          {
            kind: 'time-of-use',
            bands: [
              { band: 'night', priceMicroPerKWh: 158_300n },
              { band: 'day', priceMicroPerKWh: 241_170n },
            ],
            rules: [
              { band: 'night', when: { from: 23 * 60, until: 7 * 60 } },
              { band: 'day', when: {} },
            ],
          },
          { taxGroup: 'vat' },
        ),
        { kind: 'standing', code: 'daily', priceMicroPerDay: 431_200n, taxGroup: 'vat' },
      ],
      { taxes: [{ group: 'vat', code: 'vat', ratePerMillion: 50_000 }] },
    );
    const days = daysAlike('2013-10-01', '2013-11-01', [{ slot: () => 100 }]);
    const { statement } = ratePeriod(inputOf({ from: '2013-10-01', until: '2013-11-01', days, tariff }));
    expect(statement.lines).toEqual([
      { code: 'energy/night', quantity: '49800', unit: 'Wh', priceMicro: '158300', amountMicro: '7883340', remainder: '0/1' },
      { code: 'energy/day', quantity: '99200', unit: 'Wh', priceMicro: '241170', amountMicro: '23924064', remainder: '0/1' },
      { code: 'standing/daily', quantity: '31', unit: 'day', priceMicro: '431200', amountMicro: '13367200', remainder: '0/1' },
      { code: 'tax/vat', quantity: '45174604', unit: 'micro', amountMicro: '2258730', remainder: '1/5' },
    ]);
    expect(statement.totalMicro).toBe('47433334');
  });
});
