import { createHmac, sign } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import type { DisplayFault } from '../../devices/home-display/display.ts';
import { PRICE_TYP } from '../../events/index.ts';
import { JWS_LIMIT } from '../../protocol/portable/compact-jws.ts';
import { MIDNIGHT, newPair, PriceWorld, priceOf, signedBy } from './price-world.ts';

const HALF_HOUR = 1_800;

/** Refused with a reason, reported, and what is shown is the tariff, marked as not live. */
function expectRefused(world: PriceWorld, item: string, fault: DisplayFault, slot: number): void {
  expect(world.display.take(item)).toEqual({ taken: false, fault });
  expect(world.display.reports.at(-1)).toMatchObject({ outcome: 'refused', reason: fault });
  expect(world.display.shown()).toMatchObject({ source: 'day-ahead', live: false, priceMicroPerKWh: priceOf(slot) });
}

/** Keys and the tariff of the day are known, no price is; it is the tenth half-hour. */
function waiting(): PriceWorld {
  const world = new PriceWorld().at(MIDNIGHT + 10 * HALF_HOUR);
  world.display.take(world.keyList());
  world.display.take(world.dayAhead());
  return world;
}

function withHeader(world: PriceWorld, header: unknown, signature?: (input: Buffer) => Buffer): string {
  const parts = [header, world.claims(10)].map((part) => Buffer.from(JSON.stringify(part)).toString('base64url'));
  const input = Buffer.from(parts.join('.'));
  return `${input.toString()}.${(signature?.(input) ?? Buffer.alloc(0)).toString('base64url')}`;
}

describe('a display that follows the price', () => {
  it('shows what was signed, live, and from interval to interval', () => {
    const world = new PriceWorld().following(10);
    expect(world.display.shown()).toEqual({
      source: 'live',
      live: true,
      priceMicroPerKWh: priceOf(10) + 1_000,
      currency: 'EUR',
      from: MIDNIGHT + 10 * HALF_HOUR,
      until: MIDNIGHT + 11 * HALF_HOUR,
    });
    world.at(MIDNIGHT + 11 * HALF_HOUR);
    expect(world.display.shown()).toMatchObject({ live: true, priceMicroPerKWh: priceOf(11) + 1_000 });
    expect(world.display.take(world.price(11))).toEqual({ taken: true });
    expect(world.restart().shown()).toMatchObject({ live: true, priceMicroPerKWh: priceOf(11) + 1_000 });
  });

  it('T8.3-1: never shows an expired price: the tariff of the day, the last one at this time, the contract, nothing', () => {
    const world = new PriceWorld().following(10).at(MIDNIGHT + 12 * HALF_HOUR);
    expect(world.display.shown()).toMatchObject({ source: 'day-ahead', live: false, priceMicroPerKWh: priceOf(12) });
    world.at(MIDNIGHT + (3 * 48 + 12) * HALF_HOUR);
    expect(world.display.shown()).toMatchObject({ source: 'last-day-ahead', live: false, priceMicroPerKWh: priceOf(12) });
    world.at(MIDNIGHT + 20 * 86_400);
    expect(world.display.shown()).toEqual({ source: 'none', live: false });
  });

  it('takes the same item again as known, however often it comes', () => {
    const world = waiting();
    const item = world.price(10);
    expect([world.display.take(item), world.display.take(item)]).toEqual([{ taken: true }, { taken: true }]);
    expect(world.display.reports).toEqual([]);
  });
});

describe('a false price', () => {
  it.each<[string, (world: PriceWorld) => string, DisplayFault]>([
    ['forged by a key nobody knows', (world) => signedBy(newPair(), PRICE_TYP.price, world.claims(10)), 'unknown-key'],
    [
      'forged under the name of our key',
      (world) => signedBy({ ...newPair(), kid: world.keys.price.kid }, PRICE_TYP.price, world.claims(10)),
      'wrong-signature',
    ],
    [
      'altered on the way',
      (world) => {
        const [head, , tail] = world.price(10).split('.');
        const body = Buffer.from(JSON.stringify({ ...world.claims(10), seq: 1, prevHash: '', prices: [190_000, 190_000] }));
        return `${head}.${body.toString('base64url')}.${tail}`;
      },
      'wrong-signature',
    ],
    ['signed by the key of tariffs', (world) => signedBy(world.keys.tariff, PRICE_TYP.price, world.claims(10)), 'wrong-purpose'],
    [
      'signed by the key of demand response',
      (world) => signedBy(world.keys.demandResponse, PRICE_TYP.price, world.claims(10)),
      'wrong-purpose',
    ],
  ])('T8.3-1, R9.2-2: %s is refused, reported, and not shown', (_, item, fault) => {
    const world = waiting();
    expectRefused(world, item(world), fault, 10);
  });

  it.each<[string, (world: PriceWorld) => string, DisplayFault]>([
    ['expired', (world) => world.price(7), 'expired'],
    ['of the future', (world) => world.price(12), 'not-yet'],
    ['signed in the future', (world) => world.price(10, { iat: MIDNIGHT + 11 * HALF_HOUR }), 'not-yet'],
  ])('T8.3-1: a price %s is refused, reported, and not shown', (_, item, fault) => {
    const world = waiting();
    expectRefused(world, item(world), fault, 10);
  });

  it.each<[string, (world: PriceWorld) => string, DisplayFault]>([
    ['in force for three intervals', (world) => world.price(10, { exp: MIDNIGHT + 13 * HALF_HOUR }), 'not-readable'],
    ['for another zone', (world) => world.price(10, { zone: 'south' }), 'wrong-zone'],
    ['in another unit', (world) => signedBy(world.keys.price, PRICE_TYP.price, { ...world.claims(10), unit: 'cent/kWh' }), 'not-readable'],
    [
      'that is no number',
      (world) => signedBy(world.keys.price, PRICE_TYP.price, { ...world.claims(10), prices: ['1', '1'] }),
      'not-readable',
    ],
    ['with a field more', (world) => signedBy(world.keys.price, PRICE_TYP.price, { ...world.claims(10), off: true }), 'not-readable'],
    ['by another issuer', (world) => signedBy(world.keys.price, PRICE_TYP.price, { ...world.claims(10), iss: 'x' }), 'not-readable'],
    ['that is no JSON', (world) => `${world.price(10).split('.')[0]}.AAAA.${'A'.repeat(86)}`, 'wrong-signature'],
    ['too large', () => 'A'.repeat(JWS_LIMIT + 1), 'malformed'],
    ['cut short', (world) => world.price(10).slice(0, -1), 'malformed'],
    ['with alg none', (world) => withHeader(world, { alg: 'none', kid: world.keys.price.kid, typ: PRICE_TYP.price }), 'malformed'],
    [
      'with alg none and a signature',
      (world) => withHeader(world, { alg: 'none', kid: world.keys.price.kid, typ: PRICE_TYP.price }, () => Buffer.alloc(64, 1)),
      'wrong-algorithm',
    ],
    [
      'with HS256 under the public key',
      (world) => {
        const spki = world.keys.price.publicKey.export({ format: 'der', type: 'spki' });
        const mac = (input: Buffer) => createHmac('sha256', spki).update(input).digest();
        return withHeader(world, { alg: 'HS256', kid: world.keys.price.kid, typ: PRICE_TYP.price }, mac);
      },
      'wrong-algorithm',
    ],
    [
      'with ES384',
      (world) => {
        const signed = (input: Buffer) => sign('sha384', input, { key: world.keys.price.privateKey, dsaEncoding: 'ieee-p1363' });
        return withHeader(world, { alg: 'ES384', kid: world.keys.price.kid, typ: PRICE_TYP.price }, signed);
      },
      'wrong-algorithm',
    ],
    [
      'with a key of its own in the header',
      (world) => withHeader(world, { alg: 'ES256', kid: 'x', typ: PRICE_TYP.price, jwk: {} }, () => Buffer.alloc(64, 1)),
      'malformed',
    ],
  ])('T8.3-1: a price %s is refused, reported, and not shown', (_, item, fault) => {
    const world = waiting();
    expectRefused(world, item(world), fault, 10);
  });

  it('T8.3-1: an older sequence is refused, also after a restart, and what is shown stays', () => {
    const world = waiting();
    const [first, second] = [world.price(9), world.price(10)];
    for (const item of [first, second]) world.display.take(item);
    const shown = world.display.shown();
    expect(shown.live).toBe(true);
    expect(world.display.take(first)).toEqual({ taken: false, fault: 'older' });
    expect(world.restart().take(first)).toEqual({ taken: false, fault: 'older' });
    expect(world.display.shown()).toEqual(shown);
    expect(world.display.reports.at(-1)).toMatchObject({ about: 'price', outcome: 'refused', reason: 'older' });
  });

  it('T8.3-1: a second chain of the same sequence is refused', () => {
    const world = waiting();
    const fork = signedBy(world.keys.price, PRICE_TYP.price, { ...world.claims(10), seq: 2, prevHash: 'of another' });
    world.display.take(world.price(9));
    expect(world.display.take(fork)).toEqual({ taken: false, fault: 'broken-chain' });
  });

  it('T8.3-1: a gap is refused until its links are there; they are never shown', () => {
    const world = waiting();
    const links = [5, 6, 7].map((slot) => world.price(slot));
    const item = world.price(10);
    expectRefused(world, item, 'gap', 10);
    world.display.takeChain([...links, item]);
    expect(world.display.shown()).toMatchObject({ live: true, priceMicroPerKWh: priceOf(10) + 1_000 });
  });

  it('goes on from the snapshot in a newer tariff, where it missed days', () => {
    const world = new PriceWorld().following(0);
    for (let slot = 1; slot < 40; slot++) world.price(slot);
    const tomorrow = world.dayAhead({ start: MIDNIGHT + 86_400 });
    world.at(MIDNIGHT + 86_400);
    world.display.take(tomorrow);
    expect(world.display.take(world.price(48))).toEqual({ taken: true });
    expect(world.display.shown().live).toBe(true);
  });

  it('T8.3-1: the key of prices alone moves no price out of the band that the key of tariffs signed', () => {
    const world = waiting();
    expectRefused(world, world.price(10, { prices: [priceOf(10) + 20_001, priceOf(11)] }), 'outside-band', 10);
    const below = waiting();
    expectRefused(below, below.price(10, { prices: [priceOf(10), priceOf(11) - 20_001] }), 'outside-band', 10);
    const edge = waiting();
    expect(edge.display.take(edge.price(10, { prices: [priceOf(10) + 20_000, priceOf(11) - 20_000] }))).toEqual({ taken: true });
    const wider = waiting();
    const tariff = wider.dayAhead({}, { spread: 900_000, by: wider.keys.price });
    expect(wider.display.take(tariff)).toEqual({ taken: false, fault: 'wrong-purpose' });
  });

  it('T8.3-1: without a tariff for it, no price counts', () => {
    const world = new PriceWorld().at(MIDNIGHT + 10 * HALF_HOUR);
    world.display.take(world.keyList());
    expect(world.display.take(world.price(10))).toEqual({ taken: false, fault: 'no-tariff' });
    expect(world.display.shown()).toEqual({ source: 'none', live: false });
  });

  it('T8.3-1: a tariff that is over, older, of another zone, or contradicts the one before is refused', () => {
    const world = waiting();
    const stale = world.display.shown();
    const tries: [string, DisplayFault][] = [
      [world.dayAhead({ start: MIDNIGHT - 2 * 86_400 }), 'expired'],
      [signedBy(world.keys.tariff, PRICE_TYP.tariff, JSON.parse(bodyOf(world.dayAhead({ seq: 1, prevHash: 'x' })))), 'older'],
      [world.dayAhead({ zone: 'south' }), 'wrong-zone'],
      [world.dayAhead({ seq: 2, prevHash: 'of another' }), 'broken-chain'],
      [world.dayAhead({ seq: 9, low: [1] }), 'not-readable'],
    ];
    for (const [item, fault] of tries) expect(world.display.take(item)).toEqual({ taken: false, fault });
    expect(world.display.shown()).toEqual(stale);
  });

  it('T8.3-1: a clock put back brings no expired price to life', () => {
    const world = new PriceWorld().following(10);
    world.at(MIDNIGHT + 20 * HALF_HOUR).display.take(world.price(20));
    world.at(MIDNIGHT + 10 * HALF_HOUR);
    expect(world.display.now).toBe(MIDNIGHT + 20 * HALF_HOUR - 60);
    const old = new PriceWorld().following(10);
    const replayed = old.price(11);
    old.at(MIDNIGHT + 30 * HALF_HOUR);
    old.display.take(old.dayAhead({ iat: MIDNIGHT + 30 * HALF_HOUR, nbf: MIDNIGHT + 30 * HALF_HOUR }));
    old.at(MIDNIGHT + 11 * HALF_HOUR);
    expect(old.display.take(replayed)).toMatchObject({ taken: false });
    expect(old.display.shown().live).toBe(false);
  });
});

describe('the keys a display trusts', () => {
  it('T8.3-1, R9.2-2: only a list of the pinned root counts, and never an older one', () => {
    const world = waiting();
    const former = world.keyList();
    expect(world.display.take(former)).toEqual({ taken: true });
    expect(world.display.take(world.keyList({ version: 1 }))).toEqual({ taken: false, fault: 'older-keys' });
    const foreign = new PriceWorld();
    expect(world.display.take(foreign.keyList({ version: 9 }))).toEqual({ taken: false, fault: 'wrong-signature' });
    expect(world.display.take(world.price(10))).toEqual({ taken: true });
  });
});

function bodyOf(compact: string): string {
  return Buffer.from(compact.split('.')[1]!, 'base64url').toString();
}
