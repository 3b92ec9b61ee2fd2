import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { SLOT, SlotLanes, SPAN, VALUES } from '../../domain/telemetry/slot-lanes.ts';

const ORIGIN = 1_000;

/** Spans of slots as frames bring them: mostly in order, some late, some far ahead. */
const spans = fc.array(
  fc.record({
    jump: fc.oneof(
      { weight: 6, arbitrary: fc.constant(1) },
      { weight: 2, arbitrary: fc.integer({ min: -60, max: 60 }) },
      { weight: 1, arbitrary: fc.integer({ min: -600, max: 600 }) },
    ),
    count: fc.constantFrom(1, 4, 24),
    value: fc.integer({ min: 0, max: 5 }),
  }),
  { maxLength: 60 },
);

/** Plays spans on a lane and on a map of everything. */
function play(list: readonly { jump: number; count: number; value: number }[]) {
  const lanes = new SlotLanes();
  const lane = lanes.open(ORIGIN);
  const model = new Map<number, number>();
  let next = ORIGIN + 1;
  let newest = ORIGIN;
  for (const { jump, count, value } of list) {
    const first = Math.max(ORIGIN + 1, next + jump - 1);
    const values = Uint16Array.from({ length: count }, (_, i) => value + i);
    if (!lanes.extend(lane, first, count, values)) {
      for (let i = 0; i < count; i++) {
        const slot = first + i;
        const known = model.get(slot);
        const standing = lanes.standing(lane, slot, values[i]!);
        if (known === undefined) expect(standing).toBe(SLOT.fresh);
        else if (slot + VALUES > newest) expect(standing).toBe(known === values[i] ? SLOT.same : SLOT.other);
        else expect(standing).toBe(SLOT.old);
        if (standing === SLOT.fresh) lanes.accept(lane, slot, values[i]!);
        if (known === undefined) model.set(slot, values[i]!);
        newest = Math.max(newest, slot);
      }
    } else {
      for (let i = 0; i < count; i++) {
        expect(model.has(first + i)).toBe(false);
        model.set(first + i, values[i]!);
      }
      newest = Math.max(newest, first + count - 1);
    }
    next = first + count;
  }
  return { lanes, lane, model, newest };
}

describe('slot lanes', () => {
  it('agree with a map of every slot that arrived, slot by slot', () => {
    fc.assert(
      fc.property(spans, (list) => {
        const { lanes, lane, model, newest } = play(list);
        expect(lanes.newest(lane)).toBe(newest);
        for (let slot = ORIGIN + 1; slot <= newest + 5; slot++) expect([slot, lanes.arrived(lane, slot)]).toEqual([slot, model.has(slot)]);
      }),
      { numRuns: 300 },
    );
  });

  it('list exactly the missing slots as holes', () => {
    fc.assert(
      fc.property(spans, (list) => {
        const { lanes, lane, model, newest } = play(list);
        const missing = new Set(
          lanes.holes(lane, newest).flatMap((hole) => Array.from({ length: hole.to - hole.from + 1 }, (_, i) => hole.from + i)),
        );
        for (let slot = ORIGIN + 1; slot < newest; slot++) expect([slot, missing.has(slot)]).toEqual([slot, !model.has(slot)]);
      }),
      { numRuns: 200 },
    );
  });

  it('acknowledge nothing that did not arrive, and what did arrive within reach', () => {
    fc.assert(
      fc.property(spans, (list) => {
        const { lanes, lane, model } = play(list);
        const { end, bitmap } = lanes.acknowledgement(lane, 0);
        for (let slot = ORIGIN + 1; slot <= end; slot++) expect([slot, model.has(slot)]).toEqual([slot, true]);
        for (let bit = 0; bit < SPAN; bit++) {
          const said = ((bitmap[bit >>> 3]! >>> (bit & 7)) & 1) === 1;
          expect([end + 1 + bit, said]).toEqual([end + 1 + bit, model.has(end + 1 + bit)]);
        }
      }),
      { numRuns: 200 },
    );
  });

  it('survive a dump', () => {
    fc.assert(
      fc.property(spans, (list) => {
        const { lanes, lane } = play(list);
        const again = new SlotLanes();
        again.open(5);
        const restored = again.restore(lanes.dump(lane));
        expect(again.dump(restored)).toEqual(lanes.dump(lane));
      }),
      { numRuns: 50 },
    );
  });

  it('name a held slot until it arrives', () => {
    const lanes = new SlotLanes();
    const lane = lanes.open(ORIGIN);
    lanes.accept(lane, ORIGIN + 1, 7);
    lanes.hold(lane, ORIGIN + 3);
    expect(lanes.acknowledgement(lane, 0).held[0]).toBe(0b10);
    lanes.accept(lane, ORIGIN + 3, 7);
    expect(lanes.acknowledgement(lane, 0)).toMatchObject({ end: ORIGIN + 1, held: Buffer.alloc(24) });
    expect(lanes.acknowledgement(lane, 0).bitmap[0]).toBe(0b10);
  });
});
