import { describe, expect, it } from 'vitest';
import { VEE_POLICIES } from '../../domain/vee/policy.ts';
import { prolongedEstimation } from '../../domain/vee/rules/v24-prolonged.ts';
import { siblingsDiffer } from '../../domain/vee/rules/v25-siblings.ts';
import { isSilent } from '../../domain/vee/rules/v26-silence.ts';
import { needsReview } from '../../domain/vee/rules/v27-restatement.ts';
import { revalidate, validate } from '../../domain/vee/validate.ts';
import { dayFindings, dayOf, POLICY } from './given.ts';

describe('rules that judge more than a day', () => {
  it.each([
    [0, 'none'],
    [5, 'none'],
    [6, 'event'],
    [14, 'event'],
    [15, 'alarm'],
  ])('V24: %i days of estimates in a row: %s', (days, told) => {
    expect(prolongedEstimation(days, POLICY)).toBe(told);
  });

  it.each([
    [[96, 96], false],
    [[96, 95], true],
    [[95, 95], true],
    [[0, 0], false],
    [[96], false],
  ])('V25: channels that delivered %j of 96 differ: %s', (delivered, differ) => {
    expect(siblingsDiffer(delivered, 96)).toBe(differ);
  });

  it.each([
    [35.9, 95, false],
    [36, 100, true],
    [0, 94, true],
    [0, 95, false],
  ])('V26: silent for %f h, with %i of 100 slots: %s', (hoursSilent, delivered, silent) => {
    expect(isSilent({ hoursSilent, delivered, expected: 100 }, POLICY)).toBe(silent);
  });

  it.each([
    [20_000, 21_000, true, false],
    [20_000, 21_001, true, true],
    [20_000, 18_999, true, true],
    [5000, 5500, true, false],
    [5000, 5501, true, true],
    [20_000, 40_000, false, false],
    [0, 1, true, true],
    [0, 0, true, false],
  ])('V27: %i Wh become %i, billed %s: needs a person %s', (before, after, billed, review) => {
    expect(needsReview(before, after, billed, POLICY)).toBe(review);
  });

  it.each([
    ['half of last year', 49, 100, 500, ['V17']],
    ['at the lower bound', 50, 100, 10, []],
    ['at the upper bound', 200, 100, 10, []],
    ['more than twice last year', 201, 100, 201, ['V17']],
    ['no last year: the period before', 201, -1, 100, ['V17']],
    ['nothing to compare with', 201, -1, -1, []],
  ])('V17: %s', (_, averageDailyWh, lastYearAverageDailyWh, previousAverageDailyWh, warnings) => {
    const day = dayOf([1, 1]);
    revalidate(day, POLICY, { averageDailyWh, lastYearAverageDailyWh, previousAverageDailyWh, maximumWh: 1, previousMaximumWh: -1 });
    expect(dayFindings(day).warnings).toEqual(warnings);
  });

  it.each([
    [200, 100, []],
    [201, 100, ['V18']],
    [201, -1, []],
  ])('V18: a maximum of %i against %i', (maximumWh, previousMaximumWh, warnings) => {
    const day = dayOf([1, 1]);
    const period = { averageDailyWh: 1, lastYearAverageDailyWh: -1, previousAverageDailyWh: -1, maximumWh, previousMaximumWh };
    revalidate(day, POLICY, period);
    expect(dayFindings(day).warnings).toEqual(warnings);
    revalidate(day, POLICY);
    expect(dayFindings(day).warnings).toEqual([]);
  });

  it('policies are told apart by name and number, and larger connections keep the shares', () => {
    const all = Object.entries(VEE_POLICIES);
    expect(all.map(([key, { name, meterClass, number }]) => [key, name === `${meterClass}/${number}`, meterClass])).toEqual([
      ['residential', true, 'residential'],
      ['commercial', true, 'commercial'],
      ['grid', true, 'grid'],
    ]);
    const spike = dayOf([100, 100, 100, 900]);
    validate(spike, VEE_POLICIES.commercial);
    expect(spike.errors[3]).toBe(0);
    validate(spike, VEE_POLICIES.residential);
    expect(spike.errors[3]).not.toBe(0);
  });
});
