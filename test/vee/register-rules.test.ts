import { describe, expect, it } from 'vitest';
import { spikeCheck } from '../../domain/vee/rules/v10-spike.ts';
import { zeroRunCheck } from '../../domain/vee/rules/v13-zero-run.ts';
import { sumCheck } from '../../domain/vee/rules/v15-sum.ts';
import { backwardsCheck } from '../../domain/vee/rules/v16-backwards.ts';
import { validate } from '../../domain/vee/validate.ts';
import { __, dayOf, each, findings, judged, POLICY, sourcesOf } from './given.ts';

const proven = (day: { proven: Uint8Array; n: number }) => [...day.proven.subarray(0, day.n)];

describe('V15: sum against register', () => {
  it('proves every slot whose register moved by its counts', () => {
    const day = judged(dayOf([5, 0, 7], { registers: 'all' }), sumCheck);
    expect([proven(day), findings(day), day.bracket]).toEqual([[1, 1, 1], {}, 12]);
  });

  it('proves a span by the registers at its two ends alone', () => {
    const day = judged(dayOf([5, 0, 7], { registers: 'end' }), sumCheck);
    expect([proven(day), findings(day), day.bracket]).toEqual([[1, 1, 1], {}, 12]);
  });

  it.each([11, 13])('is an error of the whole span when the register moved by %i and the slots come to 12', (moved) => {
    const day = judged(dayOf([5, 0, 7, 1], { registers: { 2: moved, 3: moved + 1 } }), sumCheck);
    expect([proven(day), findings(day)]).toEqual([[0, 0, 0, 1], each(0, 3, 'E V15')]);
  });

  it('proves nothing where a slot is missing or a register unknown', () => {
    const open = judged(dayOf([5, __, 7], { registers: { 2: 20 } }), sumCheck);
    expect([proven(open), findings(open)]).toEqual([[0, 0, 0], {}]);
    expect(proven(judged(dayOf([0, 0, 0], { registers: { 2: 0 } }), sumCheck))).toEqual([1, 1, 1]);
    expect(proven(judged(dayOf([5, 6], { registers: { 1: 11 }, registerBefore: -1 }), sumCheck))).toEqual([0, 0]);
    expect(proven(judged(dayOf([5, 6], { registers: {} }), sumCheck))).toEqual([0, 0]);
  });

  it('is an error already when fewer slots than all exceed the register', () => {
    expect(findings(judged(dayOf([5, __, 7], { registers: { 2: 11 } }), sumCheck))).toEqual(each(0, 3, 'E V15'));
  });

  it('holds over a rollover, once', () => {
    const day = judged(dayOf([5, 7, 9], { registers: 'all', registerBefore: 99_990, dials: 5 }), sumCheck);
    expect([proven(day), day.bracket]).toEqual([[1, 1, 1], 21]);
  });

  it('has no difference over an exchange of the meter', () => {
    const day = dayOf([5, 7, 9], { registers: { 0: 5, 1: 400, 2: 409 } });
    day.newRegister[1] = 1;
    judged(day, sumCheck);
    expect([proven(day), findings(day), day.bracket]).toEqual([[1, 0, 1], {}, -1]);
  });

  it('allows a register of larger units one unit, or a thousandth', () => {
    const allowed = (moved: number, step: number) => {
      const day = dayOf([500, 500, 500, 500], { registers: { 3: moved }, capacity: 1e6 });
      day.registerStep = step;
      return proven(judged(day, sumCheck))[0];
    };
    expect([allowed(2010, 10), allowed(2011, 10), allowed(2001, 1), allowed(2001, 2), allowed(2002, 2), allowed(2003, 2)]).toEqual([
      1, 0, 0, 1, 1, 0,
    ]);
  });

  it('takes back what it found when the day adds up later', () => {
    const day = judged(dayOf([5, 0, 7], { registers: { 2: 13 } }), sumCheck);
    day.counts[1] = 1;
    expect([findings(judged(day, sumCheck)), proven(day)]).toEqual([{}, [1, 1, 1]]);
  });
});

describe('V16: register backwards', () => {
  it('is a rollover when the fuse lets through what it comes to', () => {
    expect(findings(judged(dayOf([10, 10], { registers: { 0: 99_999, 1: 9 }, registerBefore: 99_989, dials: 5 }), backwardsCheck))).toEqual(
      {},
    );
  });

  it('is tamper when it would take more than the fuse lets through', () => {
    const day = dayOf([10, __, 10], { registers: { 0: 50_000, 2: 49_000 }, registerBefore: 49_990, dials: 5 });
    expect(findings(judged(day, backwardsCheck))).toEqual(each(1, 3, 'E V16'));
  });

  it.each([
    [5500, {}],
    [5501, { 0: 'E V16' }],
  ])('a rollover by %i counts in one slot of at most 5500', (moved, expected) => {
    const day = dayOf([10], { registers: { 0: moved - 10 }, registerBefore: 99_990, dials: 5 });
    expect(findings(judged(day, backwardsCheck))).toEqual(expected);
  });

  it('a rollover over several slots may be by what the fuse lets through in all of them', () => {
    const backwards = (moved: number) =>
      findings(judged(dayOf([10, __], { registers: { 1: moved - 10 }, registerBefore: 99_990, dials: 5 }), backwardsCheck));
    expect([backwards(11_000), backwards(11_001)]).toEqual([{}, each(0, 2, 'E V16')]);
  });

  it('starts anew where the register was exchanged or reset', () => {
    const day = dayOf([10, 10], { registers: { 0: 50_000, 1: 10 }, registerBefore: 49_990 });
    day.newRegister[1] = 1;
    expect(findings(judged(day, backwardsCheck))).toEqual({});
  });
});

describe('V10: spike', () => {
  const DAY = [100, 200, 100, 1000, 300, 100];

  it('is an error without a bracket, a warning with one that agrees', () => {
    expect(findings(judged(dayOf(DAY), spikeCheck))).toEqual({ 3: 'E V10' });
    const bracketed = judged(dayOf(DAY, { registers: 'end' }), sumCheck);
    spikeCheck(bracketed, POLICY);
    expect(findings(bracketed)).toEqual({ 3: 'W V10' });
  });

  it('is a warning in a bracket that lacks a slot, as long as the others do not exceed it', () => {
    const found = (moved: number, more: { registerBefore?: number } = {}) => {
      const day = dayOf([__, 200, 100, 1000, 300, 100], { registers: { 5: moved }, ...more });
      validate(day, POLICY);
      return findings(day)[3];
    };
    expect([found(1750), found(1699), found(1750, { registerBefore: -1 })]).toEqual(['W V10', 'E V10, E V15', 'E V10']);
  });

  it('takes no register behind the day for a bracket', () => {
    const day = dayOf([100, 200, 100, 1000, 300, 100], { registers: { 5: 1800 } });
    day.n = 5;
    validate(day, POLICY);
    expect(findings(day)[3]).toBe('E V10');
  });

  it('is an error with a bracket that disagrees: it proves nothing', () => {
    const day = dayOf(DAY, { registers: { 5: 900 } });
    validate(day, POLICY);
    expect(findings(day)[3]).toContain('E V10');
  });

  it.each([
    ['below 500 Wh', [10, 20, 499, 30], { 2: 'W V10' }],
    ['from 500 Wh', [10, 20, 500, 30], { 2: 'E V10' }],
    ['no more than 180 % above the third largest', [500, 900, 1400, 500], {}],
    ['just more', [500, 900, 1401, 500], { 2: 'E V10' }],
    ['above nothing else', [0, 0, 600, 0], { 2: 'E V10' }],
    ['in a day of two values', [__, 1, 600, __], {}],
    ['of which there are two', [100, 1000, 1000, 100], { 1: 'E V10' }],
    ['of which there are three', [100, 1000, 1000, 1000], {}],
    ['in a day of zeros', [0, 0, 0, 0], {}],
  ])('%s', (_, values, expected) => {
    expect(findings(judged(dayOf(values), spikeCheck))).toEqual(expected);
  });
});

describe('V13: zero run', () => {
  const ZEROS = [9, 0, 0, 0, 0, 0, 9];

  it('of more than an hour is a warning, of an hour nothing', () => {
    expect(findings(judged(dayOf(ZEROS), zeroRunCheck))).toEqual(each(1, 6, 'W V13'));
    expect(findings(judged(dayOf([9, 0, 0, 0, 0, 9, 0]), zeroRunCheck))).toEqual({});
    expect(findings(judged(dayOf([9, ...Array(12).fill(0)], { minutes: 5 }), zeroRunCheck))).toEqual({});
    expect(findings(judged(dayOf([9, ...Array(13).fill(0)], { minutes: 5 }), zeroRunCheck))).toEqual(each(1, 14, 'W V13'));
  });

  it('with an unmoved register is measured', () => {
    const day = judged(dayOf(ZEROS, { registers: 'all' }), sumCheck);
    zeroRunCheck(day, POLICY);
    expect([findings(day), sourcesOf(day)[3]]).toEqual([{}, 'measured']);
  });

  it('is an error when the register moved meanwhile', () => {
    expect(findings(judged(dayOf(ZEROS, { registers: { 0: 9, 5: 40 } }), zeroRunCheck))).toEqual(each(1, 6, 'E V13'));
  });

  it('is nothing during an outage, and an outage ends it', () => {
    const day = dayOf([9, 0, 0, 0, 0, 0, 0, 9]);
    day.outage[3] = 2;
    expect(findings(judged(day, zeroRunCheck))).toEqual({});
  });
});
