import { describe, expect, it } from 'vitest';
import { MARKET_OFFSET_MINUTES, type NemTerms, writeNem12, writeNem13 } from '../../exchange/nem/from-slots.ts';
import { NemWriter } from '../../exchange/nem/writer.ts';
import type { Lane, LaneSlots, Slot, Window } from '../../exchange/slots.ts';
import { imported } from './given.ts';

/** 2024-06-01 in market time. */
const FROM = Date.UTC(2024, 4, 31, 14) / 1000;
const WINDOW: Window = { from: FROM, until: FROM + 86_400 };
const LANE: Lane = { usagePoint: 'NMI0000001', meterId: 'm1', channel: 0, direction: 'import', unit: 'Wh', minutes: 30 };
const TERMS: NemTerms = {
  quality: ({ source }) =>
    source === 'measured'
      ? { flag: 'A', method: null, reasonCode: null, reasonText: '' }
      : { flag: 'S', method: 14, reasonCode: 1, reasonText: source },
  utcOffsetMinutes: MARKET_OFFSET_MINUTES,
  updatedAt: '20240602000000',
};

function slots(change: (i: number) => Partial<Slot> | null = () => ({})): Slot[] {
  return Array.from({ length: 48 }, (_, i) => ({ i, changed: change(i) }))
    .filter(({ changed }) => changed !== null)
    .map(({ i, changed }) => {
      const register = 10_000 + (i + 1) * 250;
      const plain = {
        end: FROM + (i + 1) * 1_800,
        energyWh: 250,
        source: 'measured' as const,
        scaled: false,
        confidence: 100,
        revision: 1,
        final: true,
      };
      return { ...plain, register, edit: null, ...changed };
    });
}

function file(version: 'NEM12' | 'NEM13', lanes: LaneSlots[], window = WINDOW): string {
  const lines: string[] = [];
  const writer = new NemWriter((line) => lines.push(line));
  writer.header({ version, created: '202406020000', from: 'A', to: 'B' });
  (version === 'NEM12' ? writeNem12 : writeNem13)(writer, lanes, window, TERMS);
  writer.end();
  return lines.join('');
}

describe('slots as NEM12', () => {
  it('a day of market time in kWh; what is not there is N', async () => {
    const text = file('NEM12', [{ lane: LANE, slots: slots((i) => (i === 3 ? null : i === 4 ? { source: 'E2' } : {})) }]);
    const outcome = await imported(text);
    expect(outcome.ok && outcome.blocks).toMatchObject([
      {
        usagePoint: 'NMI0000001',
        meter: 'm1',
        register: 'E1',
        date: '2024-06-01',
        start: FROM,
        values: [250, 250, 250, null, ...new Array(44).fill(250)],
        quality: [
          { last: 2, flag: 'A' },
          { last: 3, flag: 'N' },
          { last: 4, flag: 'S', method: 14, reasonCode: 1, reasonText: 'E2' },
          { last: 47, flag: 'A' },
        ],
      },
    ]);
    expect(text.split('\r\n')[2]).toMatch(/^300,20240601,0\.25,0\.25,0\.25,0,0\.25,.*,V,,,20240602000000,$/);
  });

  it('a suffix for every direction and unit, numbered where two have the same', () => {
    const lanes = [
      LANE,
      { ...LANE, channel: 1, direction: 'export' as const },
      { ...LANE, channel: 2, unit: 'varh' as const },
      { ...LANE, channel: 3, unit: 'varh' as const, direction: 'export' as const },
      { ...LANE, meterId: 'm2' },
    ].map((lane) => ({ lane, slots: slots() }));
    const channels = file('NEM12', lanes)
      .split('\r\n')
      .filter((line) => line.startsWith('200'));
    expect(channels).toEqual([
      '200,NMI0000001,E1B1Q1K1E2,0,E1,N1,m1,kWh,30,',
      '200,NMI0000001,E1B1Q1K1E2,1,B1,N1,m1,kWh,30,',
      '200,NMI0000001,E1B1Q1K1E2,2,Q1,,m1,kVArh,30,',
      '200,NMI0000001,E1B1Q1K1E2,3,K1,,m1,kVArh,30,',
      '200,NMI0000001,E1B1Q1K1E2,0,E2,N2,m2,kWh,30,',
    ]);
  });

  it('refuses a window that is not of market days', () => {
    expect(() => file('NEM12', [{ lane: LANE, slots: slots() }], { from: FROM + 3_600, until: FROM + 90_000 })).toThrow(
      'whole days of market time',
    );
  });
});

describe('slots as NEM13', () => {
  it('the register at both ends, and their difference', () => {
    expect(file('NEM13', [{ lane: LANE, slots: slots() }]).split('\r\n')[1]).toBe(
      '250,NMI0000001,E1,0,E1,N1,m1,E,10,20240601000000,A,,,22,20240602000000,A,,,12,kWh,,20240602000000,',
    );
  });

  it.each<[string, Slot[]]>([
    ['no readings', []],
    ['no reading at the begin', slots((i) => (i === 0 ? null : {}))],
    ['no reading at the end', slots((i) => (i === 47 ? null : {}))],
    ['no register at the end', slots((i) => (i === 47 ? { register: null } : {}))],
    ['no value at the begin', slots((i) => (i === 0 ? { energyWh: null } : {}))],
    ['a register that ran backwards', slots((i) => (i === 47 ? { register: 3 } : {}))],
  ])('refuses %s', (_, given) => {
    expect(() => file('NEM13', [{ lane: LANE, slots: given }])).toThrow(expect.objectContaining({ code: 'ERR_EXPORT_REFUSED' }));
  });
});
