import { describe, expect, it } from 'vitest';
import { estimateBy } from '../../domain/vee/estimate.ts';
import { type ChosenMethod, METHODS } from '../../domain/vee/ladder.ts';
import { validate } from '../../domain/vee/validate.ts';
import { SLOT_SOURCES } from '../../events/index.ts';
import { __, countsOf, dayOf, historyOf, likeDayOf, POLICY, sourcesOf } from './given.ts';

const HOURLY = { minutes: 60 };

describe('a method that a person chose', () => {
  const history = historyOf({
    checkMeter: likeDayOf(0, [1, 2, 3, 4]),
    days: [7, 14, 21].map((back) =>
      likeDayOf(
        back,
        [1, 5, 5, 1].map((x) => x * back),
      ),
    ),
    lastYear: likeDayOf(364, [6, 7, 8, 9]),
    classProfile: { name: 'home', weights: Float64Array.of(1, 1, 1, 3) },
    averageDaily: 2400,
    coarser: { slots: 2, counts: Uint32Array.of(30, 50) },
  });

  it.each([
    ['E1', [100, 2, 3, 400]],
    ['E2', [100, 200, 300, 400]],
    ['E3', [100, 70, 70, 400]],
    ['E4', [100, 35, 35, 400]],
    ['E5', [100, 7, 8, 400]],
    ['E7', [100, 400, 400, 400]],
    ['E8', [100, 100, 100, 400]],
    ['E9', [100, 120, 310, 400]],
    ['E10', [100, 0, 0, 400]],
  ] as const)('%s is that method', (method, counts) => {
    const day = dayOf([100, 120, 310, 400], HOURLY);
    validate(day, POLICY);
    const { estimated: count } = estimateBy(method, [1, 2, 4, 99], day, history, POLICY);
    expect(countsOf(day)).toEqual(counts);
    expect([count, sourcesOf(day)[1]]).toEqual(method === 'E9' ? [0, 'measured'] : [2, method]);
  });

  it('E9 takes whole readings', () => {
    const day = dayOf([100, 120, 310, 400], HOURLY);
    validate(day, POLICY);
    estimateBy('E9', [2, 3], day, history, POLICY);
    expect([countsOf(day), sourcesOf(day)]).toEqual([
      [100, 120, 25, 25],
      ['measured', 'measured', 'E9', 'E9'],
    ]);
  });

  it('leaves what it does not fill as it was, held or estimated before', () => {
    const day = dayOf([100, 0xfff0, 300, __], HOURLY);
    validate(day, POLICY);
    day.sources[3] = SLOT_SOURCES.indexOf('E4');
    const before = sourcesOf(day);
    expect(before).toEqual(['measured', 'held', 'measured', 'E4']);
    const { estimated: count, inputs } = estimateBy('E5', [1, 3], day, historyOf(), POLICY);
    expect([count, inputs, sourcesOf(day)]).toEqual([0, '', before]);
  });

  it('zero goes to what an outage covers, whatever method', () => {
    const day = dayOf([100, 120, 310, 400], HOURLY);
    day.outage[1] = 2;
    validate(day, POLICY);
    expect(estimateBy('E5', [1, 2], day, history, POLICY).estimated).toBe(2);
    expect([countsOf(day), sourcesOf(day), day.confidence[1]]).toEqual([[100, 0, 8, 400], ['measured', 'E0', 'E5', 'measured'], 95]);
  });

  it('draws no line to a value that is to be replaced itself, behind a register', () => {
    const day = dayOf([100, 120, 310, 400], { ...HOURLY, registers: { 1: 1000 }, registerBefore: -1 });
    validate(day, POLICY);
    expect(estimateBy('E2', [1, 2], day, historyOf(), POLICY).estimated).toBe(0);
    expect([countsOf(day), sourcesOf(day)]).toEqual([[100, 120, 310, 400], Array(4).fill('measured')]);
    expect(estimateBy('E2', [1], day, historyOf(), POLICY).estimated).toBe(1);
    expect(countsOf(day)).toEqual([100, 205, 310, 400]);
  });

  it.each(['E1', 'E2', 'E3', 'E4', 'E5', 'E8', 'E9', 'E10'] as const)(
    '%s that knows of no use spreads evenly what registers leave, over its slots and no other',
    (method) => {
      const none = Array(6).fill(0);
      const unused = historyOf({
        checkMeter: likeDayOf(0, none),
        days: [7, 14, 21].map((back) => likeDayOf(back, none)),
        lastYear: likeDayOf(364, none),
        averageDaily: 0,
        coarser: { slots: 2, counts: Uint32Array.of(0, 0, 0) },
      });
      const day = dayOf([0, 0, 7, 9, 0, 0], { ...HOURLY, registers: { 1: 0, 5: 60 } });
      validate(day, POLICY);
      estimateBy(method, [2, 3], day, unused, POLICY);
      expect([countsOf(day), sourcesOf(day)[2]]).toEqual([[0, 0, 30, 30, 0, 0], `${method}*`]);
    },
  );

  it('gives a slot all that registers leave, where another that nobody asked for is missing', () => {
    const day = dayOf([100, 120, __, 200], { ...HOURLY, registers: { 0: 100, 3: 700 } });
    validate(day, POLICY);
    estimateBy('E8', [1], day, history, POLICY);
    expect([countsOf(day), sourcesOf(day)[1]]).toEqual([[100, 400, __, 200], 'E8*']);
  });

  it('scales no gap of a span in which it does not apply to another, and that is an exception', () => {
    const day = dayOf([100, 120, 310, 120, 300, 250], { ...HOURLY, registers: { 5: 1500 } });
    validate(day, POLICY);
    expect(estimateBy('E2', [1, 5], day, historyOf(), POLICY)).toMatchObject({ estimated: 1, exceptions: 1, inputs: 'E2 100 to 310' });
    expect([countsOf(day), sourcesOf(day)[1], sourcesOf(day)[5]]).toEqual([[100, 205, 310, 120, 300, 250], 'E2', 'held']);
  });

  it('is one of those that have a name', () => {
    const names: ChosenMethod[] = ['E1', 'E2', 'E3', 'E4', 'E5', 'E7', 'E8', 'E9', 'E10'];
    expect(Object.keys(METHODS)).toEqual(names);
  });
});
