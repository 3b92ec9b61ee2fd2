import { describe, expect, it } from 'vitest';
import { SOURCE } from '../../domain/meterday/effective.ts';
import { rulesIn } from '../../domain/vee/findings.ts';
import { standing } from '../../lambdas/billing/recorded-days.ts';
import { evolveDay, NO_DAY, openCauses } from '../../lambdas/project/day-view.ts';
import { AT, close, collect, type DayStream, type Recorded, records, registerAt, stream, sumOf, valueAt, verified } from './days.ts';

const GAP = [40, 41, 42, 43];
const person = { channel: 0, reason: 'inspected', note: '', by: 'ann', at: AT } as const;

/** A day without slots 40 to 42 and without a value in 43, whose register stands higher by `jump` from the end of slot 43 on. */
function gapWithJump(jump: number): Recorded[] {
  const jumped = (from: number, to: number) => records(from, to).map((one) => ({ ...one, register: registerAt(one.slot) + jump }));
  return [...records(0, 40), ...jumped(43, 44).map((one) => ({ ...one, value: null })), ...jumped(44, 96)];
}

const closed = (list: readonly Recorded[], changes = {}): DayStream => stream(collect(list), verified, close(), close(true, changes));
const errorsOf = (day: DayStream, slot: number) => rulesIn(day.day.channels[0]!.judged!.errors[slot]!);
const causesOf = (day: DayStream) => [...openCauses(day.events.reduce(evolveDay, NO_DAY))];

/** Final all the same, with its estimates, and nothing to bill. */
function expectHeld(day: DayStream, rule: string): void {
  for (const slot of GAP) expect(errorsOf(day, slot)).toContain(rule);
  expect(day.outcome).toMatchObject({ measured: 92, estimated: 4, held: 0, missing: 0 });
  expect(day.day).toMatchObject({ final: true, outcome: { held: true } });
  expect(standing(day.day)).toMatchObject({ final: true, held: true });
  expect(causesOf(day)).toEqual([`rule/${rule}`]);
}

describe('T8-P6: estimates that registers contradict hold their day', () => {
  it('T8-P6: F2: a register that moves by more than the fuse lets through while slots are missing', () => {
    expectHeld(closed(gapWithJump(1_000_000)), 'V15');
  });

  it('T8-P6: F2: registers that leave less than nothing for missing slots, also when the measurement between them was accepted', () => {
    const low = records(44, 96).map((one) => ({ ...one, register: registerAt(one.slot) - sumOf(40, 44) - 10 }));
    const day = stream(collect([...records(0, 40), ...low]), verified, close());
    expect([41, 44].map((slot) => errorsOf(day, slot))).toEqual([expect.arrayContaining(['V15']), ['V15']]);
    day.run({ type: 'AcceptSlots', slots: [44], ...person });
    expect(day.day.outcome).toMatchObject({ held: true, channels: [{ held: 0, edited: 1, estimated: 4 }] });
  });

  it('T8-P6: F1: a register that runs backwards while slots are missing', () => {
    expectHeld(closed(gapWithJump(-3_500)), 'V16');
  });

  it('T8-P6: before it is due such a day is provisional and held', () => {
    const day = stream(collect(gapWithJump(1_000_000)), verified, close());
    expect(day.day).toMatchObject({ final: false, outcome: { held: true } });
  });

  it.each([1_000_000, -3_500])(
    'T8-P6: a person who has spoken about every such slot ends it, and not one who spoke about one (%i)',
    (jump) => {
      const day = stream(collect(gapWithJump(jump)), verified, close());
      day.run({ type: 'EditValues', slots: [40], counts: [120], ...person });
      expect(day.day.outcome?.held).toBe(true);
      day.run({ type: 'EditValues', slots: [41, 42, 43], counts: [120, 120, 120], ...person });
      expect(day.day.outcome?.held).toBe(false);
      day.run(close(true));
      expect(day.day).toMatchObject({ final: true, outcome: { held: false, channels: [{ edited: 4, held: 0 }] } });
    },
  );

  it("T8-P6: a person's own estimate is a person's word", () => {
    const day = stream(collect(gapWithJump(1_000_000)), verified, close());
    const columns = { counts: GAP.map(valueAt), sources: GAP.map(() => SOURCE.E3), confidence: GAP.map(() => 50) };
    day.run({ type: 'EstimateSlots', slots: GAP, ...columns, ...person });
    expect(day.day.outcome).toMatchObject({ held: false, channels: [{ edited: 4 }] });
    day.run(close(true));
    expect(day.day).toMatchObject({ final: true, outcome: { held: false } });
  });

  it('T8-P6: an edit taken back holds the day again', () => {
    const day = stream(collect(gapWithJump(1_000_000)), verified, close());
    day.run({ type: 'EditValues', slots: GAP, counts: [120, 120, 120, 120], ...person });
    expect(day.day.outcome?.held).toBe(false);
    day.run({ type: 'UndoEdit', edit: 1, ...person });
    expect(day.day.outcome?.held).toBe(true);
  });

  it('T8-P6: estimates that add up to what the register moved by hold nothing', () => {
    const day = closed(gapWithJump(0));
    expect(GAP.flatMap((slot) => errorsOf(day, slot))).not.toContain('V15');
    expect(day.day).toMatchObject({ final: true, outcome: { held: false, channels: [{ energyWh: sumOf(0, 96), estimated: 4 }] } });
  });

  it('T8-P6: nothing is held where the defence is off', () => {
    expect(closed(gapWithJump(1_000_000), { hold: false }).day.outcome?.held).toBe(false);
  });

  it('a suspect value replaced by what its register says holds nothing, and the sum that did not add up is noted', () => {
    const list = records(0, 96).map((one) => (one.slot === 50 ? { ...one, value: 20_000 } : one));
    const day = closed(list);
    expect(day.slot(50)).toMatchObject({ counts: valueAt(50) });
    expect(errorsOf(day, 50)).not.toContain('V15');
    expect(rulesIn(day.day.channels[0]!.judged!.warnings[50]!)).toContain('V15');
    expect(day.day.outcome?.held).toBe(false);
  });
});
