import { describe, expect, it } from 'vitest';
import { CHANNEL, day, file, HEADER, imported, problemsOf, valuesWith } from './given.ts';

const V = 'V,,,20040418203500,20040419003500';

describe('NEM12: what is read', () => {
  it('a day: values in Wh, quality, register, and its begin in market time', async () => {
    const outcome = await imported(file(HEADER, CHANNEL, day({ values: valuesWith(2, '.005') }), '900'));
    if (!outcome.ok) throw new Error('refused');
    expect(outcome).toMatchObject({ format: 'NEM12', reads: [], setAside: [] });
    expect(outcome.blocks).toEqual([
      {
        line: 3,
        usagePoint: 'VABD000163',
        meter: 'METSER123',
        register: 'E1',
        unit: 'Wh',
        date: '2004-02-01',
        start: Date.UTC(2004, 0, 31, 14) / 1000,
        minutes: 30,
        values: [1_111, 5, ...new Array<number>(46).fill(1_111)],
        quality: [{ first: 0, last: 47, flag: 'A', method: null, reasonCode: null, reasonText: '' }],
        vocabulary: 'aemo',
      },
    ]);
  });

  it.each([
    ['kWh', '1.234', 1_234, 'Wh'],
    ['KWH', '0001.2340', 1_234, 'Wh'],
    ['MWh', '1.234567', 1_234_567, 'Wh'],
    ['wh', '7', 7, 'Wh'],
    ['Wh', '7.000', 7, 'Wh'],
    ['kVArh', '.1', 100, 'varh'],
    ['KVARH', '0.1', 100, 'varh'],
    ['MVArh', '0.000001', 1, 'varh'],
    ['VAh', '9.', 9, 'VAh'],
    ['kVAh', '2.311765', undefined, undefined],
    ['kWh', '0.29', 290, 'Wh'],
    ['kWh', '4.35', 4_350, 'Wh'],
    ['kWh', '999999999999.999', 999_999_999_999_999, 'Wh'],
  ])('unit %s, value %s: %s %s, exactly', async (unit, text, value, base) => {
    const outcome = await imported(
      file(HEADER, CHANNEL.replace('kWh', unit), day({ values: valuesWith(48, text) }).replaceAll('1.111', '0'), '900'),
    );
    expect(outcome.ok ? [outcome.blocks[0]!.values[47], outcome.blocks[0]!.unit] : [undefined, undefined]).toEqual([value, base]);
  });

  it.each([5, 10, 15, 30])('intervals of %i minutes', async (minutes) => {
    const values = Array.from({ length: 1_440 / minutes }, (_, i) => String(i));
    const outcome = await imported(file(HEADER, CHANNEL.replace(',30,', `,${minutes},`), day({ values }), '900'));
    expect(outcome.ok && outcome.blocks[0]).toMatchObject({ minutes, values: values.map((text) => Number(text) * 1_000) });
  });

  it('V: quality by interval from 400 records, with method, reason and text', async () => {
    const events = ['400,1,20,F14,76,', '400,21,24,A,,', '400,25,47,S14,1,broken meter', '400,48,48,N,,'];
    const outcome = await imported(file(HEADER, CHANNEL, day({ values: valuesWith(48, '0'), tail: V }), ...events, '900'));
    expect(outcome.ok && outcome.blocks[0]!.quality).toEqual([
      { first: 0, last: 19, flag: 'F', method: 14, reasonCode: 76, reasonText: '' },
      { first: 20, last: 23, flag: 'A', method: null, reasonCode: null, reasonText: '' },
      { first: 24, last: 46, flag: 'S', method: 14, reasonCode: 1, reasonText: 'broken meter' },
      { first: 47, last: 47, flag: 'N', method: null, reasonCode: null, reasonText: '' },
    ]);
    expect(outcome.ok && outcome.blocks[0]!.values.slice(46)).toEqual([1_111, null]);
  });

  it('N: no data is no zero; an empty value says the same', async () => {
    const none = new Array<string>(48).fill('0');
    const outcome = await imported(
      file(HEADER, CHANNEL, day({ values: none, tail: 'N,,,,' }), day({ date: '20040202', values: none.fill(''), tail: 'N,,,,' }), '900'),
    );
    expect(outcome.ok && outcome.blocks.map(({ values }) => values)).toEqual([new Array(48).fill(null), new Array(48).fill(null)]);
  });

  it('400 records under one quality for the day: only the reasons differ', async () => {
    const outcome = await imported(file(HEADER, CHANNEL, day({ tail: 'S14,,,,' }), '400,1,40,S14,1,', '400,41,48,S14,2,', '900'));
    expect(outcome.ok && outcome.blocks[0]!.quality.map(({ last, reasonCode }) => [last, reasonCode])).toEqual([
      [39, 1],
      [47, 2],
    ]);
  });

  it.each([
    ['LF', file(HEADER, CHANNEL, day(), '900').replaceAll('\r', '')],
    ['no end behind 900', file(HEADER, CHANNEL, day(), '900').trimEnd()],
    ['a byte order mark', `\ufeff${file(HEADER, CHANNEL, day(), '900')}`],
    ['blank lines', file('', HEADER, '', CHANNEL, day(), '   ', '900', '', '')],
    ['trailing commas', file(`${HEADER},,,`, `${CHANNEL},,`, `${day()},,,`, '900,,,,')],
    ['a 500 record', file(HEADER, CHANNEL, day(), '500,O,S01009,20040201120000,001123.5', '900')],
    ['fields left out at the end', file('100,NEM12,200405011135', '200,NMI111,,,E1,,,KWH,30', day({ tail: 'A' }), '900')],
  ])('takes %s', async (_, text) => {
    expect(await imported(text)).toMatchObject({ ok: true, blocks: [{ date: '2004-02-01' }] });
  });

  it('sets a channel aside that holds no energy', async () => {
    const outcome = await imported(
      file(HEADER, '200,C123,E1V1,,V1,,,V,30,', day({ values: valuesWith(1, '239.13') }), CHANNEL, day(), '900'),
    );
    expect(outcome).toMatchObject({ ok: true, setAside: [{ line: 2, register: 'V1', unit: 'V' }], blocks: [{ register: 'E1' }] });
  });

  it('takes the same day of two meters at one point: an exchange', async () => {
    const outcome = await imported(file(HEADER, CHANNEL, day(), CHANNEL.replace('METSER123', 'METSER456'), day(), '900'));
    expect(outcome.ok && outcome.blocks.map(({ meter }) => meter)).toEqual(['METSER123', 'METSER456']);
  });
});

describe('NEM12: what is refused, and where', () => {
  it.each([
    ['no header', [CHANNEL, day(), '900'], ['1:1 no NEM12 or NEM13 file']],
    ['another version', ['100,NEM14,200405011135,A,B', '900'], ['1:5 no NEM12 or NEM13 file']],
    ['a header of no instant', ['100,NEM12,200413011135,A,B', '900'], ['1:11 instant "200413011135" is no instant']],
    ['no 900', [HEADER, CHANNEL, day()], ['3:1 the file ends without its 900 record']],
    ['a record behind 900', [HEADER, '900', CHANNEL], ['3:1 a record behind 900']],
    ['a record of NEM13', [HEADER, '250,1', '900'], ['2:1 NEM12 has no record "250"']],
    ['a record of nobody', [HEADER, 'hello', '900'], ['2:1 NEM12 has no record "hello"']],
    ['300 before 200', [HEADER, day(), '900'], ['2:1 a 300 record before any 200 record']],
    ['400 before 300', [HEADER, CHANNEL, '400,1,48,A,,', '900'], ['3:1 a 400 record without a 300 record']],
    ['500 before 300', [HEADER, CHANNEL, '500,O,,,', '900'], ['3:1 a 500 record without a 300 record']],
    ['500 of no code', [HEADER, CHANNEL, day(), '500,7,,,', '900'], ['4:5 transaction code "7"']],
    ['no NMI', [HEADER, CHANNEL.replace('VABD000163', ''), '900'], ['2:5 NMI is missing']],
    ['a suffix of three', [HEADER, CHANNEL.replace(',E1,', ',E12,'), '900'], ['2:23 NMI suffix "E12"']],
    ['an unknown unit', [HEADER, CHANNEL.replace('kWh', 'therm'), day(), '900'], ['2:39 unit of measure "therm"']],
    ['an interval of 7', [HEADER, CHANNEL.replace(',30,', ',7,'), day(), '900'], ['2:43 interval length "7"']],
    [
      'next read on no day',
      [HEADER, CHANNEL.replace('20040501', '20040631'), '900'],
      ['2:46 next scheduled read date "20040631" is no day'],
    ],
    ['a day that is none', [HEADER, CHANNEL, day({ date: '20040230' }), '900'], ['3:5 interval date "20040230" is no day']],
    ['29 February of a common year', [HEADER, CHANNEL, day({ date: '20030229' }), '900'], ['3:5 interval date "20030229" is no day']],
    ['a day twice', [HEADER, CHANNEL, day(), day(), '900'], ['4:5 2004-02-01 is there twice for VABD000163 E1']],
    ['47 values', [HEADER, CHANNEL, day({ values: valuesWith(1, '1').slice(1) }), '900'], ['3:296 47 values']],
    ['49 values', [HEADER, CHANNEL, day({ values: [...valuesWith(1, '1'), '1'] }), '900'], ['3:298 49 values']],
    ['a record that ends early', [HEADER, CHANNEL, '300,20040201,1,2,3', '900'], ['3:20 3 values']],
    ['no quality', [HEADER, CHANNEL, day({ tail: ',,,' }), '900'], ['3:302 quality is missing or not one']],
    ['an unknown quality', [HEADER, CHANNEL, day({ tail: 'X,,,' }), '900'], ['3:302 quality "X"']],
    ['an estimate without method', [HEADER, CHANNEL, day({ tail: 'E,,,' }), '900'], ['3:302 quality "E"']],
    ['an actual with method', [HEADER, CHANNEL, day({ tail: 'A14,,,' }), '900'], ['3:302 quality "A14"']],
    ['a reason of letters', [HEADER, CHANNEL, day({ tail: 'S14,no,,' }), '900'], ['3:306 reason code "no"']],
    [
      'an update at 25:00',
      [HEADER, CHANNEL, day({ tail: 'A,,,20040202250000' }), '900'],
      ['3:306 update instant "20040202250000" is no instant'],
    ],
    ['a tail too long', [HEADER, CHANNEL, `${day()},more`, '900'], ['3:336 record 300 has 55 fields, and then "more"']],
    ['V and no 400', [HEADER, CHANNEL, day({ tail: V }), '900'], ['3:302 no 400 record says the quality of interval 1']],
    [
      '400 that ends early',
      [HEADER, CHANNEL, day({ tail: V }), '400,1,20,A,,', '900'],
      ['3:302 no 400 record says the quality of interval 21'],
    ],
    ['400 with a gap', [HEADER, CHANNEL, day({ tail: V }), '400,1,20,A,,', '400,22,48,A,,', '900'], ['5:5 interval 22, but 21 is next']],
    ['400 that overlaps', [HEADER, CHANNEL, day({ tail: V }), '400,1,20,A,,', '400,20,48,A,,', '900'], ['5:5 interval 20, but 21 is next']],
    ['400 beyond the day', [HEADER, CHANNEL, day({ tail: V }), '400,1,49,A,,', '900'], ['4:7 interval 49']],
    ['400 backwards', [HEADER, CHANNEL, day({ tail: V }), '400,1,0,A,,', '900'], ['4:7 interval 0']],
    ['400 that varies itself', [HEADER, CHANNEL, day({ tail: V }), '400,1,48,V,,', '900'], ['4:10 quality "V"']],
    [
      '400 against its 300',
      [HEADER, CHANNEL, day(), '400,1,48,S14,1,', '900'],
      ['4:10 another quality than the 300 record states for the whole day'],
    ],
    [
      'a value under N',
      [HEADER, CHANNEL, day({ tail: 'N,,,' }), '900'],
      Array.from({ length: 48 }, (_, i) => `3:${14 + 6 * i} interval ${i + 1} has a value and quality N, no data`),
    ],
  ])('%s', async (_, records, problems) => {
    expect(await problemsOf(file(...records))).toEqual(problems);
  });

  it.each([
    ['1e9', 'is not a number'],
    ['NaN', 'is not a number'],
    ['Infinity', 'is not a number'],
    ['0x10', 'is not a number'],
    ['1 000', 'is not a number'],
    ['1.1.1', 'is not a number'],
    ['.', 'is not a number'],
    ['-', 'is not a number'],
    ['-'.repeat(60_000), 'is not a number'],
    [`-${'1'.repeat(60_000)}x`, 'is not a number'],
    ['"1.111"', 'is not a number'],
    ['١', 'is not a number'],
    ['=1+1', 'is not a number'],
    ['-1', 'is negative'],
    ['1.1111', 'kWh is finer than 1 Wh'],
    ['9999999999999', 'is too large'],
    ['99999999999999999999999999', 'is too large'],
  ])('value %s', async (text, reason) => {
    const shown = text.length > 24 ? `${text.slice(0, 24)}…` : text;
    expect(await problemsOf(file(HEADER, CHANNEL, day({ values: valuesWith(2, text) }), '900'))).toEqual([
      `3:20 value of interval 2 "${shown}" ${reason}`,
    ]);
  });

  it('an empty value of an actual day', async () => {
    expect(await problemsOf(file(HEADER, CHANNEL, day({ values: valuesWith(48, '') }), '900'))).toEqual([
      '3:296 value of interval 48 is missing',
    ]);
  });

  it('quotes: MDFF has none', async () => {
    expect(await problemsOf(file(HEADER, CHANNEL, day({ tail: 'S14,1,"a reason"' }), '900'))).toEqual([
      '3:308 reason description is in quotes',
    ]);
  });

  it.each([
    ['NUL', Buffer.from(file(HEADER, CHANNEL, day({ values: valuesWith(1, '1\0') }), '900')), '3:15 control character U+0000'],
    ['a lone CR', Buffer.from(`${HEADER}\r${CHANNEL}\r900\r`), '1:33 control character U+000D'],
    ['UTF-16', Buffer.from(`\ufeff${file(HEADER, '900')}`, 'utf16le'), '1:1 the line is not UTF-8'],
    [
      'Latin-1',
      Buffer.concat([Buffer.from(`${HEADER}\n200,NMI1,caf`), Buffer.of(0xe9), Buffer.from('\n900\n')]),
      '2:1 the line is not UTF-8',
    ],
    ['10 MB in one line', Buffer.from(`${HEADER}\n300,${'1,'.repeat(5_000_000)}\n900\n`), '2:1 the line has more than 65536 bytes'],
    ['nothing', Buffer.alloc(0), '1:1 the file is empty'],
    ['blank lines', Buffer.from('\n\n \n'), '1:1 the file is empty'],
  ])('%s', async (_, bytes, problem) => {
    expect((await problemsOf(bytes))[0]).toBe(problem);
  });

  it('tells all that is wrong, not what follows from it, and what to do', async () => {
    const outcome = await imported(
      file(
        HEADER,
        CHANNEL.replace('kWh', 'litre'),
        day(),
        '400,1,2,A,,',
        CHANNEL,
        day({ values: valuesWith(3, 'x') }),
        day({ date: '1' }),
        '900',
      ),
    );
    expect(outcome).toEqual({
      ok: false,
      count: 3,
      problems: [
        { line: 2, column: 39, reason: 'unit of measure "litre"', remedy: 'write a unit of MDFF, e.g. kWh or kVArh' },
        {
          line: 6,
          column: 26,
          reason: 'value of interval 3 "x" is not a number',
          remedy: 'write digits and a decimal point: no sign, exponent, unit or quotes',
        },
        { line: 7, column: 5, reason: 'interval date "1" is no day', remedy: 'write yyyymmdd' },
      ],
    });
  });

  it('lists 100 problems and counts the rest', async () => {
    const outcome = await imported(file(HEADER, ...new Array<string>(1_000).fill('junk'), '900'));
    expect(outcome).toMatchObject({ ok: false, count: 1_000 });
    expect(!outcome.ok && outcome.problems).toHaveLength(100);
  });
});
