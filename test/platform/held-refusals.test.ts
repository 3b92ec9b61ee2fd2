import { describe, expect, it } from 'vitest';
import { HeldRefusals } from '../../platform/embedded/https/held-refusals.ts';
import { tooMany } from '../../platform/embedded/https/reply.ts';

const REFUSED = tooMany('some-id', 3);

describe('a refusal of who asks too often', () => {
  it('T8.3-2: comes after a while, the same as it was, on a connection that goes on where it can', async () => {
    let release!: () => void;
    const asked: number[] = [];
    const held = new HeldRefusals(500, 8, (ms) => {
      asked.push(ms);
      return new Promise<void>((resolve) => {
        release = resolve;
      });
    });
    for (const goesOn of [true, false]) {
      const told: unknown[] = [];
      const holding = held.hold(REFUSED, goesOn).then((reply) => told.push(reply));
      for (let n = 0; n < 5; n++) await Promise.resolve();
      expect(told).toEqual([]);
      release();
      await holding;
      expect(told).toEqual([{ ...REFUSED, close: !goesOn }]);
    }
    expect(asked).toEqual([500, 500]);
    expect(REFUSED).toMatchObject({ status: 429, headers: { 'retry-after': '3' } });
  });

  it('T8.3-2: beyond as many as are held ends with its connection, at once, until one of them went', async () => {
    const releases: (() => void)[] = [];
    const held = new HeldRefusals(500, 2, () => new Promise<void>((resolve) => void releases.push(resolve)));
    const two = [held.hold(REFUSED, true), held.hold(REFUSED, true)];
    expect((await held.hold(REFUSED, true)).close).toBe(true);
    for (const release of releases.splice(0)) release();
    await Promise.all(two);
    const third = held.hold(REFUSED, true);
    for (const release of releases) release();
    expect((await third).close).toBe(false);
  });
});
