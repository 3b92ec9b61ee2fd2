import { randomBytes } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { EpochKeyCache } from '../../lambdas/ingest/epoch-keys.ts';
import { epochKeys, generationOf } from '../../protocol/keys.ts';

const NOW = Date.UTC(2026, 0, 15);
const EPOCH = 3;

/** A cache that keeps fewer key objects than there are meters. */
function crowded(meters: number, mostObjects: number): { cache: EpochKeyCache; secrets: Buffer[] } {
  const cache = new EpochKeyCache(mostObjects);
  const secrets = Array.from({ length: meters }, () => randomBytes(32));
  for (const [meter, secret] of secrets.entries()) cache.load(meter, [{ epoch: EPOCH, secret, createdAt: NOW }], NOW);
  return { cache, secrets };
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
    for (const meter of secrets.keys()) cache.keysOfDay(cache.find(meter, EPOCH, NOW)!, 0);
    const held = [...secrets.keys()].filter((meter) => cache.find(meter, EPOCH, NOW)!.key !== undefined);
    expect(held).toEqual([3, 4]);
  });
});
