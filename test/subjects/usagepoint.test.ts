import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { partsOfDay, stayAt } from '../../domain/usagepoint/day-parts.ts';
import { installationAt, multiplierAt, tariffOn } from '../../domain/usagepoint/queries.ts';
import { movedSpans, partsBetween, spansOf, subjectAt } from '../../domain/usagepoint/tenancy.ts';
import { usagePoint } from '../../domain/usagepoint/usagepoint.ts';
import type { UsagePointCommand } from '../../domain/usagepoint/usagepoint-command.ts';
import type { OpenUsagePoint } from '../../domain/usagepoint/usagepoint-state.ts';
import type { DomainEvent } from '../../events/index.ts';
import {
  ASSET,
  cut,
  cuts,
  DAY,
  decided,
  EXPORT_ASSET,
  installed,
  METER,
  MIDNIGHT,
  OPENED,
  OTHER_METER,
  refusal,
  removed,
  stateAfter,
} from './given.ts';

const QUARTER = 900_000;
const at = MIDNIGHT + 30 * DAY;
const given = (...past: DomainEvent[]) => ({
  when: (command: UsagePointCommand) => decided(usagePoint, [OPENED, ...past], command),
  refuses: (command: UsagePointCommand) => refusal(usagePoint, [OPENED, ...past], command),
  state: () => stateAfter(usagePoint, OPENED, ...past) as OpenUsagePoint,
});
const install = (meterId: string, from: number, asset = ASSET): UsagePointCommand => ({
  type: 'InstallMeter',
  meterId,
  from,
  asset,
  registers: [],
  at,
});
const remove = (until: number): UsagePointCommand => ({
  type: 'RemoveMeter',
  meterId: METER,
  until,
  registers: [{ channel: 0, counts: 5 }],
  at,
});
const correct = (since: number, list: ReturnType<typeof cuts>): UsagePointCommand => ({
  type: 'CorrectTenancy',
  since,
  cuts: list,
  reason: 'told late',
  by: 'clerk',
  at,
});

describe('a usage point', () => {
  it('is opened once, and nothing happens at one that was not', () => {
    expect(decided(usagePoint, [], { type: 'OpenUsagePoint', ...OPENED.data } as UsagePointCommand)).toEqual([OPENED]);
    expect(given().when({ type: 'OpenUsagePoint', ...OPENED.data } as UsagePointCommand)).toEqual([]);
    expect(refusal(usagePoint, [], install(METER, MIDNIGHT))).toBe('ERR_POINT_UNKNOWN');
  });

  it('takes a meter with its registers, once', () => {
    const command: UsagePointCommand = {
      ...install(METER, MIDNIGHT),
      registers: [{ channel: 0, counts: 17 }],
      at: MIDNIGHT,
    } as UsagePointCommand;
    expect(given().when(command)).toEqual([installed()]);
    expect(given(installed()).when(command)).toEqual([]);
  });

  it('never counts a register twice: a second meter waits until the first is removed', () => {
    expect(given(installed()).refuses(install(OTHER_METER, MIDNIGHT + DAY))).toBe('ERR_CHANNEL_TAKEN');
    expect(given(installed(), removed()).refuses(install(OTHER_METER, MIDNIGHT + 9 * DAY - QUARTER))).toBe('ERR_CHANNEL_TAKEN');
    expect(given(installed(), removed()).when(install(OTHER_METER, MIDNIGHT + 9 * DAY))).toHaveLength(1);
    expect(given(installed(OTHER_METER, MIDNIGHT + 5 * DAY)).refuses(install(METER, MIDNIGHT))).toBe('ERR_CHANNEL_TAKEN');
  });

  it('may have an import and an export meter side by side', () => {
    expect(given(installed()).when(install(OTHER_METER, MIDNIGHT, EXPORT_ASSET))).toHaveLength(1);
  });

  it('changes meters and tenants only where an interval begins', () => {
    expect(given().refuses(install(METER, MIDNIGHT + 1))).toBe('ERR_OFF_GRID');
    expect(given(installed()).refuses(remove(MIDNIGHT + QUARTER + 60_000))).toBe('ERR_OFF_GRID');
    expect(given(installed()).refuses({ type: 'CutTenancy', subject: 'a', from: MIDNIGHT + DAY + 300_000, at })).toBe('ERR_OFF_GRID');
    expect(given(installed()).when({ type: 'CutTenancy', subject: 'a', from: MIDNIGHT + DAY + QUARTER, at })).toHaveLength(1);
    expect(given(installed()).refuses(correct(MIDNIGHT, cuts(['a', MIDNIGHT + 1])))).toBe('ERR_OFF_GRID');
    const halfHourly = { ...ASSET, intervalMinutes: 30 };
    expect(given(cut('a', MIDNIGHT + DAY), cut('b', MIDNIGHT + DAY + QUARTER)).refuses(install(METER, MIDNIGHT, halfHourly))).toBe(
      'ERR_OFF_GRID',
    );
  });

  it('lets go only of a meter that hangs there, after it was installed, with digits that it has', () => {
    expect(given().refuses(remove(at))).toBe('ERR_METER_NOT_HERE');
    expect(given(installed(), removed()).refuses(remove(at))).toBe('ERR_METER_NOT_HERE');
    expect(given(installed(), removed()).when(remove(MIDNIGHT + 9 * DAY))).toEqual([]);
    expect(given(installed()).refuses(remove(MIDNIGHT))).toBe('ERR_REMOVED_BEFORE_INSTALLED');
    const tooLong = { ...remove(at), registers: [{ channel: 0, counts: 10 ** 8 }] } as UsagePointCommand;
    expect(given(installed()).refuses(tooLong)).toBe('ERR_REGISTER_UNKNOWN');
    expect(given(installed()).refuses({ ...tooLong, registers: [{ channel: 1, counts: 1 }] } as UsagePointCommand)).toBe(
      'ERR_REGISTER_UNKNOWN',
    );
  });

  it('counts with the multiplier that is valid, a corrected one from when it is valid on', () => {
    const fixing = (multiplier: number, validFrom: number): UsagePointCommand => {
      return { type: 'CorrectMultiplier', meterId: METER, channel: 0, multiplier, validFrom, reason: 'CT', by: 'clerk', at };
    };
    const events = given(installed()).when(fixing(40, MIDNIGHT + 2 * DAY));
    expect(events).toHaveLength(1);
    const later = given(installed(), ...events);
    const earlier = given(installed(), ...events, ...later.when(fixing(30, MIDNIGHT + DAY)));
    const multipliers = [0, 1, 2, 3].map((day) => multiplierAt(earlier.state(), METER, 0, MIDNIGHT + day * DAY));
    expect(multipliers).toEqual([1, 30, 40, 40]);
    expect(later.when(fixing(40, MIDNIGHT + 2 * DAY))).toEqual([]);
    expect(multiplierAt(later.state(), METER, 1, MIDNIGHT)).toBeUndefined();
    expect(multiplierAt(later.state(), OTHER_METER, 0, MIDNIGHT)).toBeUndefined();
    for (const wrong of [0, -1, Number.NaN]) expect(given(installed()).refuses(fixing(wrong, MIDNIGHT))).toBe('ERR_MULTIPLIER');
    expect(given(installed()).refuses(fixing(2, MIDNIGHT - DAY))).toBe('ERR_METER_NOT_HERE');
    expect(given(installed()).refuses(fixing(2, MIDNIGHT + 1))).toBe('ERR_OFF_GRID');
  });

  it('is cut only forward; what is past is corrected, with a reason', () => {
    const past = [installed(), cut('a', MIDNIGHT + DAY), cut('b', MIDNIGHT + 5 * DAY)];
    expect(given(...past).when({ type: 'CutTenancy', subject: 'b', from: MIDNIGHT + 6 * DAY, at })).toEqual([]);
    expect(given(...past).refuses({ type: 'CutTenancy', subject: 'c', from: MIDNIGHT + 3 * DAY, at })).toBe('ERR_TENANCY_ORDER');
    const list = cuts(['c', MIDNIGHT + 3 * DAY], ['b', MIDNIGHT + 6 * DAY]);
    const events = given(...past).when(correct(MIDNIGHT + 2 * DAY, list));
    expect(events).toEqual([
      { type: 'TenancyCorrected', data: { since: MIDNIGHT + 2 * DAY, cuts: list, reason: 'told late', by: 'clerk', at } },
    ]);
    const { tenancy } = given(...past, ...events).state();
    expect([0, 1, 2, 3, 5, 6].map((day) => subjectAt(tenancy, MIDNIGHT + day * DAY))).toEqual(['utility', 'a', 'a', 'c', 'c', 'b']);
    expect(given(...past, ...events).when(correct(MIDNIGHT + 2 * DAY, list))).toEqual([]);
    expect(given(...past).refuses(correct(MIDNIGHT + 2 * DAY, [...list].reverse()))).toBe('ERR_TENANCY_ORDER');
    expect(given(...past).refuses(correct(MIDNIGHT + 4 * DAY, list))).toBe('ERR_TENANCY_ORDER');
  });

  it('keeps the best reading of a move: measured before interpolated, agreed before both', () => {
    const read = (kind: 'measured' | 'interpolated' | 'agreed', counts: number, by?: string): UsagePointCommand => {
      const base = {
        type: 'RecordMoveRead',
        meterId: METER,
        instant: MIDNIGHT + DAY,
        registers: [{ channel: 0, counts }],
        kind,
        at,
      } as const;
      return by === undefined ? base : { ...base, by };
    };
    const interpolated = given(installed()).when(read('interpolated', 100));
    expect(interpolated).toHaveLength(1);
    const measured = given(installed(), ...interpolated).when(read('measured', 98));
    expect(measured).toHaveLength(1);
    const both = given(installed(), ...interpolated, ...measured);
    expect(both.when(read('interpolated', 101))).toEqual([]);
    expect(both.when(read('measured', 98))).toEqual([]);
    expect(both.refuses(read('agreed', 97))).toBe('ERR_MOVE_READ');
    const agreed = both.when(read('agreed', 97, 'both sides'));
    expect(given(installed(), ...interpolated, ...measured, ...agreed).state().moveReads).toEqual([
      { meterId: METER, instant: MIDNIGHT + DAY, registers: [{ channel: 0, counts: 97 }], kind: 'agreed', by: 'both sides' },
    ]);
    expect(given().refuses(read('measured', 1))).toBe('ERR_METER_NOT_HERE');
  });

  it('has the tariff of its date', () => {
    const assign = (tariff: string, from: string): UsagePointCommand => ({ type: 'AssignTariff', tariff, from, at });
    const first = given().when(assign('flat', '2026-03-01'));
    const second = given(...first).when(assign('tou', '2026-04-01'));
    const state = given(...first, ...second).state();
    expect(['2026-02-28', '2026-03-01', '2026-03-31', '2026-04-01'].map((date) => tariffOn(state, date))).toEqual([
      undefined,
      'flat',
      'flat',
      'tou',
    ]);
    expect(given(...first).when(assign('flat', '2026-03-01'))).toEqual([]);
  });

  it('ignores events it does not know, and those of before it was opened', () => {
    const { state } = given(installed(), { type: 'MeterPainted', data: {} } as unknown as DomainEvent);
    expect(state()).toEqual(given(installed()).state());
    expect(stateAfter(usagePoint, installed())).toEqual({ status: 'unopened' });
  });
});

describe('whose an instant is', () => {
  const anyCuts = fc
    .uniqueArray(fc.tuple(fc.constantFrom('a', 'b', 'utility'), fc.integer({ min: -20, max: 120 })), {
      selector: ([, slot]) => slot,
      maxLength: 8,
    })
    .map((list) => list.sort((x, y) => x[1] - y[1]).map(([subject, slot]) => ({ subject, from: MIDNIGHT + slot * QUARTER })));
  const instants = Array.from({ length: 96 }, (_, slot) => MIDNIGHT + slot * QUARTER);

  it('the parts of a day tile it: each instant has exactly one subject, the one of the cut before', () => {
    fc.assert(
      fc.property(anyCuts, (tenancy) => {
        const parts = partsBetween(tenancy, MIDNIGHT, MIDNIGHT + DAY);
        expect(parts[0]!.from).toBe(MIDNIGHT);
        expect(parts.at(-1)!.until).toBe(MIDNIGHT + DAY);
        for (let i = 1; i < parts.length; i++) {
          expect(parts[i]!.from).toBe(parts[i - 1]!.until);
          expect(parts[i]!.subject).not.toBe(parts[i - 1]!.subject);
        }
        for (const instant of instants) {
          const holders = parts.filter(({ from, until }) => from <= instant && instant < until).map(({ subject }) => subject);
          expect(holders).toEqual([subjectAt(tenancy, instant)]);
        }
      }),
    );
  });

  it('a meter has the parts of the day for which it hung there, and an exchange loses no instant', () => {
    fc.assert(
      fc.property(anyCuts, fc.integer({ min: 1, max: 95 }), (tenancy, slot) => {
        const exchanged = MIDNIGHT + slot * QUARTER;
        const events = [OPENED, installed(METER, MIDNIGHT - DAY), removed(METER, exchanged), installed(OTHER_METER, exchanged)];
        const state = { ...(stateAfter(usagePoint, ...events) as OpenUsagePoint), tenancy };
        const parts = [METER, OTHER_METER].flatMap((meterId) => partsOfDay([stayAt(state, meterId)], MIDNIGHT, MIDNIGHT + DAY));
        const total = parts.reduce((sum, { from, until }) => sum + until - from, 0);
        expect(total).toBe(DAY);
        for (const { subject, from } of parts) expect(subject).toBe(subjectAt(tenancy, from));
        expect(installationAt(state, METER, exchanged - 1)).toBeDefined();
        expect(installationAt(state, METER, exchanged)).toBeUndefined();
        expect(partsOfDay([stayAt(state, METER)], MIDNIGHT + DAY, MIDNIGHT + 2 * DAY)).toEqual([]);
      }),
    );
  });

  it('what a correction moves is exactly where the subject differs', () => {
    fc.assert(
      fc.property(anyCuts, anyCuts, (before, after) => {
        const moved = movedSpans(before, after, MIDNIGHT, MIDNIGHT + DAY);
        for (const instant of instants) {
          const [was, is] = [subjectAt(before, instant), subjectAt(after, instant)];
          const found = moved.filter(({ from, until }) => from <= instant && instant < until).map(({ subject }) => subject);
          expect(found).toEqual(was === is ? [] : [was]);
        }
      }),
    );
  });

  it('a subject has the spans in which it is the subject', () => {
    const tenancy = cuts(['a', MIDNIGHT], ['utility', MIDNIGHT + DAY], ['a', MIDNIGHT + 2 * DAY]);
    expect(spansOf(tenancy, 'a', MIDNIGHT + 3 * DAY)).toEqual([
      { subject: 'a', from: MIDNIGHT, until: MIDNIGHT + DAY },
      { subject: 'a', from: MIDNIGHT + 2 * DAY, until: MIDNIGHT + 3 * DAY },
    ]);
  });
});
