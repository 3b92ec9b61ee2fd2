import { describe, expect, it } from 'vitest';
import { PRICE_TYP } from '../../events/index.ts';
import { MIDNIGHT, newPair, PriceWorld, priceOf, signedBy } from './price-world.ts';

const HALF_HOUR = 1_800;

/** Keys and the tariff of the day are known, no price is; it is the tenth half-hour. */
function waiting(): PriceWorld {
  const world = new PriceWorld().at(MIDNIGHT + 10 * HALF_HOUR);
  world.display.take(world.keyList());
  world.display.take(world.dayAhead());
  return world;
}

describe('a key that leaves the list', () => {
  it('a key of prices that is listed no longer takes its chain and its price along', () => {
    const world = new PriceWorld().following(10);
    const fresh = { ...world.keys, price: newPair() };
    expect(world.display.take(world.keyList({}, fresh))).toEqual({ taken: true });
    expect(world.display.shown()).toMatchObject({ source: 'day-ahead', live: false });
    world.prices = { seq: 0, hash: '' };
    expect(world.display.take(signedBy(fresh.price, PRICE_TYP.price, world.claims(10)))).toEqual({ taken: true });
    expect(world.display.shown().live).toBe(true);
  });

  it('T8.3-1: a stolen key of tariffs that is listed no longer takes its tariffs and its chain along', () => {
    const world = new PriceWorld().following(10);
    const honest = { ...world.tariffs };
    const forged = world.dayAhead({ seq: Number.MAX_SAFE_INTEGER, prices: Array.from({ length: 48 }, () => 0) });
    expect(world.display.take(forged)).toEqual({ taken: true });
    world.at(MIDNIGHT + 12 * HALF_HOUR);
    expect(world.display.shown()).toMatchObject({ source: 'day-ahead', priceMicroPerKWh: 0 });
    const fresh = { ...world.keys, tariff: newPair() };
    expect(world.display.take(world.keyList({}, fresh))).toEqual({ taken: true });
    expect(world.display.shown()).toEqual({ source: 'none', live: false });
    expect(world.display.take(forged)).toEqual({ taken: false, fault: 'unknown-key' });
    world.tariffs = honest;
    expect(world.restart().take(world.dayAhead({}, { by: fresh.tariff }))).toEqual({ taken: true });
    expect(world.display.shown()).toMatchObject({ source: 'day-ahead', priceMicroPerKWh: priceOf(12) });
    for (const slot of [11, 12]) world.display.take(world.price(slot));
    expect(world.display.shown()).toMatchObject({ live: true, priceMicroPerKWh: priceOf(12) + 1_000 });
  });

  it('T8.3-1: a price inside the band of a tariff that counts no longer is shown no longer', () => {
    const world = new PriceWorld().following(10);
    world.display.take(world.keyList({}, { ...world.keys, tariff: newPair() }));
    expect(world.display.shown()).toEqual({ source: 'none', live: false });
  });

  it('T8.3-1: tariffs of a key that is still listed stay, and nothing before them is taken again', () => {
    const world = waiting();
    const second = newPair();
    const both = world.keyList();
    world.display.take(both);
    const [first, next, last] = [world.dayAhead(), world.dayAhead(), world.dayAhead()];
    for (const item of [first, next, last]) world.display.take(item);
    const shown = world.display.shown();
    const honest = { ...world.tariffs };
    const added = { ...world.keys, tariff: second };
    const listed = JSON.parse(bodyOf(world.keyList({}, added))).keys;
    world.display.take(world.keyList({ keys: [...listed, ...JSON.parse(bodyOf(both)).keys.slice(0, 1)] }));
    const forged = world.dayAhead({ seq: 1_000, prices: Array.from({ length: 48 }, () => 0) }, { by: second });
    expect(world.display.take(forged)).toEqual({ taken: true });
    expect(world.display.shown()).toMatchObject({ priceMicroPerKWh: 0 });
    world.display.take(world.keyList());
    expect(world.display.shown()).toEqual(shown);
    expect(world.display.take(first)).toEqual({ taken: false, fault: 'older' });
    expect(world.display.take(last)).toEqual({ taken: true });
    world.tariffs = honest;
    expect(world.display.take(world.dayAhead())).toEqual({ taken: true });
  });
});

describe('a chain that the key of tariffs does not know', () => {
  it('T8.3-1: ends where the newest tariff contradicts it, and the true one goes on from there', () => {
    const world = waiting();
    const fork = signedBy(world.keys.price, PRICE_TYP.price, world.claims(10, { prices: [priceOf(10), priceOf(11)] }));
    expect(world.display.take(fork)).toEqual({ taken: true });
    world.price(10);
    expect(world.display.take(world.dayAhead())).toEqual({ taken: true });
    expect(world.display.reports.at(-1)).toMatchObject({ about: 'price', outcome: 'refused', reason: 'broken-chain' });
    world.at(MIDNIGHT + 11 * HALF_HOUR);
    expect(world.display.take(world.price(11))).toEqual({ taken: true });
    expect(world.display.shown()).toMatchObject({ live: true, priceMicroPerKWh: priceOf(11) + 1_000 });
  });
});

function bodyOf(compact: string): string {
  return Buffer.from(compact.split('.')[1]!, 'base64url').toString();
}
