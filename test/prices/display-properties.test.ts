import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { PriceClaims } from '../../events/index.ts';
import { MIDNIGHT, PriceWorld, priceOf } from './price-world.ts';

const HALF_HOUR = 1_800;

type Step =
  /** Time goes on, or the clock is set. */
  | { readonly do: 'clock'; readonly by: number }
  /** An item of the chain arrives, whichever. */
  | { readonly do: 'bring'; readonly item: number }
  /** The same with one character changed. */
  | { readonly do: 'alter'; readonly item: number; readonly at: number }
  | { readonly do: 'restart' }
  /** What a device that asks the service gets: keys, tariff, the chain so far. */
  | { readonly do: 'ask' }
  /** Everything from an item on, as a page of the chain. */
  | { readonly do: 'page'; readonly from: number; readonly until: number };

const items = fc.nat({ max: 40 });
const steps: fc.Arbitrary<readonly Step[]> = fc.array(
  fc.oneof(
    fc.record({ do: fc.constant('clock' as const), by: fc.integer({ min: -7_200, max: 14_400 }) }),
    fc.record({ do: fc.constant('bring' as const), item: items }),
    fc.record({ do: fc.constant('alter' as const), item: items, at: fc.nat({ max: 900 }) }),
    fc.record({ do: fc.constant('restart' as const) }),
    fc.record({ do: fc.constant('ask' as const) }),
    fc.record({ do: fc.constant('page' as const), from: items, until: items }),
  ),
  { minLength: 1, maxLength: 40 },
);

it('T8.3-1: whatever arrives in whatever order, what is shown as live was signed for that very time', () => {
  let lived = 0;
  fc.assert(
    fc.property(steps, (script) => {
      const world = new PriceWorld();
      const signed: PriceClaims[] = [];
      const chain = [world.keyList(), world.dayAhead()];
      for (let slot = 0; slot < 39; slot++) {
        signed.push(world.claims(slot));
        chain.push(world.price(slot));
      }
      let clock = MIDNIGHT;
      let highest = 0;
      for (const step of script) {
        if (step.do === 'clock') {
          clock = Math.max(MIDNIGHT, clock + step.by);
          world.at(clock);
        } else if (step.do === 'restart') world.restart();
        else if (step.do === 'ask') world.display.takeChain(chain.slice(0, 3 + Math.floor((clock - MIDNIGHT) / HALF_HOUR)));
        else if (step.do === 'bring') world.display.take(chain[step.item]!);
        else if (step.do === 'page') world.display.takeChain(chain.slice(step.from, step.until));
        else world.display.take(altered(chain[step.item]!, step.at));

        const { now, memory } = world.display;
        const shown = world.display.shown();
        expect(memory.prices.seq).toBeGreaterThanOrEqual(highest);
        highest = memory.prices.seq;
        expect(shown.live).toBe(shown.source === 'live');
        if (!shown.live) continue;
        lived++;
        const slot = Math.max(0, Math.floor((now - MIDNIGHT) / HALF_HOUR));
        const fits = signed.some(
          ({ seq, nbf, exp, start, prices }) =>
            seq === memory.live!.seq && nbf - 30 <= now && now <= exp && prices.includes(shown.priceMicroPerKWh!) && start <= shown.from!,
        );
        expect(fits).toBe(true);
        expect(Math.abs(shown.from! - (MIDNIGHT + slot * HALF_HOUR))).toBeLessThanOrEqual(
          now % HALF_HOUR >= HALF_HOUR - 30 ? HALF_HOUR : 0,
        );
        expect(Math.abs(shown.priceMicroPerKWh! - priceOf((shown.from! - MIDNIGHT) / HALF_HOUR))).toBe(1_000);
      }
    }),
    { numRuns: 200 },
  );
  expect(lived).toBeGreaterThan(100);
});

function altered(compact: string, at: number): string {
  const place = at % compact.length;
  const other = compact[place] === 'A' ? 'B' : 'A';
  return compact.slice(0, place) + other + compact.slice(place + 1);
}
