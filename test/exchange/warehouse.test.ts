import { parquetMetadata, parquetReadObjects } from 'hyparquet';
import { describe, expect, it } from 'vitest';
import type { Lane, Slot } from '../../exchange/slots.ts';
import { type Disclosure, WarehouseWriter } from '../../exchange/warehouse.ts';

const FROM = Date.UTC(2013, 5, 1) / 1000;
const DISCLOSURE: Disclosure = {
  who: 'analyst 7',
  purpose: 'load forecast',
  legalBasis: 'GDPR Art. 6(1)(e)',
  window: { from: FROM, until: FROM + 4_000 * 86_400 },
  producer: 'joulekeep 0.1.0',
  at: Date.UTC(2013, 6, 1),
};
const LANE: Lane = { usagePoint: 'psn-1', meterId: '00000000000000a1', channel: 1, direction: 'export', unit: 'Wh', minutes: 30 };

function slot(i: number, change: Partial<Slot> = {}): Slot {
  const end = FROM + (i + 1) * 1_800;
  return {
    end,
    energyWh: i,
    source: 'measured',
    scaled: false,
    confidence: 100,
    revision: 2,
    final: true,
    register: null,
    edit: null,
    ...change,
  };
}

function written(slots: Iterable<Slot>, disclosure = DISCLOSURE): ArrayBuffer {
  const pieces: Uint8Array[] = [];
  const writer = new WarehouseWriter((bytes) => pieces.push(bytes), disclosure);
  writer.lane({ lane: LANE, slots });
  writer.end();
  const bytes = Buffer.concat(pieces);
  return bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length) as ArrayBuffer;
}

describe('warehouse export', () => {
  it('another reader finds every column as it was', async () => {
    const file = written([
      slot(0, { energyWh: 999_999_999_999_999 }),
      slot(1, { source: 'missing', energyWh: null, confidence: 0 }),
      slot(2, { source: 'E3', scaled: true, confidence: 61 }),
    ]);
    const common = {
      usagePoint: 'psn-1',
      meterId: '00000000000000a1',
      channel: 1,
      direction: 'export',
      unit: 'Wh',
      minutes: 30,
      revision: 2,
      state: 'final',
    };
    expect(await parquetReadObjects({ file })).toEqual([
      { ...common, intervalEnd: new Date('2013-06-01T00:30:00Z'), energyWh: 999_999_999_999_999n, source: 'measured', confidence: 100 },
      { ...common, intervalEnd: new Date('2013-06-01T01:00:00Z'), energyWh: null, source: 'missing', confidence: 0 },
      { ...common, intervalEnd: new Date('2013-06-01T01:30:00Z'), energyWh: 2n, source: 'E3+ES', confidence: 61 },
    ]);
  });

  it('says in itself who exported it, why, on what legal basis, of when, and with what', () => {
    const { key_value_metadata, created_by } = parquetMetadata(written([slot(0)]));
    expect(created_by).toBe('joulekeep 0.1.0');
    expect(Object.fromEntries(key_value_metadata!.map(({ key, value }) => [key, value]))).toEqual({
      format: 'joulekeep readings 1',
      who: 'analyst 7',
      purpose: 'load forecast',
      legalBasis: 'GDPR Art. 6(1)(e)',
      windowFrom: '2013-06-01T00:00:00.000Z',
      windowUntil: '2024-05-14T00:00:00.000Z',
      producer: 'joulekeep 0.1.0',
      exportedAt: '2013-07-01T00:00:00.000Z',
    });
  });

  it.each(['who', 'purpose', 'legalBasis'] as const)('is not made without %s: not a byte', (what) => {
    const pieces: Uint8Array[] = [];
    expect(() => new WarehouseWriter((bytes) => pieces.push(bytes), { ...DISCLOSURE, [what]: ' ' })).toThrow(
      expect.objectContaining({ code: 'ERR_EXPORT_REFUSED' }),
    );
    expect(pieces).toEqual([]);
  });

  it.each([-1, 4_000 * 48])('refuses slot %i: outside of the window that it states', (i) => {
    expect(() => written([slot(i)])).toThrow(expect.objectContaining({ code: 'ERR_EXPORT_REFUSED' }));
  });

  it('keeps order and sum over row groups', async () => {
    const count = 150_001;
    const file = written(Array.from({ length: count }, (_, i) => slot(i)));
    const { row_groups, num_rows } = parquetMetadata(file);
    expect([num_rows, row_groups.map((group) => group.num_rows)]).toEqual([BigInt(count), [100_000n, 50_001n]]);
    const rows = await parquetReadObjects({ file, columns: ['energyWh'] });
    expect(rows.every(({ energyWh }, i) => energyWh === BigInt(i))).toBe(true);
  });

  it('a file without readings is one', async () => {
    expect(await parquetReadObjects({ file: written([]) })).toEqual([]);
  });
});
