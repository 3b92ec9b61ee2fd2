import { describe, expect, it } from 'vitest';
import { counted } from '../../bin/texts/counted.ts';
import { listedDay } from '../../bin/texts/listed-day.ts';
import type { DaySlot } from '../../lambdas/shared/days/meter-days.ts';

const slot = (source: DaySlot['source'], energyWh: number | null = 5): DaySlot => ({ end: 900, energyWh, source });
const DAY = { meterId: '02a1b2c3d4e5f607', day: '2026-01-15', standing: 'final', revision: 2 } as const;
const channel = (direction: 'import' | 'export', ...slots: DaySlot[]) => ({
  channel: 0,
  direction,
  unit: 'Wh' as const,
  minutes: 15,
  slots,
});

describe('a day in a list', () => {
  it('says how many slots of a channel are estimated, by a method or by hand', () => {
    const slots = [slot('measured'), slot('E3'), slot('E11'), slot('EX'), slot('held'), slot('missing', null)];
    const text = listedDay({ ...DAY, part: 2, held: true, channels: [channel('import', ...slots), channel('export', slot('measured'))] });
    expect(text).toBe('02a1b2c3d4e5f607  2026-01-15.2  final        revision 2, held  import 25 Wh, 3 of 6 slots estimated; export 5 Wh\n');
  });

  it('says nothing of estimates where all was measured', () => {
    expect(listedDay({ ...DAY, part: 1, held: false, channels: [channel('import', slot('measured'))] })).toMatch(/ {2}import 5 Wh\n$/);
  });
});

it('one of a thing is in the singular', () => {
  expect([counted(0, 'stream'), counted(1, 'stream'), counted(2, 'stream'), counted(1, 'lies', 'lie')]).toEqual([
    '0 streams',
    '1 stream',
    '2 streams',
    '1 lies',
  ]);
});
