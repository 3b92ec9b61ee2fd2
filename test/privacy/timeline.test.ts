import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Timeline } from '../../domain/privacy/timeline.ts';

const STEP = 900;
const SLOTS = 12;
const put = fc.record({ slot: fc.nat(SLOTS - 1), revision: fc.integer({ min: 1, max: 3 }) });

describe('which revision of each interval is out', () => {
  it('is what a list of intervals says, whatever came in which order, in as few runs as there are changes', () => {
    fc.assert(
      fc.property(fc.array(put, { maxLength: 30 }), (puts) => {
        const timeline = new Timeline();
        const list = new Array<number>(SLOTS).fill(0);
        for (const { slot, revision } of puts) {
          timeline.set(slot * STEP, (slot + 1) * STEP, revision);
          list[slot] = revision;
          for (const [i, expected] of list.entries())
            for (const at of [i * STEP, i * STEP + 1, (i + 1) * STEP - 1]) expect(timeline.revisionAt(at)).toBe(expected);
        }
        for (let from = 0; from < SLOTS; from++)
          for (let until = from + 1; until <= SLOTS; until++)
            expect(timeline.covers(from * STEP, until * STEP)).toBe(list.slice(from, until).every((revision) => revision > 0));
        expect(timeline.revisionAt(-1)).toBe(0);
        expect(timeline.revisionAt(SLOTS * STEP)).toBe(0);
        expect(timeline.size).toBeLessThanOrEqual(list.filter((revision) => revision > 0).length);
      }),
      { numRuns: 300 },
    );
  });

  it('a day told in order is one run, and a revision in its middle three', () => {
    const timeline = new Timeline();
    for (let slot = 0; slot < 96; slot++) timeline.set(slot * STEP, (slot + 1) * STEP, 1);
    expect(timeline.size).toBe(1);
    timeline.set(40 * STEP, 41 * STEP, 2);
    expect(timeline.size).toBe(3);
    timeline.set(0, STEP, 2);
    expect(timeline.size).toBe(4);
    expect(timeline.covers(0, 96 * STEP)).toBe(true);
    expect(timeline.covers(0, 96 * STEP + 1)).toBe(false);
  });
});
