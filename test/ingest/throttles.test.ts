import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { INGEST_LIMITS } from '../../lambdas/ingest/limits.ts';
import { Throttles } from '../../lambdas/ingest/throttles.ts';

interface Sent {
  readonly relay: string;
  readonly meter: number;
  readonly at: number;
}

const START = Date.UTC(2026, 0, 15);
/** A token a second, so that shares are whole numbers at every whole second. */
const LIMITS = { ...INGEST_LIMITS, meter: { burst: 5, perHour: 3_600 }, relay: { burst: 12, perHour: 7_200 }, floodingFrames: 1e9 };

/** Frames of a few meters over their concentrators, in order of time. */
const frames = fc
  .array(
    fc.record({
      relay: fc.constantFrom('one', 'two'),
      meter: fc.nat(2),
      wait: fc.constantFrom(...Array<number>(12).fill(0), 1_000, 3_000),
    }),
    {
      maxLength: 150,
      size: 'max',
    },
  )
  .map((sent) => {
    let at = START;
    return sent.map(({ relay, meter, wait }): Sent => {
      at += wait;
      return { relay, meter, at };
    });
  });

function outcomes(sent: readonly Sent[]): readonly (string | undefined)[] {
  const throttles = new Throttles(LIMITS, true);
  return sent.map(({ relay, meter, at }) => throttles.frame(relay, meter, true, at));
}

describe('shares of meters and concentrators', () => {
  it('what is refused costs nobody anything: without it all the rest goes as it went', () => {
    fc.assert(
      fc.property(frames, (sent) => {
        const all = outcomes(sent);
        for (const refusal of ['meter-throttled', 'relay-throttled']) {
          const kept = sent.filter((_, i) => all[i] !== refusal);
          expect(outcomes(kept)).toEqual(all.filter((outcome) => outcome !== refusal));
        }
      }),
      { numRuns: 200 },
    );
  });

  it('one meter that floods leaves the others behind its concentrator what they had', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 500 }), fc.integer({ min: 0, max: 7 }), (flood, honest) => {
        const flooder = Array.from({ length: flood }, () => ({ relay: 'one', meter: 0, at: START }));
        const others = Array.from({ length: honest }, (_, i) => ({ relay: 'one', meter: 1 + (i % 2), at: START }));
        expect(outcomes([...flooder, ...others]).slice(flood)).toEqual(Array(honest).fill(undefined));
      }),
    );
  });

  it('T8.1-4: frames of a meter over a concentrator that is not its own cost it nothing of its share over its own', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 100 }), fc.integer({ min: 0, max: 8 }), (foreign, own) => {
        const throttles = new Throttles(LIMITS, true);
        for (let i = 0; i < foreign; i++) throttles.frame('two', 0, false, START);
        const heard = Array.from({ length: own }, () => throttles.frame('one', 0, true, START));
        expect(heard).toEqual(outcomes(Array(own).fill({ relay: 'one', meter: 0, at: START })));
        expect(heard.filter((refusal) => refusal === undefined)).toHaveLength(Math.min(own, LIMITS.meter.burst));
      }),
    );
  });

  it('a meter that goes on beyond its share is known as flooding, and its concentrator is not', () => {
    const throttles = new Throttles({ ...LIMITS, floodingFrames: 100 }, true);
    for (let i = 0; i < 105; i++) throttles.frame('one', 3, true, START);
    expect(throttles.takeFlooding()).toEqual([3]);
    expect(throttles.takeRelayExcess('one')).toBe(0);
  });
});
