import { createHmac, generateKeyPairSync, sign } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { PRICE_TYP } from '../../events/index.ts';
import { shownAt } from '../../web/shared/signed-price/shown.ts';
import {
  BLANK_MEMORY,
  type PriceBundle,
  type PriceMemory,
  type VerifiedPrices,
  verifyPrices,
} from '../../web/shared/signed-price/verify.ts';
import { MIDNIGHT, MINUTES, newPair, PriceWorld, priceOf, signedBy, ZONE } from '../prices/price-world.ts';
import { defencesUnderTest } from '../support/defences.ts';

const LENGTH = MINUTES * 60;
const SLOT = 4;
const NOW = MIDNIGHT + SLOT * LENGTH + 60;

/** A browser that looks at what it was handed. */
class Browser {
  readonly world = new PriceWorld();
  readonly keys = this.world.keyList();
  readonly tariff = this.world.dayAhead();
  readonly chain = Array.from({ length: SLOT }, (_, slot) => this.world.price(slot + 1));

  look(bundle: Partial<Record<keyof PriceBundle, unknown>> = {}, at = NOW, memory?: PriceMemory): Promise<VerifiedPrices> {
    const root = this.world.root.publicKey.export({ format: 'der', type: 'spki' }).toString('base64url');
    const trust = { root, zone: ZONE, at, defences: defencesUnderTest() };
    return verifyPrices({ keys: this.keys, tariffs: [this.tariff], prices: this.chain, ...bundle }, trust, memory);
  }

  /** The chain with another end. */
  ending(last: string): { prices: readonly string[] } {
    return { prices: [...this.chain.slice(0, -1), last] };
  }

  /** Claims of the price that is due, after the chain without its end. */
  last(more: object = {}): object {
    const [, body = ''] = this.chain.at(-1)!.split('.');
    return { ...(JSON.parse(Buffer.from(body, 'base64url').toString()) as object), ...more };
  }

  signed(more: object, by = this.world.keys.price): string {
    return signedBy(by, PRICE_TYP.price, this.last(more));
  }
}

/** Nothing is live, the price of the day before is shown as such, and the fault is told. */
function expectFallback(prices: VerifiedPrices, fault: string): void {
  expect(prices.faults).toContain(fault);
  expect(prices.live).toBeUndefined();
  expect(shownAt(prices, NOW)).toMatchObject({ source: 'day-ahead', priceMicroPerKWh: priceOf(SLOT) });
}

describe('prices in the browser', () => {
  it('T8.3-1: are live when key list, tariff, chain, time and band fit', async () => {
    const prices = await new Browser().look();
    expect(prices.faults).toEqual([]);
    expect(shownAt(prices, NOW)).toMatchObject({ source: 'live', priceMicroPerKWh: priceOf(SLOT) + 1_000, currency: 'EUR' });
    expect(prices.memory).toMatchObject({ keys: 1, tariff: { seq: 1 }, price: { seq: SLOT } });
  });

  it('T8.3-1: an altered price is refused, whichever part was altered', async () => {
    const browser = new Browser();
    const [head, body, tail] = browser.chain.at(-1)!.split('.') as [string, string, string];
    const cheaper = Buffer.from(JSON.stringify(browser.last({ prices: [priceOf(SLOT) - 9_000, priceOf(SLOT + 1)] }))).toString('base64url');
    expectFallback(await browser.look(browser.ending(`${head}.${cheaper}.${tail}`)), 'wrong-signature');
    const otherTail = `${tail.startsWith('A') ? 'B' : 'A'}${tail.slice(1)}`;
    expectFallback(await browser.look(browser.ending(`${head}.${body}.${otherTail}`)), 'wrong-signature');
  });

  it('T8.3-1: an expired price is refused, and one that was taken is not shown beyond its time', async () => {
    const browser = new Browser();
    const later = NOW + 3 * LENGTH;
    const prices = await browser.look({}, later);
    expect(prices.faults).toEqual(['expired']);
    expect(shownAt(prices, later)).toMatchObject({ source: 'day-ahead' });
    expect(shownAt(await browser.look(), later)).toMatchObject({ source: 'day-ahead' });
  });

  it('T8.3-1: a price of the future, of another zone, outside of the band, or of another shape is refused', async () => {
    const browser = new Browser();
    const start = MIDNIGHT + (SLOT + 2) * LENGTH;
    const future = { start, nbf: start, iat: start - 60, exp: start + 2 * LENGTH };
    expectFallback(await browser.look(browser.ending(browser.signed(future))), 'not-yet');
    expectFallback(await browser.look(browser.ending(browser.signed({ zone: 'south' }))), 'wrong-zone');
    expectFallback(
      await browser.look(browser.ending(browser.signed({ prices: [priceOf(SLOT) - 90_000], exp: MIDNIGHT + (SLOT + 1) * LENGTH }))),
      'outside-band',
    );
    expectFallback(await browser.look(browser.ending(browser.signed({ currency: 'EUR' }))), 'not-readable');
    expectFallback(await browser.look(browser.ending(browser.signed({ prices: ['1', '2'] }))), 'not-readable');
  });

  it('T8.3-1: a price by a key that is not listed, or listed for something else, is refused', async () => {
    const browser = new Browser();
    expectFallback(await browser.look(browser.ending(browser.signed({}, newPair()))), 'unknown-key');
    expectFallback(await browser.look(browser.ending(browser.signed({}, browser.world.keys.tariff))), 'wrong-purpose');
  });

  it('T8.3-1: alg none, HS256 with the public key, ES384 and further header members are refused', async () => {
    const browser = new Browser();
    const { publicKey, kid } = browser.world.keys.price;
    const inputOf = (header: object) =>
      `${Buffer.from(JSON.stringify(header)).toString('base64url')}.${Buffer.from(JSON.stringify(browser.last())).toString('base64url')}`;
    const typ = PRICE_TYP.price;
    const none = `${inputOf({ alg: 'none', kid, typ })}.${'A'.repeat(86)}`;
    const hmacInput = inputOf({ alg: 'HS256', kid, typ });
    const secret = publicKey.export({ format: 'pem', type: 'spki' });
    const hmac = `${hmacInput}.${createHmac('sha256', secret).update(hmacInput).digest('base64url')}`;
    const p384 = generateKeyPairSync('ec', { namedCurve: 'P-384' }).privateKey;
    const es384Input = inputOf({ alg: 'ES384', kid, typ });
    const es384 = `${es384Input}.${sign('sha384', Buffer.from(es384Input), { key: p384, dsaEncoding: 'ieee-p1363' }).toString('base64url')}`;
    const jku = `${inputOf({ alg: 'ES256', kid, typ, jku: 'https://keys.example' })}.${'A'.repeat(86)}`;
    for (const forged of [none, hmac, es384]) expectFallback(await browser.look(browser.ending(forged)), 'wrong-algorithm');
    expectFallback(await browser.look(browser.ending(jku)), 'malformed');
  });

  it('T8.3-1: an older sequence, a gap, an exchanged link and a second chain are refused', async () => {
    const browser = new Browser();
    const { memory } = await browser.look();
    const replay = await browser.look({ prices: browser.chain.slice(0, -1) }, NOW - LENGTH, { ...memory, knownTime: 0 });
    expect([replay.faults, replay.live]).toEqual([['older'], undefined]);
    expectFallback(await browser.look({ prices: [browser.chain[0], browser.chain[3]] }), 'broken-chain');
    expectFallback(await browser.look({ prices: [...browser.chain].reverse().slice(0, 1) }), 'broken-chain');
    expectFallback(await browser.look(browser.ending(browser.signed({ iat: NOW - 61 })), NOW, memory), 'broken-chain');
  });

  it('T8.3-1: an older tariff or key list than was seen counts no more, and no clock goes back', async () => {
    const browser = new Browser();
    const { memory } = await browser.look();
    expect(await browser.look({}, NOW, { ...memory, tariff: { seq: 2, hash: 'x' } })).toMatchObject({
      days: [],
      faults: ['older', 'no-tariff'],
    });
    expect(await browser.look({}, NOW, { ...memory, keys: 2 })).toMatchObject({ days: [], faults: ['older-keys'] });
    const late = await browser.look({}, NOW, { ...BLANK_MEMORY, knownTime: NOW + 3 * LENGTH });
    expect(late.faults).toEqual(['expired']);
  });

  it('T8.3-1: without a key list of the pinned root nothing is shown', async () => {
    const browser = new Browser();
    const foreign = new PriceWorld().keyList();
    for (const [keys, fault] of [
      [undefined, 'malformed'],
      [foreign, 'unknown-key'],
      [browser.keys.replace(/.{4}$/, 'AAAA'), 'wrong-signature'],
      [signedBy(browser.world.root, PRICE_TYP.price, {}), 'wrong-purpose'],
      [signedBy(browser.world.root, 'joulekeep-keys+jws', { version: 1, iat: 1, keys: [{ kid: 'x' }] }), 'malformed'],
    ] as const) {
      const prices = await browser.look({ keys });
      expect(prices).toMatchObject({ days: [], faults: [fault] });
      expect(shownAt(prices, NOW)).toBeUndefined();
    }
  });

  it('T8.3-1: an answer of any other shape is refused without an exception', async () => {
    const browser = new Browser();
    for (const bundle of [{ tariffs: 'x' }, { prices: null }, { tariffs: [1, null, {}, '..'], prices: [{}] }, { keys: 5 }]) {
      const prices = await browser.look(bundle);
      expect(prices.live).toBeUndefined();
      expect(prices.faults.length).toBeGreaterThan(0);
    }
  });

  it('T8.3-1: a tariff by the key of prices, or that is over, does not count', async () => {
    const browser = new Browser();
    const forged = new PriceWorld();
    const tariff = signedBy(
      browser.world.keys.price,
      PRICE_TYP.tariff,
      JSON.parse(Buffer.from(forged.dayAhead().split('.')[1]!, 'base64url').toString()),
    );
    expect(await browser.look({ tariffs: [tariff] })).toMatchObject({ days: [], faults: ['wrong-purpose', 'no-tariff'] });
    expect(await browser.look({ prices: [] }, MIDNIGHT + 86_400)).toMatchObject({ days: [], faults: ['expired'] });
  });
});
