import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Flow, type FlowSlot, sumOf } from '../../domain/billing/flows.ts';
import { setOff } from '../../domain/billing/setting-off.ts';

const MINUTES_OF_DAY = 1440;

/** Days of one meter, each value a slot, from the first instant on. */
function flowOf(minutes: number, values: readonly number[], begin = 0): Flow {
  const slots = values.map((value, i): FlowSlot => {
    const minute = begin + i * minutes;
    const day = `2026-01-${String(1 + Math.floor(minute / MINUTES_OF_DAY)).padStart(2, '0')}`;
    return { at: minute * 60, minutes, day, localMinute: minute % MINUTES_OF_DAY, value: BigInt(value), quality: 'known' };
  });
  return [...Map.groupBy(slots, ({ day }) => day)].map(([day, of]) => ({ day, slots: of }));
}

const valuesOf = (flow: Flow) => flow.flatMap(({ slots }) => slots.map(({ value }) => Number(value)));
const setOffValues = (taken: Flow, sent: Flow) => {
  const rest = setOff({ taken, sent });
  return [valuesOf(rest.taken), valuesOf(rest.sent)];
};

describe('what is taken and sent is set off', () => {
  it('R9.2-2: slot by slot where both are counted by one interval', () => {
    expect(setOffValues(flowOf(15, [100, 100, 100, 5]), flowOf(15, [100, 40, 130, 0]))).toEqual([
      [0, 60, 0, 5],
      [0, 0, 30, 0],
    ]);
  });

  it('R9.2-2: within the longer interval where they are not, from the earliest slots', () => {
    expect(setOffValues(flowOf(15, [100, 100, 100, 100]), flowOf(30, [150, 260]))).toEqual([
      [0, 50, 0, 0],
      [0, 60],
    ]);
    expect(setOffValues(flowOf(30, [150, 260]), flowOf(15, [100, 100, 100, 100]))).toEqual([
      [0, 60],
      [0, 50, 0, 0],
    ]);
  });

  it('R9.2-2: in its own time alone, and what has nothing beside it stays', () => {
    expect(setOffValues(flowOf(15, [10, 20]), flowOf(15, [30], 30))).toEqual([[10, 20], [30]]);
    expect(setOffValues(flowOf(15, [10, 20]), [])).toEqual([[10, 20], []]);
  });

  it('R9.2-2: keeps the difference of the two, leaves nothing below zero, and one of them nothing in each longest interval', () => {
    const hour = 60;
    const flow = fc
      .record({ minutes: fc.constantFrom(5, 15, 30), values: fc.array(fc.nat({ max: 1_000 }), { minLength: 576, maxLength: 576 }) })
      .map(({ minutes, values }) => flowOf(minutes, values.slice(0, (48 * hour) / minutes)));
    fc.assert(
      fc.property(flow, flow, (taken, sent) => {
        const rest = setOff({ taken, sent });
        expect(sumOf(rest.taken) - sumOf(rest.sent)).toBe(sumOf(taken) - sumOf(sent));
        for (const part of [rest.taken, rest.sent]) expect(valuesOf(part).every((value) => value >= 0)).toBe(true);
        expect(rest.taken.map(({ day, slots }) => [day, slots.length])).toEqual(taken.map(({ day, slots }) => [day, slots.length]));
        const longest = Math.max(taken[0]!.slots[0]!.minutes, sent[0]!.slots[0]!.minutes) * 60;
        for (let at = 0; at < 48 * 3600; at += longest) {
          const within = (part: Flow) =>
            part.reduce(
              (sum, { slots }) => sum + slots.reduce((of, one) => (one.at >= at && one.at < at + longest ? of + one.value : of), 0n),
              0n,
            );
          expect(within(rest.taken) * within(rest.sent)).toBe(0n);
        }
      }),
      { numRuns: 60 },
    );
  });
});
