import { describe, expect, it } from 'vitest';
import { capacityCounts } from '../../domain/vee/channel-day.ts';
import { estimate } from '../../domain/vee/estimate.ts';
import { revalidate, validate } from '../../domain/vee/validate.ts';
import { __, countsOf, dayOf, each, findings, type Given, historyOf, likeDayOf, POLICY, sourcesOf } from './given.ts';

function closed(values: readonly number[], given: Given, history = historyOf({ averageDaily: 9600 })) {
  const day = dayOf(values, given);
  validate(day, POLICY);
  const found = findings(day);
  const held = sourcesOf(day);
  const result = estimate(day, history, POLICY);
  revalidate(day, POLICY);
  return { day, found, held, counts: countsOf(day), sources: sourcesOf(day), after: findings(day), ...result };
}

describe('F1: register backwards', () => {
  it('a rollover is measured and billable', () => {
    const result = closed([20, 20, 30], { registers: 'all', registerBefore: 99_975, dials: 5 });
    expect([result.found, result.sources, result.day.bracket]).toEqual([{}, Array(3).fill('measured'), 70]);
  });

  it('tamper holds what was measured for a person, and no guess takes its place', () => {
    const result = closed([20, 20, 30], { registers: { 0: 60_020, 1: 40_000, 2: 40_030 }, registerBefore: 60_000, dials: 5 });
    expect([result.found, result.sources, result.counts]).toEqual([{ 1: 'E V16' }, ['measured', 'held', 'measured'], [20, 20, 30]]);
    expect([result.estimated, result.day.bracket]).toEqual([0, -1]);
  });
});

describe('F2: sum of intervals against the register', () => {
  it('a span that differs by one count is held as measured', () => {
    const result = closed([100, 200, 300, 400], { registers: { 3: 1001 } });
    expect([result.found, result.sources, result.counts]).toEqual([each(0, 4, 'E V15'), Array(4).fill('held'), [100, 200, 300, 400]]);
  });

  it('where one value is suspect by itself, it alone is estimated from what the register leaves, and the rest stands', () => {
    const result = closed([100, 200, 0xfff0, 400], { registers: { 3: 1000 } });
    expect(result.held).toEqual(Array(4).fill('held'));
    expect([result.counts, result.sources, result.after]).toEqual([
      [100, 200, 300, 400],
      ['measured', 'measured', 'E2*', 'measured'],
      { 2: 'E V07, W V11, W V12' },
    ]);
  });

  it('slots that exceed the register are an exception: no negative estimate, and the span stays held', () => {
    const result = closed([600, 600, __, 600], { registers: { 3: 1700 } });
    expect([result.exceptions, result.counts, result.sources]).toEqual([1, [600, 600, 600, 600], ['held', 'held', 'E2', 'held']]);
    expect(result.after).toEqual({ ...each(0, 4, 'E V15'), 2: 'E V04, E V15' });
  });

  it('a register that leaves more than the fuse lets through is an exception too', () => {
    const result = closed([100, __, 100], { registers: { 2: 5701 }, capacity: 5500 });
    expect([result.exceptions, result.counts[1], result.sources]).toEqual([1, 100, ['held', 'E2', 'held']]);
    expect(closed([100, __, 100], { registers: { 2: 5700 }, capacity: 5500 }).counts[1]).toBe(5500);
  });

  it('an outage in which the register moved is held: its zeros are no explanation', () => {
    const day = dayOf([100, __, 100], { registers: { 2: 300 } });
    day.outage[1] = 2;
    validate(day, POLICY);
    estimate(day, historyOf(), POLICY);
    revalidate(day, POLICY);
    expect([countsOf(day), sourcesOf(day)]).toEqual([
      [100, 0, 100],
      ['held', 'E0', 'held'],
    ]);
  });
});

describe('F3: impossible values', () => {
  it.each([
    ['1 GWh in a quarter hour', 1_000_000_000, 'E V08'],
    ['the largest value 16 bits hold but the sign', 0x7fff, 'E V08'],
    ['a negative import', 0xffff_ff9c, 'E V07'],
  ])('%s is held and replaced, whatever the history is', (_, value, rule) => {
    const like = [7, 14, 21].map((daysBack) => likeDayOf(daysBack, [value, value, value, value]));
    const result = closed([100, value, 300, 400], {}, historyOf({ days: like.map((day) => ({ ...day, usable: false })) }));
    expect(result.held[1]).toBe('held');
    expect(result.found[1]).toContain(rule);
    expect([result.counts, result.sources[1]]).toEqual([[100, 200, 300, 400], 'E2']);
  });

  it('1 GWh that the register counts as well is held for a person; no estimate takes its place, and it is not billable', () => {
    const result = closed([100, 1_000_000_000, 300], { registers: 'all', dials: 12 });
    expect([result.sources, result.counts, result.estimated]).toEqual([['measured', 'held', 'measured'], [100, 1_000_000_000, 300], 0]);
    expect(result.after[1]).toContain('E V08');
  });

  it('only nulls between two registers: the sum is billed, its shape estimated', () => {
    const result = closed(Array(96).fill(__), { registers: { 95: 9601 } });
    expect(result.counts.reduce((sum, value) => sum + value, 0)).toBe(9601);
    expect(new Set(result.sources)).toEqual(new Set(['E8*']));
    expect(Math.max(...result.counts) - Math.min(...result.counts)).toBe(1);
  });

  it('only nulls and nothing known: zeros for review', () => {
    const result = closed(Array(96).fill(__), {}, historyOf());
    expect([new Set(result.counts), new Set(result.sources)]).toEqual([new Set([0]), new Set(['E10'])]);
  });

  it('an estimate never exceeds the fuse even when the like days do', () => {
    const days = [7, 14, 21].map((daysBack) => likeDayOf(daysBack, Array(12).fill(9999)));
    expect(Math.max(...closed(Array(12).fill(__), {}, historyOf({ days })).counts)).toBe(5500);
  });

  it('the fuse in counts is what it lets through with its tolerance, in the unit of the register behind its multiplier', () => {
    expect([capacityCounts(20_000, 15, 1, 1.1), capacityCounts(20_000, 15, 10, 1.1), capacityCounts(20_000, 30, 1, 1)]).toEqual([
      5500, 550, 10_000,
    ]);
  });
});
