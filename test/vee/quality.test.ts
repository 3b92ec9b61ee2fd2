import { describe, expect, it } from 'vitest';
import { fromAemo, fromEspi, toAemo, toEspi, toIec61968 } from '../../domain/vee/quality.ts';
import { SCALED, SLOT_SOURCES } from '../../events/index.ts';
import { sourceByte } from './given.ts';

const METHODS = [
  11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 51, 52, 53, 54, 55, 56, 57, 58, 59, 61, 62, 63, 64, 65, 66, 67, 68, 69, 71,
  72, 73, 74, 75,
];
const bytes = [...SLOT_SOURCES.keys(), sourceByte('E3') | SCALED];

describe('AEMO quality', () => {
  it.each(bytes.flatMap((source) => [[source, true] as const, [source, false] as const]))(
    'source %i, final %s, comes back as it went',
    (source, final) => {
      const back = fromAemo(toAemo({ source, final }))!;
      const lost = SLOT_SOURCES[source] === 'held';
      expect(back.source).toBe(lost ? sourceByte('missing') : source);
      // Only substitutes say by their flag whether they are final.
      if ('SF'.includes(toAemo({ source, final }).flag)) expect(back.final).toBe(final);
    },
  );

  it.each([
    ['missing', 'N', null],
    ['measured', 'A', null],
    ['held', 'N', null],
    ['E0', 'S', 19],
    ['E1', 'S', 11],
    ['E2', 'S', 17],
    ['E3', 'S', 15],
    ['E4', 'S', 14],
    ['E5', 'S', 23],
    ['E7', 'S', 57],
    ['E8', 'S', 25],
    ['E9', 'S', 12],
    ['E10', 'S', 58],
    ['E11', 'S', 16],
    ['EX', 'E', 52],
  ] as const)('%s is %s%s', (source, flag, method) => {
    expect(toAemo({ source: sourceByte(source), final: false })).toEqual({ flag, method });
    expect(toAemo({ source: sourceByte(source), final: true }).flag).toBe(flag === 'S' ? 'F' : flag);
  });

  it('scaling by the register is told with the method that is chosen there; with others the shape', () => {
    expect(toAemo({ source: sourceByte('E3') | SCALED, final: true })).toEqual({ flag: 'F', method: 24 });
    expect(toAemo({ source: sourceByte('E2') | SCALED, final: true })).toEqual({ flag: 'F', method: 17 });
  });

  it('every method of the format is read as one source, and is final, substituted or a forward estimate by its flag', () => {
    for (const method of METHODS) {
      const substituted = fromAemo({ flag: 'S', method })!;
      expect(SLOT_SOURCES[substituted.source & ~SCALED]).toMatch(/^E/);
      expect(fromAemo({ flag: 'F', method })).toEqual({ ...substituted, final: true });
      expect(fromAemo({ flag: 'E', method })).toEqual({ source: sourceByte('EX'), final: false });
    }
  });

  it('a method that the format does not have, and V, are no quality of a value', () => {
    expect([10, 26, 60, 70, 76, null].map((method) => fromAemo({ flag: 'S', method }))).toEqual(Array(6).fill(undefined));
    expect(fromAemo({ flag: 'V', method: null })).toBeUndefined();
  });

  it('a byte that is no source is refused', () => {
    expect(() => toAemo({ source: SLOT_SOURCES.length, final: false })).toThrow(RangeError);
  });
});

describe('ESPI and IEC 61968', () => {
  const QUALITIES = [0, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19];

  it('every quality that is written is read as one that is written the same', () => {
    for (const source of bytes) {
      for (const final of [false, true]) {
        const code = toEspi({ source, final });
        if (code === null) expect(SLOT_SOURCES[source]).toBe('missing');
        else expect([code, toEspi({ ...fromEspi(code)!, final })]).toEqual([code, code]);
      }
    }
  });

  it.each([
    ['measured', 0, 19],
    ['held', 10, 10],
    ['E2', 9, 9],
    ['E3', 8, 8],
    ['E4', 8, 8],
    ['E9', 11, 11],
    ['E11', 7, 7],
    ['EX', 12, 12],
  ] as const)('%s is %i, and %i when final', (source, provisional, final) => {
    expect([false, true].map((done) => toEspi({ source: sourceByte(source), final: done }))).toEqual([provisional, final]);
  });

  it('reads all qualities but mixed and other', () => {
    expect(QUALITIES.filter((code) => fromEspi(code) === undefined)).toEqual([13, 16]);
    expect(fromEspi(1)).toBeUndefined();
    expect(fromEspi(14)).toEqual({ source: sourceByte('measured'), final: false });
  });

  it.each([
    ['measured', '3.0.0'],
    ['held', '3.10.0'],
    ['E2', '3.8.0'],
    ['E8', '3.8.0'],
    ['E11', '3.7.0'],
    ['EX', '3.12.0'],
    ['missing', null],
  ] as const)('%s is %s in IEC 61968', (source, code) => {
    expect(toIec61968({ source: sourceByte(source), final: true })).toBe(code);
  });
});
