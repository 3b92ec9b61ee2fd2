import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { SLOT_SOURCES } from '../../events/index.ts';
import { parseRow, row } from '../../exchange/csv/cells.ts';
import { LOG_HEADER, logLine, QUALITY_HEADER, qualityLine } from '../../exchange/csv/logs.ts';
import { CsvReadingsReader } from '../../exchange/csv/readings-reader.ts';
import { csvHeader, FULL, fullLine, PLAIN, plainLine } from '../../exchange/csv/readings-writer.ts';
import { LineSplitter } from '../../exchange/lines.ts';
import { Problems } from '../../exchange/problem.ts';
import type { Lane, Slot } from '../../exchange/slots.ts';
import { imported, problemsOf } from './given.ts';

const LANE: Lane = { usagePoint: 'p1', meterId: '00000000000000a1', channel: 0, direction: 'import', unit: 'Wh', minutes: 30 };
const SLOT: Slot = {
  end: Date.UTC(2013, 5, 1, 0, 30) / 1000,
  energyWh: 120,
  source: 'measured',
  scaled: false,
  confidence: 100,
  revision: 1,
  final: true,
  register: 5_000,
  edit: null,
};
const full = (...slots: Partial<Slot>[]) => csvHeader(FULL) + slots.map((slot) => fullLine(LANE, { ...SLOT, ...slot })).join('');
const at = (i: number) => SLOT.end + i * 1_800;

describe('cells', () => {
  it.each([
    ['=1+1', "'=1+1"],
    ['+49', "'+49"],
    ['-2', "'-2"],
    ['@SUM(A1)', "'@SUM(A1)"],
    ['\tx', "'\tx"],
    ['=HYPERLINK("x","y")', `"'=HYPERLINK(""x"",""y"")"`],
    ["'quoted", "''quoted"],
    ['plain', 'plain'],
    ['a-b=c', 'a-b=c'],
  ])('text %j is written as %j: no spreadsheet runs it', (text, cell) => {
    expect(row([text])).toBe(`${cell}\n`);
  });

  it('a number stays one, whatever its sign', () => {
    expect(row([-2, 1.5, null])).toBe('-2,1.5,\n');
  });

  it('any text is read back as it was', () => {
    const text = fc.string({ unit: 'binary' }).filter((t) => !/[\r\n]/.test(t));
    fc.assert(
      fc.property(fc.array(text, { minLength: 1 }), (texts) => {
        const cells = parseRow(row(texts).slice(0, -1));
        expect(typeof cells === 'number' ? cells : cells.map((cell) => cell.text)).toEqual(texts);
      }),
    );
  });
});

describe('readings as CSV', () => {
  it('both shapes begin as documented', () => {
    expect(csvHeader(PLAIN) + plainLine(LANE, SLOT)).toBe('meterId,channel,end_utc,wh\n00000000000000a1,0,2013-06-01T00:30Z,120\n');
    expect(full({ scaled: true, source: 'E2', edit: { number: 2, reason: 'agreed, in writing' } })).toBe(
      'usage_point,meterId,channel,direction,unit,end_utc,minutes,value,quality,confidence,register,revision,edit,edit_reason,state\n' +
        'p1,00000000000000a1,0,import,Wh,2013-06-01T00:30Z,30,120,E2+ES,100,5000,1,2,"agreed, in writing",final\n',
    );
  });

  it('what is written is read as the same', () => {
    const text = fc.string({ maxLength: 12 }).filter((t) => !/\p{Cc}/u.test(t));
    const lane = fc.record({
      usagePoint: text,
      meterId: fc.stringMatching(/^[0-9a-f]{16}$/),
      channel: fc.nat(255),
      direction: fc.constantFrom('import' as const, 'export' as const),
      unit: fc.constantFrom('Wh' as const, 'varh' as const, 'VAh' as const),
      minutes: fc.constantFrom(5, 15, 30),
    });
    const whole = fc.nat({ max: 999_999_999_999_999 });
    const slot = fc
      .record({
        end: fc.nat(4_000_000).map((n) => n * 300),
        energyWh: whole,
        source: fc.constantFrom(...SLOT_SOURCES),
        scaled: fc.boolean(),
        confidence: fc.nat(100),
        revision: fc.nat(9),
        final: fc.boolean(),
        register: fc.option(whole),
        edit: fc.option(fc.record({ number: fc.nat(9), reason: text })),
      })
      .map((made): Slot => ({ ...made, energyWh: made.source === 'missing' || made.source === 'held' ? null : made.energyWh }));
    fc.assert(
      fc.property(fc.array(fc.tuple(lane, slot), { maxLength: 10 }), (rows) => {
        const back: [Lane, Slot][] = [];
        const problems = new Problems();
        const lines = new LineSplitter(new CsvReadingsReader((...told) => back.push([told[0], told[1]]), problems), problems);
        lines.push(Buffer.from(csvHeader(FULL) + rows.map(([l, s]) => fullLine(l, s)).join('')));
        lines.end();
        expect([back, problems.listed]).toEqual([rows, []]);
      }),
    );
  });

  it('blocks of UTC days: what has no row is no data, what was edited says why', async () => {
    const edit = { number: 1, reason: 'meter misread' };
    const outcome = await imported(full({ end: at(-1) }, { energyWh: 1 }, { end: at(2), energyWh: 2, source: 'E11', edit }));
    expect(outcome.ok && outcome.blocks.map(({ date, start, values }) => [date, start, values.length])).toEqual([
      ['2013-05-31', Date.UTC(2013, 4, 31) / 1000, 48],
      ['2013-06-01', Date.UTC(2013, 5, 1) / 1000, 48],
    ]);
    expect(outcome.ok && outcome.blocks[1]).toMatchObject({
      line: 3,
      usagePoint: 'p1',
      meter: '00000000000000a1',
      register: '0',
      minutes: 30,
      values: [1, null, 2, ...new Array(45).fill(null)],
      vocabulary: 'slot-source',
      quality: [
        { first: 0, last: 0, flag: 'measured', reasonText: '' },
        { first: 1, last: 1, flag: 'missing', reasonText: '' },
        { first: 2, last: 2, flag: 'E11', reasonText: 'meter misread' },
        { first: 3, last: 47, flag: 'missing', reasonText: '' },
      ],
    });
  });

  it('the plain shape: interval length from the smallest distance, no word on quality', async () => {
    const lines = [1, 2, 5].map((i) => plainLine(LANE, { end: at(i), energyWh: i }));
    const outcome = await imported(csvHeader(PLAIN) + lines.join(''));
    expect(outcome.ok && outcome.blocks).toMatchObject([{ minutes: 30, vocabulary: 'none', quality: [{ first: 0, last: 47, flag: '' }] }]);
    expect(outcome.ok && outcome.blocks[0]!.values.slice(0, 7)).toEqual([null, 1, 2, null, null, 5, null]);
  });

  const plain = (...rows: string[]) => `${csvHeader(PLAIN)}${rows.map((cells) => `${cells}\n`).join('')}`;
  it.each([
    ['other columns', 'a,b\n1,2\n', ['1:1 columns of no known shape']],
    ['a missing cell', plain('m,0,2013-06-01T00:30Z'), ['2:5 3 cells']],
    ['a cell too many', plain('m,0,2013-06-01T00:30Z,1,2'), ['2:25 5 cells']],
    ['no meter', plain(',0,2013-06-01T00:30Z,1'), ['2:1 ""']],
    ['a channel of letters', plain('m,x,2013-06-01T00:30Z,1'), ['2:3 "x"']],
    ['a channel above 255', plain('m,256,2013-06-01T00:30Z,1'), ['2:3 "256"']],
    ['a day that is none', plain('m,0,2013-02-29T00:30Z,1'), ['2:5 "2013-02-29T00:30Z" is no instant']],
    ['an hour that is none', plain('m,0,2013-02-28T24:30Z,1'), ['2:5 "2013-02-28T24:30Z" is no instant']],
    ['local time', plain('m,0,2013-06-01T00:30+01:00,1'), ['2:5 "2013-06-01T00:30+01:00" is no instant']],
    ['1e9', plain('m,0,2013-06-01T00:30Z,1e9'), ['2:23 "1e9" is not a number']],
    ['a negative value', plain('m,0,2013-06-01T00:30Z,-1'), ['2:23 "-1" is negative']],
    ['half a Wh', plain('m,0,2013-06-01T00:30Z,0.5'), ['2:23 "0.5" is not whole']],
    ['no value', plain('m,0,2013-06-01T00:30Z,'), ['2:23 no value']],
    ['an open quote', plain('m,0,"2013-06-01T00:30Z,1'), ['2:5 quotes that don’t match']],
    ['a quote inside', plain('m,0,2013"-06-01T00:30Z,1'), ['2:9 quotes that don’t match']],
    [
      'a slot twice',
      plain('m,0,2013-06-01T00:30Z,1', 'm,0,2013-06-01T00:30Z,1', 'm,0,2013-06-01T01:00Z,1'),
      ['3:1 the interval is not later than the one before'],
    ],
    [
      'time backwards',
      plain('m,0,2013-06-01T01:00Z,1', 'm,0,2013-06-01T00:30Z,1', 'm,0,2013-06-01T01:30Z,1'),
      ['3:1 the interval is not later than the one before'],
    ],
    [
      'a meter in two places',
      plain(
        'm,0,2013-06-01T00:30Z,1',
        'm,0,2013-06-01T01:00Z,1',
        'n,0,2013-06-01T00:30Z,1',
        'n,0,2013-06-01T01:00Z,1',
        'm,0,2013-06-01T01:30Z,1',
        'm,0,2013-06-01T02:00Z,1',
      ),
      ['6:1 rows of this meter and channel stand apart'],
    ],
    ['one row of unknown length', plain('m,0,2013-06-01T00:30Z,1'), ['2:1 ends of no interval length of 5, 15 or 30 minutes']],
    [
      'an end off the grid',
      plain('m,0,2013-06-01T00:30Z,1', 'm,0,2013-06-01T01:00Z,1', 'm,0,2013-06-01T01:35Z,1'),
      ['4:1 an end off the grid of 30 minutes'],
    ],
    ['an unknown quality', full({}).replace('measured', 'guessed'), ['2:58 "guessed"']],
    ['a value of nothing', full({}).replace('measured', 'missing'), ['2:54 a value and quality missing']],
    ['a reason without an edit', full({}).replace(/,,final\n$/, ',why,final\n'), ['2:79 a reason without an edit']],
    ['a state of nothing', full({}).replace(',final', ',done'), ['2:80 "done"']],
    ['an interval of 7 minutes', full({}).replace(',30,', ',7,'), ['2:51 "7"']],
  ])('refuses %s', async (_, text, problems) => {
    expect(await problemsOf(text)).toEqual(problems);
  });

  it('a header alone holds nothing and is no error', async () => {
    expect(await imported(csvHeader(PLAIN))).toEqual({ ok: true, format: 'CSV', blocks: [], reads: [], setAside: [] });
  });
});

describe('meter logs', () => {
  it('events and grid quality, a line each', () => {
    expect(LOG_HEADER + logLine({ meterId: 'm', at: at(0), event: 'tamperCover', value: 7 })).toBe(
      'meterId,at_utc,event,value\nm,2013-06-01T00:30:00Z,tamperCover,7\n',
    );
    const quality = { voltageMin: 2_291, voltageMean: 2_300, voltageMax: 2_310, frequency: 50_012, powerFactor: -980 };
    expect(QUALITY_HEADER + qualityLine({ meterId: 'm', end: at(0), minutes: 30, ...quality })).toBe(
      'meterId,end_utc,minutes,voltage_min_v,voltage_mean_v,voltage_max_v,frequency_hz,power_factor\n' +
        'm,2013-06-01T00:30:00Z,30,229.1,230,231,50.012,-0.98\n',
    );
  });
});
