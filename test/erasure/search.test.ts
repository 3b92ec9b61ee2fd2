import { describe, expect, it } from 'vitest';
import { type Known, Readable } from './search.ts';

const MARK = 1_513;
const KNOWN: Known = { value: MARK, amounts: [], words: [] };

/** A day of hours, of which the first quarter has the mark. */
const DAY = Array.from({ length: 96 }, (_, slot) => (slot % 4 === 0 ? MARK : 1_300 + (slot % 41)));
const found = (content: unknown) => Readable.holding('here', content).find(KNOWN).length > 0;

describe('the search for readings', () => {
  it.each([
    ['numbers', JSON.stringify(DAY)],
    ['lines', DAY.join('\n')],
    ['objects', JSON.stringify(DAY.map((energyWh) => ({ energyWh, quality: 'measured' })))],
    [
      'objects with their slots',
      JSON.stringify(
        DAY.map((energyWh, slot) => ({ slot, energyWh })),
        undefined,
        2,
      ),
    ],
    ['pairs of strings', JSON.stringify(DAY.map((energyWh, slot) => [String(slot), String(energyWh)]))],
  ])('C10.3-3: finds them written as text: %s', (_, text) => {
    expect(found(text)).toBe(true);
    expect(found(Buffer.from(`\0\u{1}${text}\0`))).toBe(true);
    expect(found({ rows: [{ body: text }] })).toBe(true);
  });

  it('C10.3-3: finds them as numbers of two bytes, and as a list', () => {
    const bytes = Buffer.alloc(DAY.length * 2);
    for (const [at, energyWh] of DAY.entries()) bytes.writeUInt16BE(energyWh, at * 2);
    expect([found(bytes), found(DAY)]).toEqual([true, true]);
  });

  it('C10.3-3: finds nothing where there is none of it', () => {
    const others = DAY.map((energyWh) => (energyWh === MARK ? MARK + 1 : energyWh));
    for (const content of [
      JSON.stringify(others),
      Buffer.from(JSON.stringify(others)),
      `${MARK}`,
      `${MARK},1,2,3,${MARK}`,
      `1${DAY.join('1,1')}`,
    ])
      expect(found(content)).toBe(false);
  });
});
