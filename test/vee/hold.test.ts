import { describe, expect, it } from 'vitest';
import { ruleBit } from '../../domain/vee/findings.ts';
import { awaitsEstimate, hold, inDispute, isSound } from '../../domain/vee/hold.ts';
import { revalidate, validate } from '../../domain/vee/validate.ts';
import { ANNOTATION, RECORD_FLAG, VEE_RULES } from '../../events/index.ts';
import { __, countsOf, dayOf, each, findings, POLICY, sourceByte, sourcesOf } from './given.ts';

describe('what billing may not count on', () => {
  const state = (rule: (typeof VEE_RULES)[number], proven: boolean) => {
    const day = dayOf([1, 2]);
    day.errors[0] = ruleBit(rule);
    day.proven[0] = proven ? 1 : 0;
    const held = hold(day);
    return { held, source: sourcesOf(day)[0], estimate: awaitsEstimate(day, 0), next: sourcesOf(day)[1] };
  };

  it.each(VEE_RULES)('an unproven error of %s holds its slot and no other', (rule) => {
    expect(state(rule, false)).toMatchObject({ held: 1, source: 'held', next: 'measured' });
  });

  it('a proven error does not, unless it is about the meter, its clock or its register', () => {
    expect(VEE_RULES.filter((rule) => state(rule, true).source === 'held')).toEqual(['V01', 'V06', 'V07', 'V08', 'V16', 'V20', 'V21']);
  });

  it('no proven reading awaits an estimate, and of the others not what is wrong with a span or with its time', () => {
    expect(VEE_RULES.filter((rule) => state(rule, true).estimate)).toEqual([]);
    expect(VEE_RULES.filter((rule) => !state(rule, false).estimate)).toEqual(['V06', 'V15', 'V16']);
  });

  it('a value is sound that is measured, or held only for what its span, its register or its time is', () => {
    const day = dayOf([1, 2, 3, __]);
    day.sources[1] = sourceByte('E3');
    day.sources[2] = sourceByte('held');
    expect([0, 1, 2, 3].map((slot) => isSound(day, slot))).toEqual([true, false, true, false]);
    const soundWhenHeldFor = (rule: (typeof VEE_RULES)[number]) => {
      day.errors.fill(ruleBit(rule));
      return [0, 1, 2, 3].map((slot) => isSound(day, slot));
    };
    for (const rule of VEE_RULES)
      expect([rule, ...soundWhenHeldFor(rule)]).toEqual([rule, true, false, ['V06', 'V15', 'V16'].includes(rule), false]);
  });

  it('warnings hold nothing', () => {
    const day = dayOf([100, 100, 100, 100, 100, 100, 100, 100]);
    validate(day, POLICY);
    expect([findings(day)[0], new Set(sourcesOf(day))]).toEqual(['W V14', new Set(['measured'])]);
  });

  it('missing slots are missing, not held; estimates and agreed values are left alone', () => {
    const day = dayOf([__, 5, 5]);
    day.sources[1] = sourceByte('E3') | 0x80;
    day.sources[2] = sourceByte('E11');
    day.errors.fill(ruleBit('V10'));
    expect([hold(day), sourcesOf(day)]).toEqual([0, ['missing', 'E3*', 'E11']]);
    expect([awaitsEstimate(day, 0), awaitsEstimate(day, 1), awaitsEstimate(day, 2)]).toEqual([true, false, false]);
  });

  it('an estimate in a span that does not add up is in dispute as much as the readings around it', () => {
    const day = dayOf([600, 5, 600], { registers: { 2: 100 } });
    day.sources[1] = sourceByte('E2');
    revalidate(day, POLICY);
    expect(sourcesOf(day)).toEqual(['held', 'E2', 'held']);
    expect(Array.from(day.errors.subarray(0, 3), inDispute)).toEqual([true, true, true]);
    expect(VEE_RULES.filter((rule) => inDispute(ruleBit(rule)))).toEqual(['V15', 'V16']);
  });
});

describe('validate', () => {
  it('changes no value, and finds the same a second time', () => {
    const day = dayOf([100, 0xfff0, 300, __, 900, 0, 0, 0, 0, 0, 7], { registers: 'end' });
    day.annotations[2] = ANNOTATION.assetMismatch;
    const before = countsOf(day);
    validate(day, POLICY);
    const first = structuredClone(day);
    expect(Object.keys(findings(day)).length).toBeGreaterThan(3);
    validate(day, POLICY);
    expect(day).toEqual(first);
    expect(countsOf(day)).toEqual(before);
  });

  it('zeros under an outage flag of their records are noted as such, and are no zero run', () => {
    const day = dayOf([9, 0, 0, 0, 0, 0, 0, 9, 9]);
    day.flags.fill(RECORD_FLAG.outage, 1, 7);
    validate(day, POLICY);
    expect(findings(day)).toEqual(each(1, 7, 'W V22'));
  });

  it('bits are those of the recorded list, dense and in order', () => {
    expect(VEE_RULES.map((rule) => Math.log2(ruleBit(rule)))).toEqual(VEE_RULES.map((_, i) => i));
    expect(VEE_RULES).not.toContain('V09');
    expect(VEE_RULES).not.toContain('V19');
  });
});
