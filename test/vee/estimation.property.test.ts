import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type ChannelDay, makeChannelDay, OUTAGE, resetChannelDay } from '../../domain/vee/channel-day.ts';
import { estimate, estimateBy } from '../../domain/vee/estimate.ts';
import type { History } from '../../domain/vee/history.ts';
import { type ChosenMethod, METHODS } from '../../domain/vee/ladder.ts';
import { nextRegister, spanDifference } from '../../domain/vee/registers.ts';
import { revalidate, validate } from '../../domain/vee/validate.ts';
import { NO_COUNTS, RECORD_FLAG, SCALED } from '../../events/index.ts';
import { countsOf, dayOf, historyOf, likeDayOf, POLICY, START, sourceByte, sourcesOf } from './given.ts';

/** Slots of a day: 23, 24 and 25 hours of quarters, Lord Howe's half hours more and less, half-hours, and 23 to 25 hours of five minutes. */
const lengths = fc.constantFrom(46, 48, 50, 92, 94, 96, 98, 100, 276, 288, 300);

interface Drawn {
  readonly values: number[];
  readonly lost: boolean[];
  readonly flags: number[];
  readonly outage: number[];
  /** Registers known after these slots. */
  readonly known: boolean[];
  readonly before: boolean;
  /** What a register says beyond the truth, now and then. */
  readonly lie: number;
  readonly like: number[][];
  readonly rollover: boolean;
}

const drawn: fc.Arbitrary<Drawn> = lengths.chain((n) => {
  const column = <T>(of: fc.Arbitrary<T>) => fc.array(of, { minLength: n, maxLength: n });
  const often = (times: number) => fc.oneof({ weight: times, arbitrary: fc.constant(false) }, { weight: 1, arbitrary: fc.constant(true) });
  const values = column(
    fc.oneof({ weight: 9, arbitrary: fc.integer({ min: 0, max: 900 }) }, { weight: 1, arbitrary: fc.integer({ min: 0, max: 5000 }) }),
  );
  return fc.record({
    values,
    lost: fc.oneof(column(often(4)), column(often(30)), column(fc.constant(true))),
    flags: column(fc.oneof({ weight: 40, arbitrary: fc.constant(0) }, { weight: 1, arbitrary: fc.constant(RECORD_FLAG.memoryError) })),
    outage: column(
      fc.oneof(
        { weight: 20, arbitrary: fc.constant(OUTAGE.none) },
        { weight: 1, arbitrary: fc.constantFrom(OUTAGE.touches, OUTAGE.covers) },
      ),
    ),
    known: column(fc.boolean()),
    before: fc.boolean(),
    lie: fc.oneof({ weight: 4, arbitrary: fc.constant(0) }, { weight: 1, arbitrary: fc.integer({ min: -3000, max: 9000 }) }),
    like: fc.array(values, { maxLength: 6 }),
    rollover: fc.boolean(),
  });
});

const CAPACITY = 5500;

function scene(d: Drawn): { day: ChannelDay; history: History; truth: readonly number[] } {
  const n = d.values.length;
  const day = makeChannelDay();
  const minutes = n > 200 ? 5 : n > 60 ? 15 : 30;
  const asset = { direction: 'import', unit: 'Wh', scale: 1, dials: 7, multiplier: 1 } as const;
  const registerBefore = d.before ? (d.rollover ? 9_999_000 : 1000) : -1;
  poison(day);
  resetChannelDay(day, { start: START, end: START + n * minutes * 60, minutes, asset, capacity: CAPACITY, registerBefore });
  let register = d.rollover ? 9_999_000 : 1000;
  const truth = d.values.map((value, i) => (d.outage[i] === OUTAGE.covers ? 0 : value));
  for (const [i, value] of truth.entries()) {
    register += value + (i === n - 3 ? d.lie : 0);
    day.outage[i] = d.outage[i]!;
    if (d.known[i]) day.registers[i] = (register + 1e7) % 1e7;
    if (d.lost[i]) continue;
    day.counts[i] = value;
    day.flags[i] = d.flags[i]!;
    day.sources[i] = sourceByte('measured');
  }
  const days = d.like.map((counts, i) => likeDayOf(7 * i + 7, counts));
  return { day, truth, history: historyOf({ days, averageDaily: 9000 }) };
}

/** What a column holds behind n is nobody's, and must not be read. */
function poison(day: ChannelDay): void {
  for (const column of [day.counts, day.annotations, day.errors, day.warnings, day.registers]) column.fill(77);
  for (const column of [day.sources, day.confidence, day.proven]) column.fill(77);
}

function closed(d: Drawn): { day: ChannelDay; first: ChannelDay; estimated: number; exceptions: number; inputs: string } {
  const { day, history } = scene(d);
  validate(day, POLICY);
  const first = structuredClone(day);
  const result = estimate(day, history, POLICY);
  revalidate(day, POLICY);
  return { day, first, ...result };
}

const RUNS = { numRuns: 200 };
const MEASURED = sourceByte('measured');

describe('whatever a day is like', () => {
  it('estimated slots sum to the register difference exactly', () => {
    fc.assert(
      fc.property(drawn, (d) => {
        const { day } = closed(d);
        for (let from = 0; from < day.n; ) {
          const until = Math.min(day.n, nextRegister(day, from) + 1);
          if (day.sources.subarray(from, until).some((source) => source & SCALED)) {
            const sum = day.counts.subarray(from, until).reduce((all, counts) => all + counts, 0);
            expect(sum).toBe(spanDifference(day, from, until));
            expect([...day.proven.subarray(from, until)]).toEqual(Array(until - from).fill(1));
          }
          from = until;
        }
      }),
      RUNS,
    );
  });

  it('an estimate never takes the place of a billable measurement, nor of a reading that registers prove', () => {
    fc.assert(
      fc.property(drawn, (d) => {
        const { day, first } = closed(d);
        for (let i = 0; i < day.n; i++) {
          if (first.sources[i] !== MEASURED && !first.proven[i]) continue;
          expect([day.counts[i], day.sources[i]! & ~SCALED]).toEqual([first.counts[i], day.sources[i]]);
          expect(['measured', 'held']).toContain(sourcesOf(day)[i]);
        }
      }),
      RUNS,
    );
  });

  it('no slot is left without a value, and no estimate is above the fuse', () => {
    fc.assert(
      fc.property(drawn, (d) => {
        const { day, estimated } = closed(d);
        const slots = sourcesOf(day).flatMap((source, i) => (source.startsWith('E') ? [i] : []));
        expect(slots.length).toBe(estimated);
        expect(countsOf(day)).not.toContain(NO_COUNTS);
        for (const slot of slots) expect(day.counts[slot]).toBeLessThanOrEqual(CAPACITY);
      }),
      RUNS,
    );
  });

  it('an exception leaves the span in error; without one no bracketed span is', () => {
    fc.assert(
      fc.property(drawn, (d) => {
        const { day, exceptions } = closed(d);
        const inError = sourcesOf(day).some((source, i) => /^E/.test(source) && !source.endsWith('*') && (day.errors[i]! & V15) !== 0);
        expect(inError || exceptions === 0).toBe(true);
      }),
      RUNS,
    );
  });

  it('the same day ends the same, and nothing behind its slots is written', () => {
    fc.assert(
      fc.property(drawn, (d) => {
        const one = closed(d);
        const other = closed(d);
        expect(one.inputs).toBe(other.inputs);
        for (const name of ['counts', 'sources', 'confidence', 'errors', 'warnings', 'proven'] as const) {
          expect(one.day[name]).toEqual(other.day[name]);
          expect(one.day[name].subarray(one.day.n).every((value) => value === 77)).toBe(true);
        }
      }),
      { numRuns: 80 },
    );
  });

  it('a clean day with its registers loses and doubles nothing: all of it is measured', () => {
    fc.assert(
      fc.property(drawn, (d) => {
        const clean = {
          ...d,
          lost: d.lost.map(() => false),
          flags: d.flags.map(() => 0),
          before: true,
          lie: 0,
          known: d.known.map((known, i) => known || i === d.known.length - 1),
        };
        const { truth } = scene(clean);
        const { day, estimated } = closed(clean);
        expect([estimated, countsOf(day), new Set(sourcesOf(day))]).toEqual([0, truth, new Set(['measured'])]);
        expect(day.bracket).toBe(truth.reduce((sum, value) => sum + value, 0));
      }),
      RUNS,
    );
  });

  it('no method that a person may choose touches what registers prove', () => {
    fc.assert(
      fc.property(drawn, fc.constantFrom(...(Object.keys(METHODS) as ChosenMethod[])), (d, method) => {
        const { day, history } = scene(d);
        validate(day, POLICY);
        const before = structuredClone(day);
        estimateBy(
          method,
          Array.from({ length: day.n }, (_, i) => i),
          day,
          history,
          POLICY,
        );
        for (let i = 0; i < day.n; i++)
          if (before.proven[i]) expect([day.counts[i], day.sources[i]]).toEqual([before.counts[i], before.sources[i]]);
      }),
      { numRuns: 100 },
    );
  });

  it('what is drawn has scaled estimates, exceptions, held readings and rollovers in it', () => {
    const days = fc.sample(drawn, { numRuns: 300, seed: 7 }).map(closed);
    expect(days.filter(({ exceptions }) => exceptions > 0).length).toBeGreaterThan(5);
    expect(days.filter(({ day }) => sourcesOf(day).some((source) => source.endsWith('*'))).length).toBeGreaterThan(50);
    expect(days.filter(({ first }) => sourcesOf(first).includes('held')).length).toBeGreaterThan(50);
    expect(days.filter(({ day }) => day.registerBefore > 9e6 && day.bracket >= 0).length).toBeGreaterThan(5);
  });
});

const V15 = (() => {
  const day = dayOf([1], { registers: { 0: 5 } });
  validate(day, POLICY);
  return day.errors[0]!;
})();
