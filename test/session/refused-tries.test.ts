import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Packed, RefusedTries, WINDOW_MS } from '../../lambdas/session/refused-tries.ts';

const total = (packed: readonly Packed[]) => packed.reduce((sum, { refused }) => sum + refused.count, 0);

describe('refused tries', () => {
  it('property: every one is counted once, and nobody gets more than two events for each window', () => {
    const tries = fc.array(fc.record({ who: fc.constantFrom('a', 'b', 'c'), after: fc.integer({ min: 0, max: WINDOW_MS }) }), {
      maxLength: 200,
    });
    fc.assert(
      fc.property(tries, (all) => {
        const packs = new RefusedTries('unknown');
        let now = 1_000;
        const out: Packed[] = [];
        for (const { who, after } of all) {
          now += after;
          out.push(...packs.note(who, 'passphrase', now));
        }
        out.push(...packs.all());
        expect(total(out)).toBe(all.length);
        const windows = Math.floor((now - 1_000) / WINDOW_MS) + 1;
        for (const who of ['a', 'b', 'c']) expect(out.filter(({ owner }) => owner === who).length).toBeLessThanOrEqual(2 * windows);
      }),
    );
  });

  it('beyond a thousand names at a time the rest are counted with the unknown', () => {
    const packs = new RefusedTries('unknown');
    const out = Array.from({ length: 1_500 }, (_, n) => packs.note(`name-${n}`, 'passkey', 1_000)).flat();
    out.push(...packs.all());
    expect(total(out)).toBe(1_500);
    expect(total(out.filter(({ owner }) => owner === 'unknown'))).toBe(500);
    expect(new Set(out.map(({ owner }) => owner)).size).toBe(1_001);
  });

  it('say why, and from when to when', () => {
    const packs = new RefusedTries('unknown');
    packs.note('a', 'passphrase', 1_000);
    packs.note('a', 'passkey', 2_000);
    packs.note('a', 'passkey', 3_000);
    expect(packs.take('a')).toEqual([{ owner: 'a', refused: { count: 2, reasons: { passkey: 2 }, first: 2_000, last: 3_000 } }]);
    expect(packs.take('a')).toEqual([]);
  });
});
