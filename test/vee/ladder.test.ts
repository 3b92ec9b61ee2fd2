import { describe, expect, it } from 'vitest';
import { confidenceOf } from '../../domain/vee/confidence.ts';
import { estimate } from '../../domain/vee/estimate.ts';
import { type History, noHistory } from '../../domain/vee/history.ts';
import { scaleToTotal } from '../../domain/vee/methods/es-scaling.ts';
import { outageAt, validAt } from '../../domain/vee/methods/gap.ts';
import { revalidate, validate } from '../../domain/vee/validate.ts';
import { __, countsOf, dayOf, findings, type Given, historyOf, likeDayOf, POLICY, sourceByte, sourcesOf } from './given.ts';

const HOURLY = { minutes: 60 };
const FLAT = [50, 50, 50, 50, 50, 50];
const LONG_GAP = [100, __, __, __, __, 600];

function estimated(values: readonly number[], history: Partial<History>, given: Given = HOURLY) {
  const day = dayOf(values, given);
  validate(day, POLICY);
  const result = estimate(day, historyOf(history), POLICY);
  return { ...result, day, counts: countsOf(day), sources: sourcesOf(day) };
}

describe('edges of the ladder', () => {
  it('E2: not with an outage at either end, and with one elsewhere', () => {
    const source = (outage: number) => {
      const day = dayOf([100, 100, __, 400, 400], HOURLY);
      day.outage[outage] = 1;
      estimate(day, historyOf(), POLICY);
      return sourcesOf(day)[2];
    };
    expect([0, 1, 2, 3, 4].map(source)).toEqual(['E2', 'E10', 'E2', 'E10', 'E2']);
  });

  it('E2: from readings that are held for what their span is, and rounded to whole counts', () => {
    const result = estimated([100, __, 101, 300], {}, { ...HOURLY, registers: { 3: 400 } });
    expect([result.counts[1], result.sources, result.exceptions]).toEqual([101, ['held', 'E2', 'held', 'held'], 1]);
  });

  it('E2: not from a reading that is held for itself though registers prove it, nor from an estimate', () => {
    const proven = estimated([100, 6000, __, 300], {}, { ...HOURLY, registers: { 0: 100, 1: 6100 } });
    expect(proven.sources).toEqual(['measured', 'held', 'E10', 'measured']);
    const day = dayOf([100, __, 300], HOURLY);
    day.sources[0] = sourceByte('E4');
    estimate(day, historyOf(), POLICY);
    expect(sourcesOf(day)).toEqual(['E4', 'E10', 'measured']);
  });

  it('E3: days exactly six weeks back count, days behind do not, and averages are rounded', () => {
    const weeks = (...back: number[]) => back.map((daysBack, i) => likeDayOf(daysBack, [1, 10 + (i === 2 ? 2 : 0), 1, 1, 1, 1]));
    expect(estimated(LONG_GAP, { days: weeks(7, 14, 42) }).counts[1]).toBe(11);
    expect(estimated(LONG_GAP, { days: weeks(7, 14, 42) }).sources[1]).toBe('E3');
    for (const last of [-7, 0, 49]) expect(estimated(LONG_GAP, { days: weeks(7, 14, last) }).sources[1]).toBe('E4');
    const holidays = weeks(7, 14, 21).map((day) => ({ ...day, holiday: true }));
    expect(estimated(LONG_GAP, { days: holidays, holiday: true }).sources[1]).toBe('E3');
  });

  it.each([
    ['a Tuesday: else Thursday, five days back', 2, false, [1, 5], 5],
    ['a Tuesday: never Monday', 2, false, [1], undefined],
    ['a Thursday: else Tuesday', 4, false, [2], 2],
    ['a Thursday: else Wednesday of eight days back', 4, false, [8], 8],
    ['a Thursday: no Tuesday of nine days back', 4, false, [9], undefined],
    ['a Thursday: the newest of several', 4, false, [1, 2, 8], 1],
    ['a Thursday: never the day itself', 4, false, [0], undefined],
    ['a Friday: never Thursday', 5, false, [1], undefined],
    ['a Monday: never Tuesday of six days back', 1, false, [6], undefined],
    ['a holiday on Monday: the Sunday before', 1, true, [1], 1],
    ['a holiday on Sunday: the Sunday before', 7, true, [7], 7],
    ['a holiday on Monday: no Sunday of eight days back', 1, true, [8], undefined],
    ['a holiday: not its own weekday', 3, true, [7], undefined],
    ['any day: none that follows', 4, false, [-7, -1], undefined],
  ])('E4: %s', (_, weekday, holiday, daysBack, chosen) => {
    const days = daysBack.map((back) => ({
      ...likeDayOf(back, Array(6).fill(50 + back)),
      weekday: ((((weekday - back - 1) % 7) + 14) % 7) + 1,
    }));
    const { sources, counts, inputs } = estimated(LONG_GAP, { days, weekday, holiday });
    const found = days.find((day) => day.daysBack === chosen);
    expect([sources[1], counts[1], inputs]).toEqual(
      found === undefined ? ['E10', 0, 'E10 nothing known'] : ['E4', 50 + found.daysBack, `E4 ${found.date}`],
    );
  });

  it('E4: no day that lacks a slot of the gap or cannot be used, but one behind it', () => {
    const [hole, unusable, good] = [
      likeDayOf(1, FLAT.with(2, __)),
      likeDayOf(1, FLAT, { usable: false }),
      likeDayOf(2, [9, 8, 7, 6, 5, 4]),
    ];
    expect(estimated(LONG_GAP, { days: [hole, unusable, good] }).counts).toEqual([100, 8, 7, 6, 5, 600]);
  });

  it('E1, E5: not from a day that lacks a slot of the gap', () => {
    const other = likeDayOf(0, FLAT.with(4, __));
    expect(estimated(LONG_GAP, { checkMeter: other, lastYear: other }).sources[1]).toBe('E10');
    const unusable = likeDayOf(364, FLAT, { usable: false });
    expect(estimated(LONG_GAP, { checkMeter: unusable, lastYear: unusable }).sources[1]).toBe('E10');
    expect(estimated(LONG_GAP, { lastYear: likeDayOf(364, FLAT) }).inputs).toBe('E5 2025-01-16');
  });

  it('E7: its weights may be part of a longer day, and weights of nothing are no shape', () => {
    const weights = Float64Array.of(1, 2, 3, 4, 5, 6);
    const use = (more: object, averageDaily = 2100) =>
      estimated(LONG_GAP, { classProfile: { name: 'home', weights, ...more }, averageDaily });
    expect([use({}).counts.slice(1, 5), use({}).inputs]).toEqual([[200, 300, 400, 500], 'E7 home, 2100 a day']);
    expect(use({ wholeDay: 42 }).counts.slice(1, 5)).toEqual([100, 150, 200, 250]);
    expect(use({ weights: new Float64Array(6) })).toMatchObject({ inputs: 'E8 2100 a day' });
    expect(use({ wholeDay: 0 }).sources[1]).toBe('E8');
    expect(estimated(LONG_GAP, { classProfile: { name: 'home', weights } }).sources[1]).toBe('E10');
    expect(use({}, 0).counts.slice(1, 5)).toEqual([0, 0, 0, 0]);
  });

  it('E8: as much of a day as the interval is', () => {
    expect(estimated([__, __, __, __], { averageDaily: 9600 }, { minutes: 15 })).toMatchObject({
      counts: [100, 100, 100, 100],
      inputs: 'E8 9600 a day',
    });
    expect(estimated([__, __], { averageDaily: 0 }).sources).toEqual(['E8', 'E8']);
  });

  it('E9: needs whole readings, each of them there', () => {
    const coarser = { slots: 2, counts: Uint32Array.of(10, 31, __) };
    const source = (...values: number[]) => estimated(values, { coarser });
    expect(source(9, 9, __, __, 9, 9)).toMatchObject({ counts: [9, 9, 16, 15, 9, 9], inputs: 'E9 readings of 2 slots' });
    expect(source(__, __, __, __, 9, 9).counts).toEqual([5, 5, 16, 15, 9, 9]);
    expect([source(9, 9, 9, __, 9, 9), source(9, 9, __, 9, 9, 9)].map(({ sources }) => sources.includes('E9'))).toEqual([false, false]);
    expect(source(9, 9, 9, 9, __, __).sources[4]).toBe('E10');
    expect(estimated([9, 9, __, __], { coarser: { slots: 2, counts: Uint32Array.of(1) } }).sources[2]).toBe('E10');
  });

  it('EX: only the last gap, only where nothing came since, and never what was measured otherwise', () => {
    const days = [7, 14, 21].map((back) => likeDayOf(back, FLAT));
    const silent = { days, silent: true, after: Uint32Array.of(100) };
    expect(estimated([100, __, 100, 100, __, __], silent).sources).toEqual(['measured', 'E2', 'measured', 'measured', 'EX', 'EX']);
    expect(estimated([100, 100, 100, 100, 100, __], { ...silent, silent: false }).sources[5]).toBe('E2');
    expect(estimated([100, 100, 100, 100, 100, __], { ...silent, checkMeter: likeDayOf(0, FLAT) })).toMatchObject({
      inputs: 'E1 check meter',
    });
    const coarser = { slots: 2, counts: Uint32Array.of(1, 2, 30) };
    expect(estimated([100, 100, 100, 100, __, __], { ...silent, coarser }).sources[5]).toBe('E9');
    const registered = estimated([100, 100, 100, 100, 100, __], silent, { ...HOURLY, registers: { 4: 500, 5: 560 } });
    expect([registered.sources[5], registered.counts[5]]).toEqual(['E3*', 60]);
    expect(estimated([100, __], { silent: true }).inputs).toBe('EX E10 nothing known');
    const nothing = estimated([100, 100, 100, 100, 100, __], silent, { ...HOURLY, registers: { 4: 500, 5: 500 } });
    expect([nothing.sources[5], nothing.counts[5]]).toEqual(['E3*', 0]);
  });

  it('knows nothing of a meter on its first day', () => {
    expect(noHistory(3)).toEqual({
      days: [],
      weekday: 3,
      holiday: false,
      before: new Uint32Array(0),
      after: new Uint32Array(0),
      silent: false,
    });
  });
});

describe('what lies beside a gap', () => {
  const day = dayOf([5, __, 7], HOURLY);
  const gap = {
    day,
    history: historyOf({ before: Uint32Array.of(1, 2), after: Uint32Array.of(3, 4) }),
    policy: POLICY,
    from: 1,
    until: 2,
    total: -1,
  };

  it('is counted on from the day into what lies before and behind it', () => {
    expect([-3, -2, -1, 0, 1, 2, 3, 4, 5].map((slot) => validAt(gap, slot))).toEqual([__, 1, 2, 5, __, 7, 3, 4, __]);
  });

  it('has no outage outside of the day', () => {
    const out = dayOf([5, __, 7, 8], HOURLY);
    out.outage.set([1, 0, 0, 2]);
    expect([-1, 0, 1, 2, 3, 4].map((slot) => outageAt({ ...gap, day: out }, slot))).toEqual([false, true, false, false, true, false]);
  });
});

describe('with registers', () => {
  const registers = { 0: 100, 3: 1000 };

  it('of larger units, what exceeds them by less than one unit leaves nothing, and by a unit less than nothing', () => {
    const left = (moved: number) => {
      const day = dayOf([50, __], { ...HOURLY, registers: { 1: moved } });
      day.registerStep = 10;
      validate(day, POLICY);
      const { exceptions } = estimate(day, historyOf({ averageDaily: 2400 }), POLICY);
      return [exceptions, day.counts[1], sourcesOf(day)[1]];
    };
    expect([left(50), left(41), left(40)]).toEqual([
      [0, 0, 'E8*'],
      [0, 0, 'E8*'],
      [1, 100, 'E8'],
    ]);
  });

  it('over an exchange of the meter nothing is scaled, and that is no exception', () => {
    const day = dayOf([100, __, __, 400], { ...HOURLY, registers });
    day.newRegister[1] = 1;
    const { exceptions } = estimate(day, historyOf(), POLICY);
    expect([countsOf(day), sourcesOf(day)[1], exceptions]).toEqual([[100, 200, 300, 400], 'E2', 0]);
  });

  it('an unknown register before the gap leaves it unscaled, and that is no exception', () => {
    const result = estimated([100, __, 300], {}, { ...HOURLY, registers: { 2: 1000 }, registerBefore: -1 });
    expect([result.counts[1], result.sources[1], result.exceptions]).toEqual([200, 'E2', 0]);
  });

  it('several gaps in which the days used nothing share by their lengths', () => {
    const days = [7, 14, 21].map((back) => likeDayOf(back, Array(6).fill(0)));
    const { counts, sources } = estimated([0, __, 0, __, __, 0], { days }, { ...HOURLY, registers: { 0: 0, 5: 90 } });
    expect([counts, sources[1], sources[3]]).toEqual([[0, 30, 0, 30, 30, 0], 'E3*', 'E3*']);
  });

  it('several gaps whose lines are at zero share by their lengths, and each by the moments that were like it', () => {
    const days = [7, 14, 21].map((back) => likeDayOf(back, [0, 50, 0, 10, 90, 0]));
    const { counts, sources } = estimated([0, __, 0, __, __, 0], { days }, { ...HOURLY, registers: { 0: 0, 5: 300 } });
    expect([counts[1], counts[3]! + counts[4]!, sources[1], sources[3]]).toEqual([100, 200, 'E3*', 'E3*']);
    expect(counts[4]).toBeGreaterThan(1.5 * counts[3]!);
  });

  it('every gap that is filled is told of, with its method, and every slot of it is counted', () => {
    const { inputs, estimated: count } = estimated([100, __, 300, __, __, 450], {}, HOURLY);
    expect([inputs, count]).toEqual(['E2 100 to 300; E2 300 to 450', 3]);
  });

  it('what was weighed with weights that doubles cannot add up comes to the total all the same', () => {
    expect([...scaleToTotal(Float64Array.of(2 ** 53, 1, 1, 1), 2 ** 53, Number.POSITIVE_INFINITY)!]).toEqual([2 ** 53, 0, 0, 0]);
    expect([...scaleToTotal(Float64Array.of(2 ** 53, 1, 0), 2 ** 53, Number.POSITIVE_INFINITY)!]).toEqual([2 ** 53, 0, 0]);
  });
});

describe('what an estimate is worth', () => {
  const LENGTHS = [15, 30, 31, 60, 120, 121, 180, 360, 361, 720, 1440, 1441];
  const MEASURED_ERRORS = ['E2', 'E3', 'E4', 'E5', 'E7', 'E8', 'E9', 'EX'] as const;

  it('is less than all and more than a guess for every method whose error was measured, at every length', () => {
    for (const source of MEASURED_ERRORS) {
      for (const minutes of LENGTHS) {
        const [free, scaled] = [confidenceOf(source, false, minutes), confidenceOf(source, true, minutes)];
        expect([source, minutes, free >= 30, scaled <= 100, scaled >= free]).toEqual([source, minutes, true, true, true]);
      }
      expect(confidenceOf(source, true, 30)).toBe(100);
    }
  });

  it('changes at the lengths that were measured, and nowhere between', () => {
    const line = LENGTHS.map((minutes) => confidenceOf('E2', true, minutes));
    expect(line).toEqual([100, 100, 80, 80, 69, 64, 64, 56, 48, 48, 41, 41]);
  });

  it('is stated where nothing could be measured', () => {
    for (const scaled of [false, true]) {
      const stated = (['measured', 'E0', 'E1', 'E10', 'E11', 'missing', 'held'] as const).map((source) => confidenceOf(source, scaled, 60));
      expect(stated).toEqual([100, 95, 95, 5, 100, 0, 0]);
    }
  });

  it('stands beside scaled slots as that of the whole gap', () => {
    const { day } = estimated([100, __, __, 400], {}, { ...HOURLY, registers: { 0: 100, 3: 1000 } });
    expect([...day.confidence.subarray(0, 4)]).toEqual([0, 69, 69, 0]);
    revalidate(day, POLICY);
    expect(findings(day)).toEqual({ 1: 'E V04', 2: 'E V04' });
  });
});
