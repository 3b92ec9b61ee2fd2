import { describe, expect, it } from 'vitest';
import { CallRates } from '../../platform/doors/call-rates.ts';
import { CUSTOMER, CUSTOMER_RATE } from '../../topology/route.ts';
import { ROUTES } from '../../topology/routes.ts';

const routeOf = (name: string) => ROUTES.find((route) => route.name === name)!;
const [TODAY, USAGE, FILE] = [routeOf('showToday'), routeOf('showUsage'), routeOf('downloadUsage')];
const ANNA = { person: 'acc-anna', role: CUSTOMER } as const;
const BEN = { person: 'acc-ben', role: CUSTOMER } as const;

describe('rates of a customer', () => {
  it('T8.3-2: are one bucket over all routes together, each customer apart', () => {
    const rates = new CallRates(() => 0);
    const waits = Array.from({ length: CUSTOMER_RATE.burst + 4 }, (_, n) => rates.takeFor(ANNA, n % 2 === 0 ? TODAY : USAGE));
    expect(waits.filter((wait) => wait > 0)).toEqual([1, 1, 1, 1]);
    expect(waits.lastIndexOf(0)).toBe(CUSTOMER_RATE.burst - 1);
    expect(rates.takeFor(BEN, TODAY)).toBe(0);
  });

  it('fill again over all routes together', () => {
    let now = 0;
    const rates = new CallRates(() => now);
    for (let n = 0; n < CUSTOMER_RATE.burst; n++) rates.takeFor(ANNA, n % 2 === 0 ? TODAY : USAGE);
    now += 60_000 / CUSTOMER_RATE.perMinute;
    expect([rates.takeFor(ANNA, USAGE), rates.takeFor(ANNA, TODAY)]).toEqual([0, 1]);
  });

  it('a call that its route refuses takes nothing from the others', () => {
    const rates = new CallRates(() => 0);
    const files = Array.from({ length: 3 * CUSTOMER_RATE.burst }, () => rates.takeFor(ANNA, FILE));
    expect(files.filter((wait) => wait === 0)).toHaveLength(FILE.rate.burst);
    const rest = Array.from({ length: CUSTOMER_RATE.burst }, () => rates.takeFor(ANNA, TODAY));
    expect(rest.filter((wait) => wait === 0)).toHaveLength(CUSTOMER_RATE.burst - FILE.rate.burst);
  });

  it('are told without being taken', () => {
    const rates = new CallRates(() => 0);
    for (let n = 0; n < 2 * CUSTOMER_RATE.burst; n++) expect(rates.waitOf('acc-anna', TODAY)).toBe(0);
    for (let n = 0; n < CUSTOMER_RATE.burst; n++) expect(rates.takeFor(ANNA, TODAY)).toBe(0);
    expect([rates.waitOf('acc-anna', USAGE), rates.waitOf('acc-ben', USAGE)]).toEqual([1, 0]);
  });

  it('are no bucket of anybody else’s: of a person of the utility each route has its own', () => {
    const rates = new CallRates(() => 0);
    const [LIST, SHOW] = [routeOf('listExceptions'), routeOf('showDay')];
    const ann = { person: 'ann', role: 'operator' } as const;
    for (const route of [LIST, SHOW])
      expect(Array.from({ length: route.rate.burst }, () => rates.takeFor(ann, route)).every((wait) => wait === 0)).toBe(true);
  });
});
