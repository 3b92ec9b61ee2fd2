import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { COUNTER, CounterWindows, TAGS, WINDOW } from '../../domain/telemetry/counter-windows.ts';

/** What the window should be: every accepted counter remembered, judged by distance from the highest. */
class Model {
  readonly seen = new Map<number, number>();
  highest = 0;

  standing(counter: number): number {
    if (counter > this.highest) return COUNTER.fresh;
    if (counter + WINDOW <= this.highest) return COUNTER.below;
    return this.seen.has(counter) ? COUNTER.seen : COUNTER.fresh;
  }

  accept(counter: number, tag: number): void {
    this.seen.set(counter, tag);
    this.highest = Math.max(this.highest, counter);
  }
}

const steps = fc.array(fc.oneof(fc.integer({ min: 1, max: 3_000 }), fc.integer({ min: 1, max: 1_100 })), { maxLength: 400 });

describe('counter windows', () => {
  it('agree with a set of every counter ever accepted', () => {
    fc.assert(
      fc.property(steps, (counters) => {
        const windows = new CounterWindows();
        const window = windows.open(3, 1);
        const model = new Model();
        for (const [i, counter] of counters.entries()) {
          expect(windows.standing(window, counter)).toBe(model.standing(counter));
          if (model.standing(counter) === COUNTER.fresh) {
            windows.accept(window, counter, i + 1, i);
            model.accept(counter, i + 1);
          } else if (model.standing(counter) === COUNTER.seen && counter + TAGS > model.highest) {
            expect(windows.tagOf(window, counter)).toBe(model.seen.get(counter));
          }
        }
      }),
      { numRuns: 200 },
    );
  });

  it('name the commits that hold a counter', () => {
    fc.assert(
      fc.property(steps, (counters) => {
        const windows = new CounterWindows();
        const window = windows.open(0, 1);
        const versions = new Map<number, number>();
        for (const [version, counter] of counters.entries()) {
          if (windows.standing(window, counter) !== COUNTER.fresh) continue;
          windows.accept(window, counter, 9, version);
          versions.set(counter, version);
        }
        for (const [counter, version] of versions) {
          if (windows.standing(window, counter) !== COUNTER.seen) continue;
          const { first, last } = windows.commitsOf(window, counter);
          expect(first).toBeLessThanOrEqual(version);
          expect(last).toBeGreaterThanOrEqual(version);
        }
      }),
      { numRuns: 100 },
    );
  });

  it('keep members and epochs apart, and forget an epoch when told', () => {
    const windows = new CounterWindows();
    for (let member = 0; member < 60; member++) {
      for (const epoch of [1, 2]) windows.accept(windows.open(member, epoch), member * 2 + epoch, 77, 1);
    }
    windows.drop(7, 1);
    expect(windows.find(7, 1)).toBe(-1);
    expect(windows.epochs(7)).toEqual([2]);
    for (let member = 0; member < 60; member++) {
      const window = windows.find(member, 2);
      expect(windows.standing(window, member * 2 + 2)).toBe(COUNTER.seen);
      expect(windows.standing(window, member * 2 + 3)).toBe(COUNTER.fresh);
    }
  });

  it('make room for a fifth epoch by letting the oldest go, and never the other way round', () => {
    const windows = new CounterWindows();
    for (const epoch of [11, 12, 13, 14]) windows.open(0, epoch);
    expect(windows.open(0, 10)).toBe(-1);
    expect(windows.open(0, 15)).toBeGreaterThanOrEqual(0);
    expect(windows.epochs(0).sort()).toEqual([12, 13, 14, 15]);
  });

  it('survive a dump', () => {
    fc.assert(
      fc.property(steps, (counters) => {
        const windows = new CounterWindows();
        const window = windows.open(5, 3);
        for (const [i, counter] of counters.entries()) {
          if (windows.standing(window, counter) === COUNTER.fresh) windows.accept(window, counter, i, i);
        }
        const again = new CounterWindows();
        for (const dumped of windows.dump(5)) again.restore(1, dumped, true);
        expect(again.dump(1)).toEqual(windows.dump(5));
      }),
      { numRuns: 50 },
    );
  });
});
