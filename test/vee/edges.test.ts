import { describe, expect, it } from 'vitest';
import type { ChannelDay } from '../../domain/vee/channel-day.ts';
import { dayFinding, ruleBit } from '../../domain/vee/findings.ts';
import { negativeCheck } from '../../domain/vee/rules/v07-negative.ts';
import { capacityCheck } from '../../domain/vee/rules/v08-capacity.ts';
import { spikeCheck } from '../../domain/vee/rules/v10-spike.ts';
import { zeroRunCheck } from '../../domain/vee/rules/v13-zero-run.ts';
import { flatLineCheck } from '../../domain/vee/rules/v14-flat-line.ts';
import { sumCheck } from '../../domain/vee/rules/v15-sum.ts';
import { useOutOfBounds } from '../../domain/vee/rules/v17-use.ts';
import { maximumOutOfBounds } from '../../domain/vee/rules/v18-maximum.ts';
import { outageCheck } from '../../domain/vee/rules/v22-outage.ts';
import { disconnectedCheck } from '../../domain/vee/rules/v23-disconnected.ts';
import { revalidate, validate } from '../../domain/vee/validate.ts';
import { ANNOTATION, RECORD_FLAG } from '../../events/index.ts';
import { __, dayFindings, dayOf, each, findings, type Given, judged, POLICY, START, sourcesOf } from './given.ts';

/** A day in which nothing is wrong. */
const QUIET = [100, 120, 90, 110, 130, 100, 95, 105];

describe('validate asks every rule', () => {
  const validated = (values: readonly number[], change: (day: ChannelDay) => void, given: Given = {}) => {
    const day = dayOf(values, given);
    change(day);
    validate(day, POLICY);
    return { found: findings(day), ...dayFindings(day), sources: sourcesOf(day) };
  };

  it('and finds nothing in a quiet day', () => {
    expect(validated(QUIET, () => {})).toEqual({ found: {}, errors: [], warnings: [], sources: Array(8).fill('measured') });
  });

  it.each([
    ['E V01', (day: ChannelDay) => day.annotations.fill(ANNOTATION.clockWrong, 3, 4)],
    ['E V02', (day: ChannelDay) => day.annotations.fill(ANNOTATION.misaligned, 3, 4)],
    ['E V20', (day: ChannelDay) => day.annotations.fill(ANNOTATION.assetMismatch, 3, 4)],
    ['E V21', (day: ChannelDay) => day.flags.fill(RECORD_FLAG.reset, 3, 4)],
    ['E V05', (day: ChannelDay) => day.conflicts.fill(1, 3, 4)],
    ['E V07', (day: ChannelDay) => day.counts.fill(0xfff0, 3, 4)],
    ['E V08', (day: ChannelDay) => day.counts.fill(5501, 3, 4)],
    ['E V10', (day: ChannelDay) => day.counts.fill(600, 3, 4)],
    ['W V11', (day: ChannelDay) => day.counts.fill(300, 3, 4)],
    ['W V12', (day: ChannelDay) => day.counts.fill(1500, 3, 4)],
    ['E V16', (day: ChannelDay) => day.registers.set([50_000, 49_000], 2)],
  ] as const)('%s of a slot', (finding, change) => {
    const { found, sources } = validated(QUIET, change);
    expect(found[3]).toContain(finding);
    expect(sources[3]).toBe(finding.startsWith('E') ? 'held' : found[3]!.includes('E ') ? 'held' : 'measured');
  });

  it('V03 and V04 of a slot that is missing, V06 of one in the future, V22 of a zero under an outage', () => {
    const missing = validated(QUIET.with(3, __), () => {});
    expect([missing.errors, missing.found]).toEqual([['V03'], { 3: 'E V04' }]);
    const future = validated(QUIET, (day) => Object.assign(day, { asOf: START + 7 * 900 - 600 }));
    expect(future.found).toEqual({ 7: 'E V06' });
    const out = validated(QUIET.with(3, 0), (day) => day.outage.fill(1, 3, 4));
    expect(out.found[3]).toContain('W V22');
  });

  it('V13 of zeros, V14 of the same value, V15 of a sum, V23 of use while disconnected', () => {
    expect(validated([9, 0, 0, 0, 0, 0, 9], () => {}).found[3]).toBe('W V13');
    expect(validated(Array(8).fill(50), () => {}).found[3]).toBe('W V14');
    expect(validated(QUIET, () => {}, { registers: { 7: 1 } }).found[3]).toBe('E V15');
    const disconnected = validated(QUIET, (day) => Object.assign(day, { disconnected: [{ from: 2, until: 5 }] }));
    expect(disconnected.warnings).toEqual(['V23']);
  });

  it('anew: what was found before is gone, but for intervals that no slot took', () => {
    const left = validated(QUIET, (day) => {
      day.errors.fill(ruleBit('V20'));
      day.warnings.fill(ruleBit('V14'));
      day.dayErrors = dayFinding(ruleBit('V02'), 'V03');
      day.dayWarnings = ruleBit('V23');
    });
    expect(left).toEqual({ found: {}, errors: ['V02'], warnings: [], sources: Array(8).fill('measured') });
  });
});

describe('revalidate asks again', () => {
  it('for the spike that an estimate took away, and for one that it brought', () => {
    const day = dayOf(QUIET.with(3, 900));
    validate(day, POLICY);
    expect([findings(day)[3], sourcesOf(day)[3]]).toEqual(['E V10, W V11', 'held']);
    day.counts[3] = 100;
    day.counts[5] = 900;
    revalidate(day, POLICY);
    expect([findings(day), sourcesOf(day)[3], sourcesOf(day)[5]]).toEqual([{ 3: 'W V11', 5: 'E V10' }, 'measured', 'held']);
    day.counts[5] = 499;
    revalidate(day, POLICY);
    expect(findings(day)).toEqual({ 3: 'W V11', 5: 'W V10' });
    day.counts[5] = 100;
    revalidate(day, POLICY);
    expect(findings(day)).toEqual({ 3: 'W V11' });
  });

  it('for the sum, with what is missing now', () => {
    const day = dayOf([100, __, 100], { registers: { 2: 300 } });
    validate(day, POLICY);
    expect([...day.proven.subarray(0, 3)]).toEqual([0, 0, 0]);
    day.counts[1] = 100;
    revalidate(day, POLICY);
    expect([...day.proven.subarray(0, 3)]).toEqual([1, 1, 1]);
    expect(day.bracket).toBe(300);
  });
});

describe('edges of rules about a value', () => {
  it('V07, V08: up to the fuse nothing is wrong, above it the top bit of 16 or of 32 bits decides', () => {
    const values = [5500, 5501, 0x7fff, 0x8000, 0xffff, 0x1_0000, 0x7fff_ffff, 0x8000_0000, 0xffff_fffe];
    const day = judged(dayOf(values), negativeCheck);
    capacityCheck(day);
    expect(Object.values(findings(day))).toEqual(['V08', 'V08', 'V07', 'V07', 'V08', 'V08', 'V07', 'V07'].map((rule) => `E ${rule}`));
    expect(findings(day)[0]).toBeUndefined();
  });

  it.each([
    ['in a day of three values', [1, 600, 2], {}, { 1: 'E V10' }],
    ['in a day of two', [1, 600], {}, {}],
    ['from 500 Wh, in whatever counts', [1, 2, 50, 2], { whPerCount: 10 }, { 2: 'E V10' }],
    ['below 500 Wh, in whatever counts', [1, 2, 49, 2], { whPerCount: 10 }, { 2: 'W V10' }],
    ['the first of two that are as large', [__, 1, 900, 2, 900], {}, { 2: 'E V10' }],
    ['at the very end', [1, 2, 3, 900], {}, { 3: 'E V10' }],
    ['at the very beginning', [900, 1, 2, 3], {}, { 0: 'E V10' }],
  ])('V10: a spike %s', (_, values, given, expected) => {
    expect(findings(judged(dayOf(values, given), spikeCheck))).toEqual(expected);
  });

  it('V14: eight in a row are a flat line wherever they begin, and seven nowhere', () => {
    const around = (length: number, from: number) => Array.from({ length: 24 }, (_, i) => (i >= from && i < from + length ? 50 : 100 + i));
    for (let from = 0; from <= 16; from++) {
      expect(findings(judged(dayOf(around(8, from)), flatLineCheck))).toEqual(each(from, from + 8, 'W V14'));
      expect(findings(judged(dayOf(around(7, from)), flatLineCheck))).toEqual({});
    }
    expect(findings(judged(dayOf(Array(8).fill(3)), flatLineCheck))).toEqual(each(0, 8, 'W V14'));
  });
});

describe('V13: what registers inside a run of zeros say', () => {
  const run = (registers: Record<number, number>, given: Given = {}) =>
    findings(judged(dayOf([9, 0, 0, 0, 0, 0, 0, 9], { registers, ...given }), zeroRunCheck))[4];

  it.each([
    ['no register', {}, 'W V13'],
    ['one at its beginning', { 0: 9 }, 'W V13'],
    ['one in its middle', { 3: 9 }, 'W V13'],
    ['one at its end', { 6: 9 }, 'W V13'],
    ['two that are the same', { 2: 9, 4: 9 }, 'W V13'],
    ['two inside that are not', { 2: 9, 4: 10 }, 'E V13'],
    ['one before and one inside that are not', { 0: 9, 1: 10 }, 'E V13'],
    ['the last two of three', { 2: 9, 3: 9, 6: 10 }, 'E V13'],
    ['a move before and behind it alone', { 0: 9, 6: 9, 7: 90 }, 'W V13'],
  ])('%s', (_, registers, expected) => {
    expect(run(registers, { registerBefore: -1 })).toBe(expected);
  });

  it('a run at the very start of the day begins at the register before it', () => {
    const zeros = (registers: Record<number, number>, registerBefore: number) =>
      findings(judged(dayOf([0, 0, 0, 0, 0, 7], { registers, registerBefore }), zeroRunCheck))[0];
    expect([zeros({ 4: 10 }, 9), zeros({ 4: 9 }, 9), zeros({ 4: 10 }, -1)]).toEqual(['E V13', 'W V13', 'W V13']);
  });

  it('two runs are two runs, each as long as it is', () => {
    const day = dayOf([0, 0, 0, 0, 5, 0, 0, 0, 0, 0, 5, 0, 0, 0, 0]);
    expect(findings(judged(day, zeroRunCheck))).toEqual(each(5, 10, 'W V13'));
  });

  it('a run that is proven in part is told in all of it', () => {
    const day = dayOf([9, 0, 0, 0, 0, 0, 9]);
    day.proven.fill(1, 1, 5);
    expect(findings(judged(day, zeroRunCheck))).toEqual(each(1, 6, 'W V13'));
    day.warnings.fill(0);
    day.proven[5] = 1;
    expect(findings(judged(day, zeroRunCheck))).toEqual({});
  });
});

describe('V15: the register of the whole day', () => {
  const bracket = (values: readonly number[], given: Given, change: (day: ChannelDay) => void = () => {}) => {
    const day = dayOf(values, given);
    change(day);
    return judged(day, sumCheck).bracket;
  };

  it('is known by its two ends, whatever lies between', () => {
    expect(bracket([5, __, 7], { registers: { 2: 40 } })).toBe(40);
    expect(bracket([0, 0], { registers: { 1: 0 } })).toBe(0);
    expect(bracket([5, 6], { registers: { 0: 5 } })).toBe(-1);
    expect(bracket([5, 6], { registers: { 1: 11 }, registerBefore: -1 })).toBe(-1);
    expect(bracket([5, 6], { registers: 'all' }, (day) => day.newRegister.fill(1, 1, 2))).toBe(-1);
  });

  it('over a rollover is the sum of its spans, and unknown where one ran backwards', () => {
    expect(bracket([5, __, 7], { registers: { 0: 99_998, 2: 10 }, registerBefore: 99_993, dials: 5 })).toBe(17);
    expect(bracket([5, 5, 5], { registers: { 0: 5, 1: 3, 2: 8 }, registerBefore: 0, dials: 5 })).toBe(-1);
  });

  it('with larger units, the larger of one unit and a thousandth is allowed, either way', () => {
    const proven = (moved: number, registerStep: number) => {
      const day = dayOf([50_000, 50_000], { registers: { 1: moved }, capacity: 1e6 });
      day.registerStep = registerStep;
      return [...judged(day, sumCheck).proven.subarray(0, 2)];
    };
    expect([99_901, 100_100, 99_900, 100_101].map((moved) => proven(moved, 10)[0])).toEqual([1, 1, 0, 0]);
    expect([99_800, 100_200, 99_799, 100_201].map((moved) => proven(moved, 200)[1])).toEqual([1, 1, 0, 0]);
  });

  it('with larger units, slots that exceed the difference by no more than one unit are no error while one is missing', () => {
    const found = (moved: number) => {
      const day = dayOf([50, __], { registers: { 1: moved } });
      day.registerStep = 10;
      return findings(judged(day, sumCheck));
    };
    expect([found(40), found(39)]).toEqual([{}, each(0, 2, 'E V15')]);
  });
});

describe('edges of rules about supply and use', () => {
  it('V22: the flag of a record makes no less of an outage that covers its slot', () => {
    const day = dayOf([0, 0]);
    day.flags.fill(RECORD_FLAG.outage);
    day.outage[0] = 2;
    judged(day, outageCheck);
    expect([...day.outage.subarray(0, 2)]).toEqual([2, 1]);
  });

  it('V22: an event without any flag is noted as well', () => {
    const day = dayOf([0, 5]);
    day.outage.fill(1);
    expect(findings(judged(day, outageCheck))).toEqual({ 0: 'W V22' });
  });

  it('V23: sums over what lies in the day of every time it was off, in energy', () => {
    const warned = (counts: number, whPerCount: number) => {
      const day = dayOf([counts, 9, counts], { whPerCount });
      day.disconnected = [
        { from: -5, until: 1 },
        { from: 2, until: 99 },
      ];
      return dayFindings(judged(day, disconnectedCheck)).warnings;
    };
    expect([warned(50, 1), warned(51, 1), warned(5, 10), warned(6, 10)]).toEqual([[], ['V23'], [], ['V23']]);
  });

  it('V17, V18: nothing at all a year ago is something to compare with', () => {
    const period = { averageDailyWh: 1, lastYearAverageDailyWh: 0, previousAverageDailyWh: 1, maximumWh: 1, previousMaximumWh: 0 };
    expect([useOutOfBounds(period, POLICY), maximumOutOfBounds(period, POLICY)]).toEqual([true, true]);
    expect(useOutOfBounds({ ...period, averageDailyWh: 0 }, POLICY)).toBe(false);
    expect(useOutOfBounds({ ...period, lastYearAverageDailyWh: -1, previousAverageDailyWh: 0 }, POLICY)).toBe(true);
    expect(maximumOutOfBounds({ ...period, maximumWh: 0 }, POLICY)).toBe(false);
  });
});
