import { describe, expect, it } from 'vitest';
import type { MeterDayCommand } from '../../domain/meterday/command.ts';
import { asKnownAt, asSettled } from '../../domain/meterday/known-at.ts';
import { SLOT_SOURCES } from '../../events/index.ts';
import { AT, close, collect, type DayStream, FRAME, foldAll, records, stream, sumOf, typesOf, valueAt, verified } from './days.ts';

const PERSON = { channel: 0, reason: 'meter-read', note: 'seen on site', by: 'ann', at: AT };
const values = (slots: number[], counts: number[]): MeterDayCommand => ({ type: 'EditValues', ...PERSON, slots, counts });
const undo = (edit: number, by = 'ann'): MeterDayCommand => ({ type: 'UndoEdit', edit, reason: 'mistake', note: '', by, at: AT });
const E11 = SLOT_SOURCES.indexOf('E11');
const GAP = [40, 41, 42, 43];

const provisional = () => stream(collect([...records(0, 40), ...records(44, 96)]), verified, close());
const final = () => stream(collect(records(0, 96)), verified, close());

describe('editing', () => {
  it('values by hand stand, say who and why, and the day is stated with them', () => {
    const day = provisional();
    const [edited, outcome] = day.run(values(GAP, [1, 2, 3, 4]));
    expect(edited).toMatchObject({ type: 'SlotsEdited', data: { edit: 1, kind: 'values', reason: 'meter-read', by: 'ann' } });
    expect(outcome).toMatchObject({ type: 'DayProvisional' });
    expect(day.slot(41)).toEqual({ counts: 2, source: E11, confidence: 100, edited: true });
    expect(day.outcome).toMatchObject({ edited: 4, estimated: 0, measured: 92 });
  });

  it('the same edit again records nothing', () => {
    const day = provisional();
    day.run(values(GAP, [1, 2, 3, 4]));
    expect(day.run(values(GAP, [1, 2, 3, 4]))).toEqual([]);
  });

  it('undo is an event of its own: what stood before stands again, the first edit stays on record', () => {
    const day = provisional();
    const before = { outcome: day.outcome, slot: day.slot(41) };
    day.run(values(GAP, [1, 2, 3, 4]), values([41], [9]));
    day.run(undo(2));
    expect(day.slot(41)).toMatchObject({ counts: 2, edited: true });
    day.run(undo(1));
    expect([day.outcome, day.slot(41)]).toEqual([before.outcome, before.slot]);
    expect(day.run(undo(1))).toEqual([]);
    expect(day.day.edits.map(({ kind }) => kind)).toEqual(['values', 'values', 'undo', 'undo']);
  });

  it('an estimate never stands above a billable measurement', () => {
    const estimate = (slot: number): MeterDayCommand => ({
      ...PERSON,
      type: 'EstimateSlots',
      slots: [slot],
      counts: [50],
      sources: [SLOT_SOURCES.indexOf('E3')],
      confidence: [60],
    });
    const day = provisional();
    expect(() => day.run(estimate(3))).toThrow(expect.objectContaining({ code: 'ERR_SLOT_BILLABLE' }));
    day.run(estimate(41));
    expect(day.slot(41)).toMatchObject({ counts: 50, edited: true });
    day.run(collect(records(40, 44)), close());
    expect(day.slot(41)).toMatchObject({ counts: valueAt(41), edited: false });
  });

  it('a final day waits for a second, different person', () => {
    const day = final();
    expect(typesOf(day.run(values([5], [77])))).toEqual(['EditProposed']);
    expect(day.outcome!.energyWh).toBe(sumOf(0, 96));
    expect(() => day.run({ type: 'ApproveEdit', edit: 1, by: 'ann', at: AT })).toThrow(
      expect.objectContaining({ code: 'ERR_SECOND_PERSON' }),
    );
    const [edited, restated] = day.run({ type: 'ApproveEdit', edit: 1, by: 'bob', at: AT });
    expect(edited).toMatchObject({ type: 'SlotsEdited', data: { by: 'ann', approvedBy: 'bob' } });
    expect(restated).toMatchObject({ type: 'DayRestated', data: { reason: 'meter-read', by: 'bob' } });
    expect(day.outcome!.energyWh).toBe(sumOf(0, 96) - valueAt(5) + 77);
    expect(day.run({ type: 'ApproveEdit', edit: 1, by: 'bob', at: AT })).toEqual([]);
  });

  it('a rejected proposal changes nothing and cannot be approved afterwards', () => {
    const day = final();
    day.run(values([5], [77]), { type: 'RejectEdit', edit: 1, by: 'bob', mayDecide: true, at: AT });
    expect(day.outcome!.energyWh).toBe(sumOf(0, 96));
    expect(day.run({ type: 'RejectEdit', edit: 1, by: 'bob', mayDecide: true, at: AT })).toEqual([]);
    expect(() => day.run({ type: 'ApproveEdit', edit: 1, by: 'bob', at: AT })).toThrow(
      expect.objectContaining({ code: 'ERR_EDIT_UNKNOWN' }),
    );
  });

  it('whoever proposed takes it back, and nobody else who may not decide', () => {
    const day = final();
    day.run(values([5], [77]));
    const reject = (by: string) => day.run({ type: 'RejectEdit', edit: 1, by, mayDecide: false, at: AT });
    expect(() => reject('bob')).toThrow(expect.objectContaining({ code: 'ERR_OTHERS_EDIT' }));
    expect(typesOf(reject('ann'))).toEqual(['EditRejected']);
    expect(reject('bob')).toEqual([]);
  });

  it('undoing on a final day takes two as well', () => {
    const day = final();
    day.run(values([5], [77]), { type: 'ApproveEdit', edit: 1, by: 'bob', at: AT });
    expect(typesOf(day.run(undo(1, 'bob')))).toEqual(['EditProposed']);
    day.run({ type: 'ApproveEdit', edit: 2, by: 'ann', at: AT });
    expect(day.outcome!.energyWh).toBe(sumOf(0, 96));
  });

  it.each([
    ['slots that fall', values([5, 4], [1, 1])],
    ['a slot outside the day', values([96], [1])],
    ['no slots', values([], [])],
    ['a negative value', values([5], [-1])],
    ['a value too few', values([5, 6], [1])],
    ['no reason', { ...PERSON, type: 'EditValues', slots: [5], counts: [1], reason: '' } as const],
    ['a channel that is not there', { ...PERSON, type: 'EditValues', channel: 3, slots: [5], counts: [1] } as const],
  ])('refuses %s', (_, command) => {
    expect(() => provisional().run(command)).toThrow(expect.objectContaining({ code: 'ERR_EDIT_INVALID' }));
  });

  it('accepts nothing where nothing was measured', () => {
    expect(() => provisional().run({ ...PERSON, type: 'AcceptSlots', slots: [41] })).toThrow(
      expect.objectContaining({ code: 'ERR_NOTHING_TO_ACCEPT' }),
    );
  });
});

describe('looking back', () => {
  const dated = (day: DayStream) => day.events.map((event, i) => ({ recordedAt: 1_000 * (i + 1), events: [event] }));

  it('says what was known at any moment', () => {
    const day = final();
    const known = dated(day);
    day.run(values([5], [77]), { type: 'ApproveEdit', edit: 1, by: 'bob', at: AT });
    const all = dated(day);
    expect(asKnownAt(all, 1_000 * known.length)).toMatchObject({ outcome: { channels: [{ energyWh: sumOf(0, 96) }] } });
    expect(asKnownAt(all, 1_000 * all.length)).toMatchObject({ outcome: { channels: [day.outcome] } });
    expect(asKnownAt(all, 0)).toEqual({ status: 'empty' });
  });

  it('a settlement run keeps the revision it took', () => {
    const day = final();
    const settle: MeterDayCommand = { type: 'SettleDay', run: 'SF', at: AT };
    expect(day.run(settle)).toEqual([{ type: 'DaySettled', data: { run: 'SF', revision: 1, at: AT } }]);
    day.run(values([5], [77]), { type: 'ApproveEdit', edit: 1, by: 'bob', at: AT }, { type: 'SettleDay', run: 'R1', at: AT });
    expect(day.run(settle)).toEqual([]);
    expect(asSettled(dated(day), 'SF')).toMatchObject({ outcome: { revision: 1, channels: [{ energyWh: sumOf(0, 96) }] } });
    expect(asSettled(dated(day), 'R1')).toMatchObject({ outcome: { revision: 2 } });
    expect(asSettled(dated(day), 'R2')).toBeUndefined();
  });

  it('nothing is settled before the day has an outcome', () => {
    expect(() => stream(collect(records(0, 96))).run({ type: 'SettleDay', run: 'SF', at: AT })).toThrow(
      expect.objectContaining({ code: 'ERR_DAY_UNSETTLED' }),
    );
  });
});

describe('sealing again', () => {
  const cut = FRAME.start + 40 * 900;

  it('under another subject the whole day stands as it stood', () => {
    const day = final();
    const again = stream({ type: 'ResealDay', frame: { ...FRAME, subject: 'acc-2' }, history: day.events, reason: 'tenancy', at: AT });
    expect(again.day).toMatchObject({ final: true, frame: { subject: 'acc-2' }, outcome: { revision: 1, channels: [day.outcome] } });
    expect(again.run(close(true))).toEqual([]);
  });

  it('cut at a tenancy, no energy is lost or doubled, edits and registers go with their slots', () => {
    const day = final();
    day.run(values([39, 40], [1, 2]), { type: 'ApproveEdit', edit: 1, by: 'bob', at: AT });
    const before = day.outcome!.energyWh;
    const second = stream({
      ...{ type: 'ResealDay', reason: 'tenancy', at: AT },
      frame: { ...FRAME, subject: 'acc-2', part: 2, start: cut },
      history: day.events,
    });
    day.run({ type: 'ResealDay', frame: { ...FRAME, end: cut }, history: [...day.events], reason: 'tenancy', at: AT });
    const [, restated] = day.run(close(true));
    second.run(close(true));
    expect(restated).toMatchObject({ type: 'DayRestated', data: { reason: 'tenancy', revision: 3, before: [{ energyWh: before }] } });
    expect(day.outcome!.energyWh + second.outcome!.energyWh).toBe(before);
    expect([day.slot(39), second.slot(0)]).toMatchObject([
      { counts: 1, edited: true },
      { counts: 2, edited: true },
    ]);
    expect(second.day.channels[0]!.registerBefore).toBe(day.day.channels[0]!.registers[39]);
  });

  it('asked twice it records nothing', () => {
    const day = final();
    const reseal: MeterDayCommand = { type: 'ResealDay', frame: { ...FRAME, subject: 'b' }, history: [...day.events], reason: 'x', at: AT };
    day.run(reseal);
    expect(day.run(reseal)).toEqual([]);
  });

  it('replay gives the same state', () => {
    const day = final();
    day.run(values([5], [77]), { type: 'ApproveEdit', edit: 1, by: 'bob', at: AT });
    expect(foldAll(day.events)).toEqual(day.state);
  });
});
