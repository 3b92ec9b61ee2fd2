import { describe, expect, it } from 'vitest';
import { HEAD_SIZE } from '../../domain/meterday/records.ts';
import { rulesIn } from '../../domain/vee/findings.ts';
import { SLOT_SOURCES } from '../../events/index.ts';
import { AT, close, collect, collected, DayStream, FRAME, readings, records, stream, sumOf, typesOf, valueAt, verified } from './days.ts';

const WHOLE = collect(records(0, 96));

describe('closing a day', () => {
  it('measured, bracketed and sealed: final at once, with its energy', () => {
    const day = new DayStream();
    expect(typesOf(day.run(WHOLE, verified, close()))).toEqual(['ReadingsCollected', 'DayVerified', 'DayValidated', 'DayFinalized']);
    expect(day.outcome).toMatchObject({ energyWh: sumOf(0, 96), measured: 96, estimated: 0, held: 0, missing: 0 });
  });

  it('without its seal a whole day stays provisional until it is due', () => {
    const day = stream(WHOLE, { type: 'RecordVerification', seal: 'absent', chain: 'unverified', faults: [], at: AT });
    expect(typesOf(day.run(close()))).toEqual(['DayValidated', 'DayProvisional']);
    expect(day.run(close())).toEqual([]);
    expect(typesOf(day.run(close(true)))).toEqual(['DayFinalized']);
    expect(day.run(close(true))).toEqual([]);
  });

  it.each(['unverified', 'broken'] as const)('a whole day under its seal stays provisional while its chain is %s', (chain) => {
    const day = stream(WHOLE, { type: 'RecordVerification', seal: 'verified', chain, faults: [], at: AT });
    expect(typesOf(day.run(close()))).toEqual(['DayValidated', 'DayProvisional']);
    expect(day.day.outcome).toMatchObject({ held: false, channels: [{ measured: 96, held: 0 }] });
  });

  it('two values of one slot are an error where no register says which; one that registers prove counts, with a warning', () => {
    const another = collect([{ slot: 10, value: 4_000 }], { registerBefore: -1 });
    const proven = stream(WHOLE, another, verified, close());
    const { errors, warnings } = proven.day.channels[0]!.judged!;
    expect([rulesIn(errors[10]!), rulesIn(warnings[10]!)]).toEqual([[], ['V05']]);
    expect(proven.slot(10)).toMatchObject({ counts: valueAt(10), source: 1 });
    expect(proven.day).toMatchObject({ final: true, outcome: { held: false, channels: [{ measured: 96, held: 0 }] } });

    // The one register of the meter's own stands at the end of the day, and nothing before it.
    const heads = new Uint8Array(HEAD_SIZE);
    new DataView(heads.buffer).setUint32(0, FRAME.end, true);
    const open = stream(collect(records(0, 96), { registerBefore: -1, heads }), another, verified, close());
    expect(rulesIn(open.day.channels[0]!.judged!.errors[10]!)).toContain('V05');
    expect(open.outcome).toMatchObject({ measured: 95, estimated: 1 });
  });

  it('a gap is estimated, flagged, and final only when due', () => {
    const day = stream(collect([...records(0, 40), ...records(44, 96)]), verified);
    expect(typesOf(day.run(close()))).toEqual(['DayValidated', 'SlotsEstimated', 'DayProvisional']);
    expect(day.outcome).toMatchObject({ measured: 92, estimated: 4, missing: 0 });
    expect(typesOf(day.run(close(true)))).toEqual(['DayFinalized']);
  });

  it('a day without any record is a day of estimates, never a hole', () => {
    const day = stream(collect([], { registerBefore: -1 }), close());
    expect(day.outcome).toMatchObject({ measured: 0, missing: 0, estimated: 96 });
  });

  it('a real measurement takes the place of an estimate', () => {
    const day = stream(collect([...records(0, 40), ...records(44, 96)]), verified, close());
    expect(SLOT_SOURCES[day.slot(41).source & 0x7f]).toMatch(/^E/);
    expect(typesOf(day.run(collect(records(40, 44)), close()))).toEqual([
      'ReadingsCollected',
      'DayValidated',
      'SlotsEstimated',
      'DayFinalized',
    ]);
    expect(day.slot(41)).toMatchObject({ counts: valueAt(41), source: 1 });
    expect(day.outcome).toMatchObject({ energyWh: sumOf(0, 96), measured: 96, estimated: 0 });
  });

  it('a final day changes only by DayRestated: before, after, reason', () => {
    const day = stream(collect(records(0, 92)), verified, close(true));
    const before = day.day.outcome!.channels;
    const restated = day.run(collect(records(92, 96)), close(true)).at(-1)!;
    expect(restated).toMatchObject({ type: 'DayRestated', data: { before, reason: 'late-data', by: 'close-day', revision: 2 } });
    expect(day.outcome).toMatchObject({ energyWh: sumOf(0, 96), measured: 96 });
    expect(day.events.filter(({ type }) => type === 'DayFinalized')).toHaveLength(1);
  });

  it('the same readings again, or nothing new, record nothing', () => {
    const day = stream(WHOLE, verified, close());
    expect(day.run(WHOLE, verified, close(), close(true))).toEqual([]);
  });

  it('another value for a slot is kept as a version, the first stays the reading', () => {
    const day = stream(collect(records(0, 96)));
    day.run(collect([{ slot: 10, value: 4_000 }]));
    expect(day.day.channels[0]!.counts[10]).toBe(valueAt(10));
    expect(day.day.channels[0]!.versions).toMatchObject([{ slot: 10, counts: 4_000 }]);
    expect(day.run(collect([{ slot: 10, value: 4_000 }]))).toEqual([]);
  });

  it('a value takes the place of a record without one, whichever came first', () => {
    const lost = { slot: 7, value: null };
    const late = stream(collect([lost]), collect(records(7, 8)));
    const early = stream(collect(records(7, 8)), collect([lost]));
    for (const day of [late, early]) expect(day.slot(7)).toMatchObject({ counts: valueAt(7), source: 1 });
  });

  it('a contradiction of the profile holds the day until a person has spoken about every slot of it', () => {
    const fault = { channel: 0, from: FRAME.start, until: FRAME.start + 3600, what: 'chain-head' as const };
    const day = stream(WHOLE, { type: 'RecordVerification', seal: 'verified', chain: 'broken', faults: [fault], at: AT });
    expect(typesOf(day.run(close()))).toEqual(['DayValidated', 'DayProvisional']);
    expect(day.day.outcome?.held).toBe(true);
    expect(day.events.filter(({ type }) => type === 'ProfileChainBroken')).toEqual([{ type: 'ProfileChainBroken', data: fault }]);
    day.run(close(true));
    expect([day.day.final, day.day.outcome?.held]).toEqual([true, true]);
    const person = { channel: 0, reason: 'inspected', note: '', at: AT };
    day.run({ type: 'AcceptSlots', slots: [0], by: 'ann', ...person }, { type: 'ApproveEdit', edit: 1, by: 'bob', at: AT });
    expect(day.slot(0).edited).toBe(true);
    expect(day.day.outcome?.held).toBe(true);
    day.run({ type: 'AcceptSlots', slots: [1, 2, 3], by: 'ann', ...person }, { type: 'ApproveEdit', edit: 2, by: 'bob', at: AT });
    expect(day.day.outcome?.held).toBe(false);
  });

  it('what failed validation is held: not in the energy, counted, and accepted only by a person', () => {
    const high = [...records(0, 95), { slot: 95, value: 20_000, register: 50_000 }];
    const day = new DayStream();
    day.run(collect(high), close());
    expect(day.slot(95).counts).not.toBe(20_000);
    expect(day.outcome!.energyWh).toBeLessThan(20_000);
    expect(day.outcome!.measured).toBe(95);
    day.run({ type: 'AcceptSlots', channel: 0, slots: [95], reason: 'checked', note: 'kiln', by: 'ann', at: AT });
    expect(day.slot(95)).toMatchObject({ counts: 20_000, edited: true });
  });

  it('channels are stated apart', () => {
    const sold = collected([{ slot: 0, value: 40 }], { channel: 1, asset: { ...collected([]).asset, direction: 'export' } });
    const day = stream({ type: 'CollectReadings', readings: readings([collected(records(0, 96)), sold]) }, close());
    expect(day.day.outcome!.channels.map(({ channel, direction }) => [channel, direction])).toEqual([
      [0, 'import'],
      [1, 'export'],
    ]);
    expect(day.outcome!.energyWh).toBe(sumOf(0, 96));
  });

  it('a corrected multiplier states the energy again and leaves the counts', () => {
    const day = stream(WHOLE, verified, close());
    const restated = {
      type: 'RestateDay',
      perCount: [{ channel: 0, perCount: 10 }],
      reason: 'wrong-multiplier',
      by: 'ann',
      at: AT,
    } as const;
    expect(typesOf(day.run(restated))).toEqual(['DayRestated']);
    expect(day.outcome).toMatchObject({ energyWh: 10 * sumOf(0, 96), perCount: 10 });
    expect(day.run(restated)).toEqual([]);
  });

  it('asks for readings before anything else', () => {
    expect(() => new DayStream().run(close())).toThrow(expect.objectContaining({ code: 'ERR_DAY_UNKNOWN' }));
  });
});
