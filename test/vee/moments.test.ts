import { describe, expect, it } from 'vitest';
import type { History, LikeDay } from '../../domain/vee/history.ts';
import type { Gap } from '../../domain/vee/methods/gap.ts';
import { likeMoments } from '../../domain/vee/methods/like-moments.ts';
import { momentsLike, weightsAt } from '../../domain/vee/methods/moments.ts';
import { equalQuantiles, quantile, spreadOf } from '../../domain/vee/methods/quantiles.ts';
import { type Series, seriesAround } from '../../domain/vee/methods/series.ts';
import { __, dayOf, historyOf, likeDayOf, POLICY } from './given.ts';

/** No valid value in a series. */
const H = -1;
const round = (value: number) => Math.round(value * 1e9) / 1e9;

interface GapFacts {
  readonly values: readonly number[];
  readonly from: number;
  readonly until: number;
  readonly total: number;
  readonly minutes?: number;
  readonly history?: Partial<History>;
}

function gapOf({ values, from, until, total, minutes = 60, history = {} }: GapFacts): Gap {
  return { day: dayOf(values, { minutes }), history: historyOf(history), policy: POLICY, from, until, total };
}

function seriesOf(values: readonly number[], own: number, daysBack: readonly number[], mean = 100): Series {
  return { values: Float64Array.from(values), own, mean, dates: new Map(daysBack.map((back) => [back, `${back} back`])) };
}

describe('moments that a gap is compared with', () => {
  const OWN = [100, 110, H, H, 120, 130];
  const gap = gapOf({ values: OWN.map((value) => (value === H ? __ : value)), from: 2, until: 4, total: 500 });
  const BEFORE = [10, 20, 30, 40, 50, 60];
  // What the gap comes to on average, its two ends on average, and three tenths of the mean.
  const LOAD = 250 + (110 + 120) / 2 + 0.3 * 100;

  it('are stretches of another day at its time or up to an hour beside it, with what they differ by at both ends and in their sum', () => {
    const moments = momentsLike(gap, seriesOf([...BEFORE, ...OWN, ...Array(6).fill(H)], 6, [1]));
    const expected = [
      { at: 1, total: 50, left: 100 + 0.3 * 90 + 0.3 * 50, right: 80 + 0.3 * 80 + 0.3 * 70, sum: 450 / 2, weight: Math.exp(-1) },
      { at: 2, total: 70, left: 90 + 0.3 * 90 + 0.3 * 50, right: 70 + 0.3 * 70 + 0.3 * 30, sum: 430 / 2, weight: 1 },
      { at: 3, total: 90, left: 80 + 0.3 * 80 + 0.3 * 50, right: 60 + 0.3 * 30 + 0.3 * 20, sum: 410 / 2, weight: Math.exp(-1) },
    ];
    expect(
      moments.map(({ left, right, sum, ...rest }) => ({
        ...rest,
        left: round(left * LOAD),
        right: round(right * LOAD),
        sum: round(sum * LOAD),
      })),
    ).toEqual(
      expected.map((moment) => ({ ...moment, daysBack: 1, left: round(moment.left), right: round(moment.right), sum: round(moment.sum) })),
    );
  });

  it('count three times on the same weekday, before or behind, and the day itself is none', () => {
    const weightsOf = (daysBack: readonly number[], own: number, days: number) =>
      momentsLike(gap, seriesOf(Array(days).fill(BEFORE).flat(), own, daysBack)).map(({ daysBack: back, weight }) => [back, round(weight)]);
    const beside = round(3 * Math.exp(-1));
    expect(weightsOf([7], 42, 9)).toEqual([beside, 3, beside].map((weight) => [7, weight]));
    expect(weightsOf([-7], 6, 10)).toEqual([beside, 3, beside].map((weight) => [-7, weight]));
    expect(weightsOf([0, 6], 42, 9).map(([back, weight]) => [back, weight === 1])).toEqual([
      [6, false],
      [6, true],
      [6, false],
    ]);
    expect(weightsOf([-1], 6, 4).map(([back]) => back)).toEqual([-1, -1, -1]);
  });

  it.each([
    [30, 48, [-2, -1, 0, 1, 2]],
    [15, 96, [-4, -3, -2, -1, 0, 1, 2, 3, 4]],
    [5, 288, [-12, -9, -6, -3, 0, 3, 6, 9, 12]],
    [60, 24, [-1, 0, 1]],
  ])('lie up to an hour beside it in slots of %i minutes, at no more than nine places', (minutes, slots, places) => {
    const at = slots / 2;
    const flat = {
      values: Array(slots)
        .fill(5)
        .fill(__, at, at + 2),
      from: at,
      until: at + 2,
      total: 10,
      minutes,
    };
    const moments = momentsLike(gapOf(flat), seriesOf(Array(3 * slots).fill(5), slots, [1]));
    expect(moments.map(({ at: place }) => place - at)).toEqual(places);
    expect(moments.map(({ weight }) => round(weight))).toEqual(places.map((by) => round(Math.exp((-Math.abs(by) * minutes) / 60))));
  });

  it('have no hole in them, and lie in what is known', () => {
    const places = (values: readonly number[], own = 6, back = 1) => momentsLike(gap, seriesOf(values, own, [back])).map(({ at }) => at);
    const after = Array(6).fill(H);
    expect(places([10, 20, H, 40, 50, 60, ...OWN, ...after])).toEqual([]);
    expect(places([10, 20, 30, 40, H, 60, ...OWN, ...after])).toEqual([1]);
    expect(places([10, H, 30, 40, 50, 60, ...OWN, ...after])).toEqual([3]);
    expect(places([0, 0, 0, 0, 0, 0, ...OWN, ...after])).toEqual([1, 2, 3]);
    expect(places([...OWN, ...BEFORE], 0, -1)).toEqual([7, 8, 9]);
    expect(places([...OWN, ...BEFORE.slice(0, 4)], 0, -1)).toEqual([7]);
    expect(places(OWN, 0, 1)).toEqual([]);
    const first = gapOf({ values: [__, __, 1, 1, 1, 1], from: 0, until: 2, total: 5 });
    expect(momentsLike(first, seriesOf([...BEFORE, H, H, 1, 1, 1, 1], 6, [1])).map(({ at }) => at)).toEqual([1]);
  });

  it('lie in what is known to its first and its last slot, where the gap has no valid end to compare', () => {
    const first = gapOf({ values: [__, __, 1, 1, 1, 1], from: 0, until: 2, total: 5 });
    const behind = seriesOf([10, 20, 30, 40, 50, H, H, H, 1, 1, 1, 1, ...Array(6).fill(H)], 6, [1]);
    expect(momentsLike(first, behind).map(({ at, left }) => [at, left])).toEqual([
      [0, 0],
      [1, 0],
    ]);
    const last = gapOf({ values: [1, 1, 1, 1, __, __], from: 4, until: 6, total: 5 });
    const ahead = seriesOf([1, 1, 1, 1, H, H, H, 20, 30, 40, 50, 60], 0, [-1]);
    expect(momentsLike(last, ahead).map(({ at, right }) => [at, right])).toEqual([
      [9, 0],
      [10, 0],
    ]);
  });

  it('differ by nothing at an end where the gap has no valid slot, and are none where they lack one that it has', () => {
    const open = gapOf({ values: [100, __, __, __, 120, 130], from: 2, until: 4, total: 500 });
    const values = [...BEFORE, 100, H, H, H, 120, 130];
    const load = 250 + (250 + 120) / 2 + 30;
    const [, own] = momentsLike(open, seriesOf([...values, ...Array(6).fill(H)], 6, [1]));
    expect([own!.left, round(own!.right * load), round(own!.sum * load)]).toEqual([0, 100, 215]);
    const closed = gapOf({ values: [100, 110, __, __, __, 130], from: 2, until: 4, total: 500 });
    const [, other] = momentsLike(closed, seriesOf([...BEFORE, 100, 110, H, H, H, 130, ...Array(6).fill(H)], 6, [1]));
    expect([round(other!.left * (250 + (110 + 250) / 2 + 30)), other!.right]).toEqual([132, 0]);
  });

  it('go on comparing with the last known slot where one farther out is a hole', () => {
    const holes = [H, 110, H, H, 120, H];
    const [own, ...others] = momentsLike(gap, seriesOf([H, 20, 30, 40, 50, H, ...holes, ...Array(6).fill(H)], 6, [1]));
    expect([others.length, round(own!.left * LOAD), round(own!.right * LOAD)]).toEqual([0, round(90 * 1.6), round(70 * 1.6)]);
  });
});

describe('how much a moment weighs for a slot', () => {
  const moment = { at: 0, daysBack: 1, total: 5, left: 0.1, right: 0.2, sum: 0.3, weight: 2 };

  it.each([
    [0, 3, 60, 1.2, 0.2 + Math.exp(-2)],
    [1, 3, 60, 0.2 + Math.exp(-1), 0.2 + Math.exp(-1)],
    [2, 3, 60, 0.2 + Math.exp(-2), 1.2],
    [0, 1, 30, 1.2, 1.2],
    [3, 5, 30, 0.2 + Math.exp(-1.5), 0.2 + Math.exp(-0.5)],
  ])('%i of %i, of %i minutes: the nearer end more than the other', (i, k, minutes, left, right) => {
    const [weight, other] = weightsAt([moment, { ...moment, weight: 1 }], i, k, minutes);
    expect(weight).toBeCloseTo(2 * Math.exp(-(left * 0.1 + right * 0.2 + 0.3) / 0.1), 12);
    expect(other).toBeCloseTo(weight! / 2, 12);
  });
});

describe('the series of a channel', () => {
  const DAY = [1, 2, 3];
  const gap = (history: Partial<History>, values: readonly number[] = [7, __, 9]) =>
    gapOf({ values, from: 1, until: 2, total: 5, minutes: 480, history });
  const day = (daysBack: number, counts: readonly number[] = DAY, more: Partial<LikeDay> = {}) => likeDayOf(daysBack, counts, more);

  it('is its usable days in a row, oldest first, its own among them, and holes elsewhere', () => {
    const series = seriesAround(gap({ days: [day(1, [4, 5, 6]), day(3), day(2, DAY, { usable: false }), day(-1, [10, __, 12])] }));
    expect([...series.values]).toEqual([1, 2, 3, H, H, H, 4, 5, 6, 7, H, 9, 10, H, 12]);
    expect([series.own, series.mean]).toEqual([9, 59 / 10]);
    expect([...series.dates]).toEqual([
      [1, '2026-01-14'],
      [3, '2026-01-12'],
      [-1, '2026-01-16'],
    ]);
  });

  it('has a day to each side where no other is known, with what lay just before and behind', () => {
    const series = seriesAround(gap({ before: Uint32Array.of(40, 50), after: Uint32Array.of(60) }));
    expect([...series.values]).toEqual([H, 40, 50, 7, H, 9, 60, H, H]);
    expect([series.own, series.mean, series.dates.size]).toEqual([3, (40 + 50 + 7 + 9 + 60) / 5, 0]);
  });

  it('takes of the slots beside it no more than a day, and only valid ones', () => {
    const many = Uint32Array.of(91, 92, 93, 94, __);
    const series = seriesAround(gap({ days: [day(2), day(1), day(-1), day(-2)], before: many, after: many }));
    expect([...series.values]).toEqual([1, 2, 3, 93, 94, 3, 7, H, 9, 91, 92, 93, 1, 2, 3]);
  });

  it('has no mean without a value, leaves out what the day itself was not sure of, and hours that a day did not have', () => {
    expect(seriesAround(gap({}, [__, __, __])).mean).toBe(0);
    expect([...seriesAround(gap({ days: [day(1, [1, 2])] })).values]).toEqual([1, 2, H, 7, H, 9, H, H, H]);
    const own = day(0, [5, 5, 5]);
    expect([...seriesAround(gap({ days: [own] })).values]).toEqual([H, H, H, 7, H, 9, H, H, H]);
    expect([...seriesAround(gap({ days: [day(1, [0, 0, 0])] }, [0, __, 6])).values]).toEqual([0, 0, 0, 0, H, 6, H, H, H]);
    expect(seriesAround(gap({ days: [day(1, [0, 0, 0])] }, [0, __, 6])).mean).toBe(6 / 5);
  });
});

describe('the spread of what a slot may have been', () => {
  it('is in rising order, with the share of the weight below the middle of each, equal values in their own order', () => {
    const { values, levels } = spreadOf([30, 10, 20, 10], [1, 2, 4, 1]);
    expect([[...values], [...levels].map(round)]).toEqual([
      [10, 10, 20, 30],
      [1 / 8, 2.5 / 8, 5 / 8, 7.5 / 8],
    ]);
  });

  it('leaves out weights below a millionth of all, and keeps that one', () => {
    expect([...spreadOf([1, 2, 3], [1e6 - 1, 1, 0]).values]).toEqual([1, 2]);
    expect([...spreadOf([1, 2, 3], [1e6, 0.9, 0]).values]).toEqual([1]);
  });

  it('has a value at every level: the ends beyond the outermost, straight lines between', () => {
    const spread = spreadOf([0, 10, 20, 30, 40], [1, 1, 1, 1, 1]);
    const levels = [0, 0.1, 0.15, 0.2, 0.3, 0.45, 0.5, 0.7, 0.85, 0.9, 0.95, 1];
    expect(levels.map((level) => round(quantile(spread, level)))).toEqual([0, 0, 2.5, 5, 10, 17.5, 20, 30, 37.5, 40, 40, 40]);
    expect([0, 0.5, 1].map((level) => quantile(spreadOf([7], [3]), level))).toEqual([7, 7, 7]);
    const doubled = { values: Float64Array.of(1, 2, 5), levels: Float64Array.of(0.4, 0.5, 0.5) };
    expect([0.4, 0.45, 0.5, 0.6].map((level) => round(quantile(doubled, level)))).toEqual([1, 1.5, 5, 5]);
  });

  it('of several slots is taken at one level, whatever the total', () => {
    const spreads = [spreadOf([0, 10], [1, 1]), spreadOf([0, 30], [1, 1]), spreadOf([5], [1])];
    for (const total of [5, 15, 25, 35, 45]) {
      const values = [...equalQuantiles(spreads, total)];
      expect(values.reduce((sum, value) => sum + value, 0)).toBeCloseTo(total, 5);
      expect([values[1], values[2]]).toEqual([expect.closeTo(3 * values[0]!, 5), 5]);
    }
    expect([...equalQuantiles([], 5)]).toEqual([]);
  });
});

describe('an estimate from moments', () => {
  const DAYS = [1, 2, 3].map((back) => likeDayOf(back, [100, 300, 100, 100]));
  const estimate = (over: Partial<GapFacts>) =>
    likeMoments(gapOf({ values: [100, __, __, 100], from: 1, until: 3, total: 400, history: { days: DAYS }, ...over }));

  it('needs the total and three usable days, earlier or later ones', () => {
    expect(estimate({ total: -1 })).toBeUndefined();
    expect(estimate({ history: { days: DAYS.slice(1) } })).toBeUndefined();
    expect(estimate({ history: { days: DAYS.with(0, { ...DAYS[0]!, usable: false }) } })).toBeUndefined();
    expect(estimate({ history: { days: DAYS.with(0, likeDayOf(0, [100, 300, 100, 100])) } })).toBeUndefined();
    expect(estimate({ history: { days: DAYS.with(0, likeDayOf(-1, [100, 300, 100, 100])) } })).toBeDefined();
    expect(estimate({ history: { days: DAYS.map((day) => ({ ...day, counts: Uint32Array.of(100, __, __, 100) })) } })).toBeUndefined();
  });

  it('of nothing is nothing, without a look at any moment', () => {
    expect(estimate({ total: 0 })).toEqual({ source: 'E3', values: Float64Array.of(0, 0), inputs: 'nothing used' });
  });

  it('of a gap like the moments has their shape at its own height', () => {
    const { source, values } = estimate({})!;
    expect([source, values.length]).toEqual(['E3', 2]);
    expect(values[0]! + values[1]!).toBeCloseTo(400, 5);
    expect(values[0]).toBeGreaterThan(280);
    const twice = estimate({
      values: [200, __, __, 200],
      total: 800,
      history: { days: DAYS.map((day) => ({ ...day, counts: day.counts.map((x) => 2 * x) })) },
    })!;
    expect(twice.values[0]).toBeCloseTo(2 * values[0]!, 4);
  });

  it('names the three days that weighed most, the nearer of equal ones first, and how many there were', () => {
    const days = [5, 4, 3, 2].map((back) => likeDayOf(back, [100, 300, 100, 100]));
    const unlike = likeDayOf(20, [900, 10, 10, 900]);
    expect(estimate({ history: { days: [unlike, ...days] } })!.inputs).toBe(
      'moments of 5 days, most like 2026-01-13 2026-01-12 2026-01-11',
    );
    const week = likeDayOf(7, [100, 300, 100, 100]);
    expect(estimate({ history: { days: [...days, week] } })!.inputs).toBe('moments of 5 days, most like 2026-01-08 2026-01-13 2026-01-12');
  });

  it('of moments in which nothing was used is even, and of moments unlike it is the line', () => {
    const zeros = [1, 2, 3].map((back) => likeDayOf(back, [100, 0, 0, 100]));
    expect([...estimate({ values: [100, __, __, 100], total: 50, history: { days: zeros } })!.values].map(Math.round)).toEqual([25, 25]);
    const far = [1, 2, 3].map((back) => likeDayOf(back, [9000, 1, 9000, 9000]));
    const line = estimate({ values: [100, __, __, 400], total: 1000, history: { days: far } })!;
    expect([...line.values].map(Math.round)).toEqual([400, 600]);
    const even = estimate({ values: [100, __, __, __], until: 4, total: 900, history: { days: far } })!;
    expect([...even.values].map(Math.round)).toEqual([300, 300, 300]);
    const flat = estimate({ values: [0, __, __, 0], total: 1000, history: { days: far } })!;
    expect([...flat.values].map(Math.round)).toEqual([500, 500]);
  });
});
