import { describe, expect, it } from 'vitest';
import type { Day } from '../../api/days.ts';
import { dayText } from '../../bin/texts/day-text.ts';

type Channel = Day['channels'][number];
type Slot = Channel['slots'][number];
type Edit = Day['edits'][number];

const END = '2026-01-15T10:15:00Z';
const slot = (number: number, final: Partial<Slot['final']>, more: Partial<Slot> = {}): Slot => ({
  ...{ slot: number, end: END, raw: { energyWh: 12, registerCounts: null, flags: 0 }, errors: [], warnings: [] },
  final: { ...{ energyWh: 12, source: 'measured', scaled: false, confidence: 100, edited: false }, ...final },
  ...more,
});
const CHANNEL: Channel = {
  ...{ channel: 0, direction: 'import', unit: 'Wh', perCount: 1, energyWh: 4_711, obis: '1-0:1.8.0', registerWh: 4_700 },
  ...{ measured: 90, estimated: 3, edited: 2, held: 1, missing: 0, dayErrors: ['V15'], dayWarnings: ['V25'] },
  slots: [
    slot(39, {}),
    slot(40, { energyWh: null }, { errors: ['V08'], warnings: ['V10'] }),
    slot(41, { energyWh: 7, source: 'E11', scaled: true, edited: true }, { raw: { energyWh: null, registerCounts: null, flags: 0 } }),
  ],
};
const edit = (number: number, more: Partial<Edit>): Edit => ({
  ...{ edit: number, kind: 'values', channel: 0, slots: [41], energyWh: [7], reason: 'meter-read', note: 'seen; on "site"' },
  ...{ by: 'ann', at: END, undone: false },
  ...more,
});
const DAY: Day = {
  ...{ meterId: '02a1b2c3d4e5f607', usagePoint: 'up-1', day: '2026-01-15', part: 2, zone: 'Europe/London', minutes: 15 },
  ...{ start: '2026-01-15T00:00:00Z', end: '2026-01-16T00:00:00Z', state: 'final', revision: 3, held: true },
  channels: [
    CHANNEL,
    { ...CHANNEL, channel: 1, direction: 'export', registerWh: null, held: 0, dayErrors: [], dayWarnings: [], slots: [] },
  ],
  edits: [edit(1, { approvedBy: 'bob', undone: true }), edit(2, { kind: 'undo', undoes: 1 })],
  proposals: [edit(3, { kind: 'agreed', by: 'dan' })],
  history: [],
};

describe('a day at a terminal', () => {
  it('has whose it is, how it stands, each slot that has something to say, and who changed what', () => {
    expect(dayText(DAY, 'W7', false).split('\n')).toEqual([
      '02a1b2c3d4e5f607 at up-1, 2026-01-15, part 2: final, revision 3, held',
      "2026-01-15T00:00:00Z to 2026-01-16T00:00:00Z, 15 min, Europe/London; --etag 'W7'",
      'channel 0 import: 4711 Wh, 90 measured, 3 estimated, 2 edited, 1 held  1-0:1.8.0, register 4700  V15 (V25)',
      `   40  ${END}  raw      12  final       -  measured  V08 (V10)`,
      `   41  ${END}  raw       -  final       7  E11+ES by hand`,
      'channel 1 export: 4711 Wh, 90 measured, 3 estimated, 2 edited  1-0:1.8.0',
      'edit 1: values by ann, meter-read, "seen; on \\"site\\"", approved by bob, taken back',
      'edit 2: undo by ann, meter-read, "seen; on \\"site\\"", undoes 1',
      'edit 3 waits for a second person: agreed by dan, meter-read, "seen; on \\"site\\""',
      '',
    ]);
  });

  it('has every slot where all are asked for', () => {
    const slots = dayText(DAY, undefined, true).split('\n');
    expect(slots[1]).toBe('2026-01-15T00:00:00Z to 2026-01-16T00:00:00Z, 15 min, Europe/London');
    expect(slots[3]).toBe(`   39  ${END}  raw      12  final      12  measured`);
  });
});
