import { describe, expect, it } from 'vitest';
import { type ChannelDay, makeChannelDay, NO_REGISTER, resetChannelDay } from '../../domain/vee/channel-day.ts';
import { CLASS_PROFILES } from '../../domain/vee/class-profiles.ts';
import { markOutage } from '../../domain/vee/place.ts';
import { VEE_POLICIES } from '../../domain/vee/policy.ts';
import { survey } from '../../domain/vee/survey.ts';
import { NO_COUNTS } from '../../events/index.ts';
import { __, dayOf, START } from './given.ts';

const ASSET = { direction: 'export', unit: 'varh', scale: 10, dials: 6, multiplier: 3 } as const;
const FRAME = { start: START, end: START + 5 * 900, minutes: 15, asset: ASSET, capacity: 70, registerBefore: 40 };
const COLUMNS = [
  ...(['newRegister', 'counts', 'registers', 'flags', 'annotations', 'outage', 'conflicts'] as const),
  ...(['sources', 'confidence', 'errors', 'warnings', 'proven'] as const),
];

function used(slots: number): ChannelDay {
  const day = makeChannelDay(slots);
  for (const name of COLUMNS) day[name].fill(77);
  return Object.assign(day, { registerStep: 5, asOf: 9, disconnected: [{ from: 0, until: 1 }], bracket: 4, dayErrors: 1, dayWarnings: 2 });
}

describe('a day in columns', () => {
  it('has no slots when it is made, room for 25 hours of five minutes, and nothing known', () => {
    const day = makeChannelDay();
    expect(day).toMatchObject({ n: 0, start: 0, minutes: 15, direction: 'import', unit: 'Wh', capacity: 0, modulus: 1e8, whPerCount: 1 });
    expect(day).toMatchObject({
      registerBefore: NO_REGISTER,
      registerStep: 1,
      asOf: 0,
      disconnected: [],
      dayErrors: 0,
      dayWarnings: 0,
      bracket: -1,
    });
    expect(day.seen).toEqual({
      annotations: 0,
      flags: 0,
      conflicts: 0,
      outage: 0,
      newRegisters: 0,
      missing: 0,
      zeros: 0,
      least: 0,
      most: 0,
    });
    for (const name of [...COLUMNS, 'sorted'] as const) expect([name, day[name].length]).toEqual([name, 300]);
  });

  it.each([1, 4, 5, 299])('of %i slots has its byte columns in whole words, the same bytes', (slots) => {
    const day = makeChannelDay(slots);
    expect(day.counts.length).toBe(slots);
    for (const name of ['flags', 'conflicts', 'outage', 'newRegister'] as const) {
      expect([day[name].length, day.words[name].length]).toEqual([4 * Math.ceil(slots / 4), Math.ceil(slots / 4)]);
      day[name][slots - 1] = 1;
      expect(day.words[name].at(-1)).not.toBe(0);
    }
  });

  it('that was used before is empty after the next frame, and nothing of the last one is left in its slots', () => {
    const day = used(9);
    resetChannelDay(day, FRAME);
    expect(day).toMatchObject({
      n: 5,
      start: START,
      minutes: 15,
      direction: 'export',
      unit: 'varh',
      capacity: 70,
      modulus: 1e6,
      whPerCount: 30,
    });
    expect(day).toMatchObject({
      registerBefore: 40,
      registerStep: 1,
      asOf: 0,
      disconnected: [],
      dayErrors: 0,
      dayWarnings: 0,
      bracket: -1,
    });
    for (const name of COLUMNS) {
      const empty = { counts: NO_COUNTS, registers: NO_REGISTER }[name as 'counts'] ?? 0;
      expect([name, ...day[name].subarray(0, 5)]).toEqual([name, ...Array(5).fill(empty)]);
    }
    for (const name of ['flags', 'conflicts', 'outage', 'newRegister'] as const) expect([...day[name].subarray(5, 8)]).toEqual([0, 0, 0]);
  });

  it.each([
    ['an end before its start', { end: START - 900 }],
    ['no slot', { end: START }],
    ['half a slot', { end: START + 450 }],
    ['a slot and a half', { end: START + 1350 }],
    ['a second too many', { end: START + 5 * 900 + 1 }],
    ['more slots than there is room for', { end: START + 10 * 900 }],
    ['shorter intervals than there is room for', { minutes: 5 }],
  ])('is none with %s', (_, over) => {
    expect(() => resetChannelDay(makeChannelDay(9), { ...FRAME, ...over })).toThrow(RangeError);
  });

  it('may have one slot, and as many as there is room for', () => {
    const day = makeChannelDay(9);
    for (const slots of [1, 9]) {
      resetChannelDay(day, { ...FRAME, end: START + slots * 900 });
      expect(day.n).toBe(slots);
    }
  });
});

describe('a day in a nutshell', () => {
  const seen = (values: readonly number[], change: (day: ChannelDay) => void = () => {}) => {
    const day = dayOf(values);
    change(day);
    survey(day);
    return day.seen;
  };

  it('has its least and its most, zeros and what is missing', () => {
    expect(seen([7, 0, __, 9, 0, __, __])).toMatchObject({ missing: 3, zeros: 2, least: 0, most: 9 });
    expect(seen([7, 5])).toMatchObject({ missing: 0, zeros: 0, least: 5, most: 7 });
    expect(seen([__, __])).toMatchObject({ missing: 2, zeros: 0, least: NO_COUNTS, most: -1 });
  });

  it.each([1, 2, 3, 4, 5, 6, 7, 8])('sees what stands in the last of %i slots, and nothing behind it', (slots) => {
    const values = Array(slots).fill(1);
    const last = slots - 1;
    for (const [column, name] of [
      ['annotations', 'annotations'],
      ['flags', 'flags'],
      ['conflicts', 'conflicts'],
      ['outage', 'outage'],
      ['newRegister', 'newRegisters'],
    ] as const) {
      expect([name, seen(values, (day) => day[column].fill(6, last, slots))[name]]).toEqual([name, 6]);
      expect([name, seen(values)[name]]).toEqual([name, 0]);
    }
  });
});

describe('an outage in slots', () => {
  const QUARTER = 900;
  const marked = (from: number, until: number, before: readonly number[] = [0, 0, 0, 0]) => {
    const day = dayOf([1, 1, 1, 1]);
    day.outage.set(before);
    markOutage(day, START + from, START + until);
    return [...day.outage.subarray(0, 4)];
  };

  it.each([
    ['of exactly a slot covers it', QUARTER, 2 * QUARTER, [0, 2, 0, 0]],
    ['a second short at its start touches it', QUARTER + 1, 2 * QUARTER, [0, 1, 0, 0]],
    ['a second short at its end touches it', QUARTER, 2 * QUARTER - 1, [0, 1, 0, 0]],
    ['a second longer touches the ones beside it', QUARTER - 1, 2 * QUARTER + 1, [1, 2, 1, 0]],
    ['from the day before covers from the first slot on', -5 * QUARTER, QUARTER, [2, 0, 0, 0]],
    ['into the day behind covers to the last', 2 * QUARTER, 99 * QUARTER, [0, 0, 2, 2]],
    ['of another day is none of this', 4 * QUARTER, 9 * QUARTER, [0, 0, 0, 0]],
    ['of the day before is none of this', -9 * QUARTER, 0, [0, 0, 0, 0]],
    ['of a moment touches its slot', QUARTER + 5, QUARTER + 6, [0, 1, 0, 0]],
  ])('%s', (_, from, until, expected) => {
    expect(marked(from, until)).toEqual(expected);
  });

  it('never makes less of what another one marked', () => {
    expect(marked(0, QUARTER / 2, [2, 1, 0, 0])).toEqual([2, 1, 0, 0]);
    expect(marked(0, 2 * QUARTER, [1, 2, 1, 0])).toEqual([2, 2, 1, 0]);
  });
});

describe('what classes have', () => {
  it('is a shape of 24 hours with some use in each, under a name of its own', () => {
    for (const [meterClass, { name, hours }] of Object.entries(CLASS_PROFILES)) {
      expect([name, hours.length, hours.every((weight) => weight > 0)]).toEqual([`profile ${meterClass}/1`, 24, true]);
    }
    expect(Object.keys(CLASS_PROFILES)).toEqual(['residential', 'commercial', 'grid']);
  });

  it('is every number that rules, methods and bills compare with', () => {
    const { residential, commercial, grid } = VEE_POLICIES;
    for (const policy of [residential, commercial, grid]) {
      const numbers = [policy.validation, policy.estimation, policy.billing].flatMap((part) => Object.values(part));
      expect([numbers.length, numbers.every((number) => number > 0)]).toEqual([29, true]);
    }
    const energies = ['spikeSmallWh', 'outlierFloorWh', 'stepWh', 'disconnectedWh', 'restatedWh'] as const;
    for (const name of energies) {
      expect(commercial.validation[name]).toBe(10 * residential.validation[name]);
      expect(grid.validation[name]).toBe(100 * residential.validation[name]);
    }
    expect([commercial, grid].map(({ estimation, billing }) => [estimation, billing])).toEqual(
      Array(2).fill([residential.estimation, residential.billing]),
    );
  });
});
