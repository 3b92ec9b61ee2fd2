import { describe, expect, it } from 'vitest';
import { confidenceOf } from '../../domain/vee/confidence.ts';
import { estimate, estimateBy } from '../../domain/vee/estimate.ts';
import type { History } from '../../domain/vee/history.ts';
import type { ChosenMethod } from '../../domain/vee/ladder.ts';
import { agreeOn } from '../../domain/vee/methods/e11-agreed.ts';
import { markOutage } from '../../domain/vee/place.ts';
import { validate } from '../../domain/vee/validate.ts';
import { __, countsOf, dayOf, type Given, historyOf, likeDayOf, POLICY, START, sourcesOf } from './given.ts';

/** A day of hours, so that short lists have gaps of any length. */
const HOURLY = { minutes: 60 };

function estimated(values: readonly number[], history: History, given: Given = HOURLY) {
  const day = dayOf(values, given);
  validate(day, POLICY);
  const { inputs, exceptions } = estimate(day, history, POLICY);
  return { counts: countsOf(day), sources: sourcesOf(day), inputs, exceptions, day };
}

const THURSDAYS = [7, 14, 21].map((daysBack, i) => likeDayOf(daysBack, [10 + i, 20 + i, 33 + i, 40 + i, 50, 60]));
const LONG_GAP = [100, __, __, __, __, 600];

describe('the ladder, first that applies', () => {
  it('E0: zero where an outage covers the slot, and what it only touches is estimated otherwise', () => {
    const day = dayOf([100, __, __, __, 100]);
    markOutage(day, START + 900, START + 3 * 900 + 60);
    estimate(day, historyOf({ averageDaily: 9600 }), POLICY);
    expect([countsOf(day), sourcesOf(day)]).toEqual([
      [100, 0, 0, 100, 100],
      ['measured', 'E0', 'E0', 'E8', 'measured'],
    ]);
  });

  it('E1: a check meter that has it', () => {
    const checkMeter = likeDayOf(0, [0, 7, 8, 9, 10, 0]);
    const result = estimated(LONG_GAP, historyOf({ checkMeter, days: THURSDAYS }));
    expect([result.counts, result.sources[2], result.inputs]).toEqual([[100, 7, 8, 9, 10, 600], 'E1', 'E1 check meter']);
    expect(estimated(LONG_GAP, historyOf({ checkMeter: { ...checkMeter, usable: false } })).sources[2]).toBe('E10');
  });

  it('E2: a line over at most two hours between valid ends', () => {
    const result = estimated([100, __, __, 400], historyOf({ days: THURSDAYS }));
    expect([result.counts, result.inputs]).toEqual([[100, 200, 300, 400], 'E2 100 to 400']);
    expect(estimated([100, __, __, __, 400], historyOf()).sources[1]).toBe('E10');
    expect(estimated([100, __, __], historyOf()).sources[1]).toBe('E10');
    expect(estimated([__, __, 100], historyOf()).sources[1]).toBe('E10');
  });

  it('E2: across midnight with the slots before and after the day', () => {
    const neighbours = { before: Uint32Array.of(1, 300), after: Uint32Array.of(60, 1) };
    expect(estimated([__, 100, __], historyOf(neighbours)).counts).toEqual([200, 100, 80]);
  });

  it('E2: not with an outage at an end, nor from a value that is held', () => {
    const outage = dayOf([100, __, 400], HOURLY);
    outage.outage[2] = 1;
    estimate(outage, historyOf(), POLICY);
    expect(sourcesOf(outage)[1]).toBe('E10');
    expect(estimated([100, __, 0xfff0, 100], historyOf(), { ...HOURLY, capacity: 500 }).sources.slice(1, 3)).toEqual(['E2', 'E2']);
  });

  it('E3: the average of at least three valid days of the weekday within six weeks', () => {
    const result = estimated(LONG_GAP, historyOf({ days: THURSDAYS }));
    expect(result.counts).toEqual([100, 21, 34, 41, 50, 600]);
    expect([result.sources[1], result.inputs]).toEqual(['E3', 'E3 2026-01-08 2026-01-01 2025-12-25']);
  });

  it.each([
    ['an outage or an estimate in it', { usable: false }],
    ['another weekday', { weekday: 3 }],
    ['more than six weeks back', { daysBack: 43 }],
    ['a holiday', { holiday: true }],
    ['without the hour', { counts: Uint32Array.of(1, 2, __, 4, 5, 6) }],
  ])('E3: never a day with %s', (_, flaw) => {
    const [first, ...others] = THURSDAYS;
    const result = estimated(LONG_GAP, historyOf({ days: [first!, others[0]!, { ...others[1]!, ...flaw }] }));
    expect([result.sources[1], result.inputs]).toEqual(['E4', 'E4 2026-01-08']);
  });

  it.each([
    ['Monday: last Monday', 1, false, 7, [1, 2, 3, 7]],
    ['Monday: not Sunday', 1, false, undefined, [1, 2, 3]],
    ['Wednesday: last Wednesday', 3, false, 7, [1, 2, 7]],
    ['Wednesday: else yesterday, a Tuesday', 3, false, 1, [1, 2]],
    ['Thursday: else Wednesday', 4, false, 1, [1, 2, 3]],
    ['Friday: last Friday only', 5, false, undefined, [1, 2, 3]],
    ['Saturday: last Saturday', 6, false, 7, [1, 7]],
    ['a holiday on Wednesday: last Sunday', 3, true, 3, [1, 2, 3, 7]],
  ])('E4: %s', (_, weekday, holiday, chosen, daysBack) => {
    const days = daysBack.map((back) => ({ ...likeDayOf(back, Array(6).fill(back)), weekday: ((((weekday - back - 1) % 7) + 7) % 7) + 1 }));
    const result = estimated(LONG_GAP, historyOf({ days, weekday, holiday }));
    expect([result.sources[1], result.counts[1]]).toEqual(chosen === undefined ? ['E10', 0] : ['E4', chosen]);
  });

  it('E5, E7, E8, E10: last year, then the class profile at the average use, then flat, then zero for review', () => {
    const lastYear = likeDayOf(364, [1, 2, 3, 4, 5, 6]);
    const classProfile = { name: 'home', weights: Float64Array.of(1, 1, 2, 2, 1, 1) };
    const rest = { classProfile, averageDaily: 2400 };
    expect(estimated(LONG_GAP, historyOf({ lastYear, ...rest })).counts.slice(1, 5)).toEqual([2, 3, 4, 5]);
    expect(estimated(LONG_GAP, historyOf(rest)).counts.slice(1, 5)).toEqual([300, 600, 600, 300]);
    expect(estimated(LONG_GAP, historyOf({ averageDaily: 2400 })).counts.slice(1, 5)).toEqual([100, 100, 100, 100]);
    const nothing = estimated(LONG_GAP, historyOf());
    expect([nothing.counts.slice(1, 5), nothing.inputs]).toEqual([[0, 0, 0, 0], 'E10 nothing known']);
  });

  it('E9: a reading of a longer interval is split, before anything is guessed', () => {
    const coarser = { slots: 2, counts: Uint32Array.of(1, 31, 42) };
    const result = estimated([100, 100, __, __, __, __], historyOf({ coarser, days: THURSDAYS }));
    expect([result.counts, result.sources[2]]).toEqual([[100, 100, 16, 15, 21, 21], 'E9']);
    expect(estimated([100, __, __, __, 9, 9], historyOf({ coarser })).sources[1]).toBe('E10');
  });

  it('E11: what people agreed on, within the fuse and in whole counts', () => {
    const day = dayOf([100, __], { capacity: 500 });
    expect([501, -1, 1.5, Number.NaN].map((counts) => agreeOn(day, 1, counts))).toEqual([false, false, false, false]);
    expect([agreeOn(day, 1, 500), countsOf(day), sourcesOf(day)]).toEqual([true, [100, 500], ['measured', 'E11']]);
    expect(estimate(day, historyOf(), POLICY).estimated).toBe(0);
    expect([agreeOn(day, 0, 0), countsOf(day), day.confidence[0]]).toEqual([true, [0, 500], 100]);
  });

  it('EX: a forward estimate when nothing has come since, by the methods from E3 on', () => {
    const history = historyOf({ days: THURSDAYS, silent: true, after: Uint32Array.of(100) });
    const result = estimated([100, 100, 100, 100, 100, __], history);
    expect([result.counts[5], result.sources[5], result.inputs]).toEqual([60, 'EX', 'EX E3 2026-01-08 2026-01-01 2025-12-25']);
  });
});

describe('with registers at both ends', () => {
  const registers = { 0: 100, 3: 1000 };

  it('ES scales whatever method applied so that the sum is the register difference', () => {
    const result = estimated([100, __, __, 400], historyOf(), { ...HOURLY, registers });
    expect([result.counts, result.sources, result.exceptions]).toEqual([[100, 200, 300, 400], ['measured', 'E2*', 'E2*', 'measured'], 0]);
    const other = estimated([100, __, __, 401], historyOf(), { ...HOURLY, registers });
    expect(other.counts).toEqual([100, 200, 299, 401]);
  });

  it('takes moments of other days that were like it', () => {
    const alike = [7, 14, 21, 28].map((daysBack) => likeDayOf(daysBack, [100, 400, 100, 400, 100, 100]));
    const unlike = [2, 3, 4].map((daysBack) => likeDayOf(daysBack, [900, 100, 400, 900, 900, 900]));
    const result = estimated([100, __, __, 400, 100, 100], historyOf({ days: [...unlike, ...alike] }), { ...HOURLY, registers });
    expect(result.counts[1]! + result.counts[2]!).toBe(500);
    expect(result.counts[1]).toBeGreaterThan(390);
    expect([result.sources[1], result.inputs]).toEqual(['E3*', 'E3 moments of 7 days, most like 2026-01-08 2026-01-01 2025-12-25']);
  });

  it('listens more to the same weekday, and needs three days to listen to', () => {
    const alike = likeDayOf(7, [100, 400, 100, 400, 100, 100]);
    const others = [likeDayOf(9, [100, 100, 400, 400, 100, 100]), likeDayOf(11, Array(6).fill(900))];
    const given = { ...HOURLY, registers };
    expect(estimated([100, __, __, 400, 100, 100], historyOf({ days: [alike, ...others] }), given).counts[1]).toBeGreaterThan(300);
    expect(estimated([100, __, __, 400, 100, 100], historyOf({ days: [alike, others[0]!] }), given).sources[1]).toBe('E2*');
  });

  it('gives each of several gaps the part that it would take by itself', () => {
    const days = [7, 14, 21].map((daysBack) => likeDayOf(daysBack, [100, 150, 50, 100, 900, 500]));
    const result = estimated([100, __, __, 100, __, 500], historyOf({ days }), { ...HOURLY, registers: { 0: 100, 5: 1700 } });
    expect([result.counts[1]! + result.counts[2]!, result.counts[4]]).toEqual([400, 600]);
    expect(result.counts[1]).toBeGreaterThan(result.counts[2]!);
  });

  it('shares over several gaps of a span, and outage zeros take no share', () => {
    const day = dayOf([100, __, 100, __, __, 100], { ...HOURLY, registers: { 0: 100, 5: 1000 } });
    day.outage[4] = 2;
    estimate(day, historyOf({ averageDaily: 2400 }), POLICY);
    expect([countsOf(day), sourcesOf(day)]).toEqual([
      [100, 350, 100, 350, 0, 100],
      ['measured', 'E2*', 'measured', 'E8*', 'E0', 'measured'],
    ]);
  });

  it('a register inside the gap divides it', () => {
    const result = estimated([100, __, __, 100], historyOf(), { ...HOURLY, registers: { 0: 100, 1: 130, 3: 250 } });
    expect(result.counts).toEqual([100, 30, 20, 100]);
  });

  it('nothing used is zero in every slot', () => {
    const days = THURSDAYS;
    const result = estimated([100, __, __, 100], historyOf({ days }), { ...HOURLY, registers: { 0: 100, 3: 200 } });
    expect([result.counts, result.sources[1], result.inputs]).toEqual([[100, 0, 0, 100], 'E3*', 'E3 nothing used']);
  });
});

describe('a method that a person chose', () => {
  const by = (method: ChosenMethod, slots: number[], history: History, given: Given = HOURLY) => {
    const day = dayOf([100, 200, 300, 400], given);
    validate(day, POLICY);
    const { estimated: count } = estimateBy(method, slots, day, history, POLICY);
    return { count, counts: countsOf(day), sources: sourcesOf(day) };
  };

  it('takes the slots asked for and no other', () => {
    expect(by('E2', [1], historyOf())).toEqual({
      count: 1,
      counts: [100, 200, 300, 400],
      sources: ['measured', 'E2', 'measured', 'measured'],
    });
    expect(by('E3', [1, 2], historyOf({ days: THURSDAYS })).counts).toEqual([100, 21, 34, 400]);
  });

  it('changes nothing where it does not apply, and nothing that registers prove', () => {
    const untouched = { count: 0, counts: [100, 200, 300, 400], sources: Array(4).fill('measured') };
    expect(by('E5', [1, 2], historyOf())).toEqual(untouched);
    expect(by('E3', [1, 2], historyOf({ days: THURSDAYS }), { ...HOURLY, registers: 'end' })).toEqual(untouched);
  });
});

describe('confidence', () => {
  it('is what measured errors leave: less for longer gaps, more with registers', () => {
    expect([30, 60, 61, 120, 1440, 3000].map((minutes) => confidenceOf('E3', true, minutes))).toEqual([100, 82, 74, 74, 59, 59]);
    expect(confidenceOf('E2', false, 60)).toBe(59);
    expect(confidenceOf('E3', true, 360)).toBeGreaterThan(confidenceOf('E3', false, 360));
    expect([confidenceOf('missing', false, 15), confidenceOf('E10', false, 15), confidenceOf('E11', false, 15)]).toEqual([0, 5, 100]);
  });

  it('stands beside every estimated slot and no measured one', () => {
    const { day } = estimated([100, __, __, 400], historyOf());
    expect([...day.confidence.subarray(0, 4)]).toEqual([0, 52, 52, 0]);
  });
});
