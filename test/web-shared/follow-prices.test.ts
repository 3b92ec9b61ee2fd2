import { describe, expect, it } from 'vitest';
import { SealedStore } from '../../web/shared/sealed-store.ts';
import { followPrices } from '../../web/shared/signed-price/follow-prices.ts';
import { shownAt } from '../../web/shared/signed-price/shown.ts';
import type { PriceBundle } from '../../web/shared/signed-price/verify.ts';
import { MIDNIGHT, MINUTES, PriceWorld, priceOf, ZONE } from '../prices/price-world.ts';
import { MemoryKept } from './memory-kept.ts';

const AT = MIDNIGHT + MINUTES * 60 + 60;

/** A browser that asks a service, which answers with what the test puts there. */
class Asking {
  readonly world = new PriceWorld();
  readonly store = new SealedStore(new MemoryKept());
  readonly keys = this.world.keyList();
  readonly tariff = this.world.dayAhead();
  readonly chain = [this.world.price(0), this.world.price(1)];
  readonly asked: string[] = [];
  answer: (path: string) => Response = () => this.bundle();

  bundle(more: Partial<PriceBundle> = {}): Response {
    return Response.json({ keys: this.keys, tariffs: [this.tariff], prices: this.chain, ...more });
  }

  follow() {
    const root = this.world.root.publicKey.export({ format: 'der', type: 'spki' }).toString('base64url');
    const ask = async (path: string | URL | Request) => {
      this.asked.push(String(path));
      return this.answer(String(path));
    };
    return followPrices({ root, zone: ZONE, store: this.store, fetch: ask, now: () => AT * 1000 });
  }
}

/** What a follower shows after it asked again. */
async function shownBy(follower: ReturnType<Asking['follow']>) {
  await follower.refresh();
  const followed = follower.state.value;
  if (followed.state !== 'known') throw new Error(followed.state);
  return { ...followed, shown: shownAt(followed.prices, AT) };
}

describe('following prices', () => {
  it('T8.3-1: shows the price of the moment, and without the service the day before’s, which is not live', async () => {
    const asking = new Asking();
    const follower = asking.follow();
    expect(follower.state.value).toEqual({ state: 'loading' });
    expect(await shownBy(follower)).toMatchObject({ isReached: true, shown: { source: 'live', priceMicroPerKWh: priceOf(1) + 1_000 } });
    asking.answer = () => {
      throw new TypeError('no network');
    };
    expect(await shownBy(follower)).toMatchObject({ isReached: false, shown: { source: 'day-ahead', priceMicroPerKWh: priceOf(1) } });
    asking.answer = () => asking.bundle();
    expect(await shownBy(follower)).toMatchObject({ isReached: true, shown: { source: 'live' } });
  });

  it('T8.3-1: remembers over a reload how far the chain was', async () => {
    const asking = new Asking();
    await asking.follow().refresh();
    asking.answer = () => asking.bundle({ prices: asking.chain.slice(0, 1) });
    expect(await shownBy(asking.follow())).toMatchObject({ prices: { faults: ['older'] }, shown: { source: 'day-ahead' } });
  });

  it('shows nothing where the service answers with an error, or nonsense', async () => {
    const asking = new Asking();
    for (const answer of [() => new Response('', { status: 500 }), () => new Response('<html>'), () => Response.json([])]) {
      asking.answer = answer;
      expect((await shownBy(asking.follow())).shown).toBeUndefined();
    }
  });

  it('asks for the rest of a long chain, link after link', async () => {
    const asking = new Asking();
    const link = asking.chain[0]!;
    asking.answer = (path) => asking.bundle({ prices: path.includes('after') ? [link] : Array<string>(600).fill(link) });
    expect((await shownBy(asking.follow())).prices.faults).toEqual(['older']);
    expect(asking.asked).toEqual([`/v1/prices/${ZONE}`, `/v1/prices/${ZONE}?after=1`]);
  });
});
