import { randomBytes } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { EpochKeyCache } from '../../lambdas/ingest/epoch-keys.ts';
import { EPOCH as EPOCHS, epochKeys, generationOf } from '../../protocol/keys.ts';

const NOW = Date.UTC(2026, 0, 15);
const EPOCH = 3;

/** A cache that keeps fewer key objects than there are meters. */
function crowded(meters: number, mostObjects: number): { cache: EpochKeyCache; secrets: Buffer[] } {
  const cache = new EpochKeyCache(mostObjects);
  const secrets = Array.from({ length: meters }, () => randomBytes(32));
  for (const [meter, secret] of secrets.entries()) cache.load(meter, [{ epoch: EPOCH, secret, createdAt: NOW }], NOW);
  return { cache, secrets };
}

/** The cache has what it was told of a meter last, and nothing else. */
function expectKeys(cache: EpochKeyCache, meter: number, secrets: ReadonlyMap<number, Buffer>): void {
  expect(cache.knows(meter)).toBe(secrets.size > 0);
  expect([0, 3, 6].map((epoch) => cache.hasNewer(meter, epoch))).toEqual([0, 3, 6].map((epoch) => Math.max(0, ...secrets.keys()) > epoch));
  for (let epoch = 1; epoch <= 6; epoch++) {
    const cell = cache.find(meter, epoch, NOW);
    const secret = secrets.get(epoch);
    expect(cell === undefined).toBe(secret === undefined);
    if (cell === undefined || secret === undefined) continue;
    expect([cache.epochOf(cell), cache.createdAtOf(cell)]).toEqual([epoch, NOW + epoch]);
    expect(cache.secretOf(cell)).toEqual(secret);
    expect(cache.keysOfDay(cell, 1).key.equals(generationOf(epochKeys(secret).chain0, 1).key)).toBe(true);
  }
}

describe('epoch keys of more meters than key objects are kept for', () => {
  it.each([1, 3, 4, 5])('are those of the ladder for every meter and day, however they come in turn (%i objects)', (mostObjects) => {
    const { cache, secrets } = crowded(5, mostObjects);
    for (const generation of [0, 0, 1, 0, 2]) {
      for (const [meter, secret] of secrets.entries()) {
        const { key, iv } = cache.keysOfDay(cache.find(meter, EPOCH, NOW)!, generation);
        const expected = generationOf(epochKeys(secret).chain0, generation);
        expect(key.equals(expected.key)).toBe(true);
        expect(iv).toEqual(expected.iv);
      }
    }
  });

  it('holds no more key objects than it may', () => {
    const { cache, secrets } = crowded(5, 2);
    const keyOf = (meter: number) => cache.keysOfDay(cache.find(meter, EPOCH, NOW)!, 0).key;
    const made = [...secrets.keys()].map(keyOf);
    // What is held is the same object; asked last first, so that none is made in between.
    const held = [...secrets.keys()].reverse().filter((meter) => keyOf(meter) === made[meter]);
    expect(held).toEqual([4, 3]);
  });

  it("are those of each of a meter's epochs, and of no epoch that it has no more, however cells are used again", () => {
    const epochs = fc.uniqueArray(fc.integer({ min: 1, max: 6 }), { maxLength: 4 });
    const loads = fc.array(fc.record({ meter: fc.constantFrom(0, 1, 2, 700), epochs }), { maxLength: 20 });
    fc.assert(
      fc.property(loads, fc.integer({ min: 1, max: 4 }), (list, mostObjects) => {
        const cache = new EpochKeyCache(mostObjects);
        const known = new Map<number, Map<number, Buffer>>();
        for (const { meter, epochs } of list) {
          const secrets = new Map(epochs.map((epoch) => [epoch, randomBytes(32)]));
          known.set(meter, secrets);
          cache.load(
            meter,
            [...secrets].map(([epoch, secret]) => ({ epoch, secret, createdAt: NOW + epoch })),
            NOW,
          );
          for (const [one, held] of known) expectKeys(cache, one, held);
        }
      }),
    );
  });

  it('are there for more meters than there was room for, each until its epoch ends', () => {
    const { cache, secrets } = crowded(700, 4);
    for (const [meter, secret] of secrets.entries()) {
      const cell = cache.find(meter, EPOCH, NOW)!;
      expect([cache.epochOf(cell), cache.createdAtOf(cell)]).toEqual([EPOCH, NOW]);
      expect(cache.secretOf(cell)).toEqual(secret);
      const end = NOW + EPOCHS.destroyDays * 86_400_000;
      expect([cache.find(meter, EPOCH, end - 1), cache.find(meter, EPOCH, end)]).toEqual([cell, undefined]);
    }
  });

  it('C10.1-6: nothing is left of an epoch that is gone, neither bytes nor a key object', () => {
    const { cache } = crowded(1, 4);
    const cell = cache.find(0, EPOCH, NOW)!;
    const { key } = cache.keysOfDay(cell, 0);
    cache.load(0, [], NOW);
    expect(cache.secretOf(cell)).toEqual(Buffer.alloc(32));
    expect(cache.keysOfDay(cell, 0).key.equals(key)).toBe(false);
  });
});
