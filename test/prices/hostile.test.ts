import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { PRICE_TYP } from '../../events/index.ts';
import { PriceWorld, signedBy } from './price-world.ts';

const HOME = { temperatureDeciC: 210, sheddableW: 9_000 };
const odd = fc.oneof(
  fc.constantFrom<unknown>(null, true, -1, 0.5, 2 ** 53, 1e308, '', '__proto__', 'x'.repeat(200), [], {}, [[]], [null], ['1']),
  fc.jsonValue(),
);

/** A value with one field, somewhere in it, replaced or taken away. */
function mutated(claims: Record<string, unknown>, path: readonly number[], value: unknown, remove: boolean): Record<string, unknown> {
  const copy = structuredClone(claims);
  let place: Record<string, unknown> = copy;
  for (const [depth, step] of path.entries()) {
    const keys = Object.keys(place);
    const key = keys[step % Math.max(1, keys.length)];
    if (key === undefined) break;
    const inner = place[key];
    if (depth < path.length - 1 && typeof inner === 'object' && inner !== null && Object.keys(inner).length > 0) {
      place = inner as Record<string, unknown>;
      continue;
    }
    if (remove) delete place[key];
    else place[key] = value;
    break;
  }
  return copy;
}

describe('a display survives whatever it is told', () => {
  it('T8.3-1: text of any kind is refused, and nothing is shown of it', () => {
    const world = new PriceWorld();
    world.display.take(world.keyList());
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          fc.tuple(fc.base64String(), fc.base64String(), fc.base64String()).map((parts) => parts.join('.')),
        ),
        (text) => {
          expect(world.display.take(text)).toMatchObject({ taken: false });
        },
      ),
      { numRuns: 300 },
    );
    expect(world.display.shown()).toEqual({ source: 'none', live: false });
  });

  it('T8.3-1, T8-P4: claims that our own keys signed in any other shape neither throw, nor show, nor shed beyond the limits', () => {
    const kinds = fc.constantFrom('tariff', 'price', 'demandResponse');
    let refused = 0;
    fc.assert(
      fc.property(kinds, fc.array(fc.nat({ max: 60 }), { minLength: 1, maxLength: 5 }), odd, fc.boolean(), (kind, path, value, remove) => {
        const world = new PriceWorld().following(10);
        const before = world.display.shown();
        const real = { tariff: () => world.dayAhead(), price: () => world.price(11), demandResponse: () => world.event() }[kind]();
        const claims = JSON.parse(Buffer.from(real.split('.')[1]!, 'base64url').toString()) as Record<string, unknown>;
        const item = signedBy(world.keys[kind], PRICE_TYP[kind], mutated(claims, path, value, remove));
        if (!world.display.take(item).taken) {
          refused++;
          expect(world.display.shown()).toEqual(before);
        }
        expect(world.display.shed(HOME)).toBeLessThanOrEqual(1_000);
        expect(world.restart().shown()).toEqual(world.display.shown());
      }),
      { numRuns: 300 },
    );
    expect(refused).toBeGreaterThan(100);
  });
});
