import { describe, expect, it } from 'vitest';
import { markOutage } from '../../domain/vee/place.ts';
import { clockCheck } from '../../domain/vee/rules/v01-clock.ts';
import { alignmentCheck } from '../../domain/vee/rules/v02-alignment.ts';
import { countCheck } from '../../domain/vee/rules/v03-count.ts';
import { gapCheck } from '../../domain/vee/rules/v04-gap.ts';
import { overlapCheck } from '../../domain/vee/rules/v05-overlap.ts';
import { futureCheck, outsideItsTime } from '../../domain/vee/rules/v06-future.ts';
import { negativeCheck } from '../../domain/vee/rules/v07-negative.ts';
import { capacityCheck } from '../../domain/vee/rules/v08-capacity.ts';
import { stepCheck } from '../../domain/vee/rules/v12-step.ts';
import { flatLineCheck } from '../../domain/vee/rules/v14-flat-line.ts';
import { identityCheck } from '../../domain/vee/rules/v20-identity.ts';
import { deviceFlagCheck } from '../../domain/vee/rules/v21-device-flags.ts';
import { outageCheck } from '../../domain/vee/rules/v22-outage.ts';
import { disconnectedCheck } from '../../domain/vee/rules/v23-disconnected.ts';
import { ANNOTATION, RECORD_FLAG } from '../../events/index.ts';
import { __, dayFindings, dayOf, each, findings, judged, POLICY, START } from './given.ts';

const QUARTER = 900;

describe('rules about what ingest noticed', () => {
  it.each([
    ['V01 fast by minutes', clockCheck, ANNOTATION.clockFast, 'W V01'],
    ['V01 doubtful by its own word', clockCheck, ANNOTATION.clockDoubtful, 'W V01'],
    ['V01 fast by more than an interval', clockCheck, ANNOTATION.clockWrong | ANNOTATION.clockFast, 'E V01'],
    ['V02 off its grid', alignmentCheck, ANNOTATION.misaligned, 'E V02'],
    ['V20 other than the asset record', identityCheck, ANNOTATION.assetMismatch, 'E V20'],
  ])('%s is a finding of the slots it came with, and of no other', (_, rule, bit, finding) => {
    const day = dayOf([1, 1, 1]);
    day.annotations[1] = bit;
    expect(findings(judged(day, rule))).toEqual({ 1: finding });
    expect(findings(judged(dayOf([1, 1, 1]), rule))).toEqual({});
  });

  it.each([RECORD_FLAG.reset, RECORD_FLAG.memoryError, RECORD_FLAG.testMode])('V21: device flag %i is an error of its slot', (flag) => {
    const day = dayOf([1, 1, 1]);
    day.flags[2] = flag | RECORD_FLAG.resent;
    expect(findings(judged(day, deviceFlagCheck))).toEqual({ 2: 'E V21' });
  });

  it('V21: flags that speak of no fault are none', () => {
    const day = dayOf([1, 1]);
    day.flags[0] = RECORD_FLAG.resent | RECORD_FLAG.clockDoubtful;
    expect(findings(judged(day, deviceFlagCheck))).toEqual({});
  });
});

describe('rules about which slots there are', () => {
  it('V03: a slot less than the day has is an error of the day', () => {
    expect(dayFindings(judged(dayOf([1, __, 1]), countCheck)).errors).toEqual(['V03']);
    expect(dayFindings(judged(dayOf([1, 0, 1]), countCheck)).errors).toEqual([]);
  });

  it('V04: only what is absent between two present is a gap', () => {
    expect(findings(judged(dayOf([__, 1, __, __, 1, __, 1, __]), gapCheck))).toEqual({ ...each(2, 4, 'E V04'), 5: 'E V04' });
    expect(findings(judged(dayOf([__, __]), gapCheck))).toEqual({});
  });

  it('V05: another authentic value of a slot is a conflict of that slot', () => {
    const day = dayOf([7, 8]);
    day.conflicts[1] = 1;
    expect(findings(judged(day, overlapCheck))).toEqual({ 1: 'E V05' });
    expect(findings(judged(dayOf([7, 8]), overlapCheck))).toEqual({});
  });

  it('V06: what ends more than ten minutes after the judgement is in the future', () => {
    const day = dayOf([1, 1, 1, __]);
    day.asOf = START + 2 * QUARTER - 600;
    expect(findings(judged(day, futureCheck))).toEqual({ 2: 'E V06' });
    day.asOf--;
    expect(findings(judged(day, futureCheck))).toEqual(each(1, 3, 'E V06'));
  });

  it.each([
    [600, false],
    [601, true],
    [-45 * 86_400, false],
    [-45 * 86_400 - 1, true],
  ])('V06: an end %i s from its arrival is outside its time: %s', (distance, outside) => {
    expect(outsideItsTime(START + distance, START, POLICY)).toBe(outside);
  });
});

describe('rules about a value', () => {
  it('V07: a small negative number in 16 or in 32 bits is negative energy, not too much of it', () => {
    const day = dayOf([0xfff0, 5500, 0xffff_fff0, __, 0x8000, 0x7fff]);
    judged(day, negativeCheck);
    capacityCheck(day);
    expect(findings(day)).toEqual({ 0: 'E V07', 2: 'E V07', 4: 'E V07', 5: 'E V08' });
  });

  it('V07: a meter whose fuse lets through that much has no negative value', () => {
    expect(findings(judged(dayOf([0xfff0, 0x1_0001], { capacity: 0x1_0000 }), negativeCheck))).toEqual({});
  });

  it('V08: above the fuse is an error, the fuse itself is not', () => {
    expect(findings(judged(dayOf([5500, 5501, 0, __]), capacityCheck))).toEqual({ 1: 'E V08' });
  });

  it.each([
    ['large as a share and as energy', [200, 1201], { 1: 'W V12' }],
    ['no more than 1 kWh', [200, 1200], {}],
    ['of exactly 1 kWh, in a wider day', [200, 1200, 0], {}],
    ['no more than 400 %', [300, 1500], {}],
    ['against the last valid slot', [200, __, __, 1201], { 3: 'W V12' }],
    ['from zero', [0, 1001], { 1: 'W V12' }],
    ['the first of a day', [5000, 4999], {}],
  ])('V12: a step, %s', (_, values, expected) => {
    expect(findings(judged(dayOf(values), stepCheck))).toEqual(expected);
  });

  it('V12 and V08 count energy, not counts', () => {
    expect(findings(judged(dayOf([20, 121], { whPerCount: 10 }), stepCheck))).toEqual({ 1: 'W V12' });
  });

  it.each([
    ['eight', [1, 5, 5, 5, 5, 5, 5, 5, 5, 1], each(1, 9, 'W V14')],
    ['seven', [1, 5, 5, 5, 5, 5, 5, 5, 1, 1], {}],
    ['to the end', [3, 2, 2, 2, 2, 2, 2, 2, 2, 2], each(1, 10, 'W V14')],
    ['of zeros', Array(20).fill(0), {}],
    ['of nothing', Array(20).fill(__), {}],
  ])('V14: a flat line, %s', (_, values, expected) => {
    expect(findings(judged(dayOf(values), flatLineCheck))).toEqual(expected);
  });
});

describe('rules about supply', () => {
  it('V22: a zero under an outage is noted, what was used beside it is not', () => {
    const day = dayOf([0, 0, 7, 0]);
    markOutage(day, START + 60, START + 3 * QUARTER);
    expect([...day.outage.subarray(0, 4)]).toEqual([1, 2, 2, 0]);
    expect(findings(judged(day, outageCheck))).toEqual(each(0, 2, 'W V22'));
  });

  it('V22: the outage flag of a record counts like an event that touches its slot', () => {
    const day = dayOf([0, 0]);
    day.flags[1] = RECORD_FLAG.outage;
    expect(findings(judged(day, outageCheck))).toEqual({ 1: 'W V22' });
    expect(day.outage[1]).toBe(1);
  });

  it.each([
    [100, []],
    [101, ['V23']],
  ])('V23: %i Wh while disconnected', (energyWh, warnings) => {
    const day = dayOf([500, energyWh, __, 500]);
    day.disconnected = [{ from: 1, until: 3 }];
    expect(dayFindings(judged(day, disconnectedCheck)).warnings).toEqual(warnings);
  });
});
