import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { importFile } from '../../exchange/import.ts';
import { LineSplitter } from '../../exchange/lines.ts';
import type { Nem12Day, NemQuality, NemVisitor, QualityRun } from '../../exchange/nem/model.ts';
import { NemReader } from '../../exchange/nem/reader.ts';
import { nemUnit } from '../../exchange/nem/units.ts';
import { NemWriter } from '../../exchange/nem/writer.ts';
import { Problems } from '../../exchange/problem.ts';
import { freeText, type NemCall, recorder } from './given.ts';

const digits = (length: number) =>
  fc.array(fc.constantFrom(...'0123456789'), { minLength: length, maxLength: length }).map((d) => d.join(''));
const unit = fc.constantFrom('MWh', 'kWh', 'Wh', 'MVArh', 'kVArh', 'VArh', 'kVAh', 'V', 'pf', '').map((name) => nemUnit(name)!);
const date = fc
  .date({ min: new Date('1990-01-01'), max: new Date('2090-01-01'), noInvalidDate: true })
  .map((day) => day.toISOString().slice(0, 10));
const stamp = fc
  .date({ min: new Date('1990-01-01'), max: new Date('2090-01-01'), noInvalidDate: true })
  .map((at) => at.toISOString().slice(0, 19).replaceAll(/[-T:]/g, ''));
const optionalStamp = fc.oneof(fc.constant(''), stamp);
const alphanumeric = (min: number, max: number) =>
  fc.array(fc.constantFrom(...'ABCXYZ0189'), { minLength: min, maxLength: max }).map((letters) => letters.join(''));
const quality: fc.Arbitrary<NemQuality> = fc
  .oneof(
    fc.record({ flag: fc.constantFrom('A', 'N'), method: fc.constant(null), reasonCode: fc.option(fc.nat(99)), reasonText: freeText }),
    fc.record({
      flag: fc.constantFrom('E', 'F', 'S'),
      method: fc.integer({ min: 11, max: 75 }),
      reasonCode: fc.nat(99),
      reasonText: freeText,
    }),
  )
  .map((told) => (told.reasonCode === 0 ? { ...told, reasonText: 'why' } : told));
const register = fc.record({
  nmi: alphanumeric(1, 16),
  configuration: freeText,
  registerId: freeText,
  suffix: alphanumeric(2, 2),
  stream: freeText,
  serial: freeText,
  unit,
  nextRead: fc.oneof(fc.constant(''), date),
});
const transaction = fc.record({
  code: alphanumeric(1, 1).filter((c) => /[A-Z]/.test(c)),
  serviceOrder: freeText,
  readAt: optionalStamp,
  indexRead: digits(6),
});

function dayOf(minutes: number): fc.Arbitrary<Omit<Nem12Day, 'date'>> {
  const slots = 1_440 / minutes;
  const cuts = fc
    .uniqueArray(fc.integer({ min: 1, max: slots - 1 }), { maxLength: 4 })
    .map((at) => [0, ...at.sort((a, b) => a - b), slots]);
  return fc
    .record({
      values: fc.array(fc.nat({ max: 999_999_999_999_999 }), { minLength: slots, maxLength: slots }),
      cuts,
      qualities: fc.array(quality, { minLength: 6, maxLength: 6 }),
      updatedAt: optionalStamp,
      loadedAt: optionalStamp,
      transactions: fc.array(transaction, { maxLength: 2 }),
    })
    .map(({ values, cuts: at, qualities, ...rest }) => {
      const runs: QualityRun[] = at.slice(1).map((until, i) => ({ first: at[i]!, last: until - 1, ...qualities[i]! }));
      return {
        values: values.map((value, i) => (runs.find(({ last }) => i <= last)!.flag === 'N' ? null : value)),
        quality: runs,
        ...rest,
      };
    });
}

const channelWithDays = fc.constantFrom(5, 15, 30).chain((minutes) =>
  fc.record({
    channel: register.map((of) => ({ ...of, minutes })),
    days: fc.array(dayOf(minutes), { minLength: 1, maxLength: 3 }),
    dates: fc.uniqueArray(date, { minLength: 3, maxLength: 3 }),
  }),
);
const header = fc.record({ created: stamp.map((text) => text.slice(0, 12)), from: freeText, to: freeText });
const nem12 = fc
  .record({ header, channels: fc.uniqueArray(channelWithDays, { maxLength: 3, selector: ({ channel }) => channel.nmi }) })
  .map(({ header: told, channels }): NemCall[] => [
    ['header', { version: 'NEM12', ...told }],
    ...channels.flatMap(({ channel, days, dates }): NemCall[] => [
      ['channel', channel],
      ...days.map((day, i): NemCall => ['day', { date: dates[i]!, ...day }]),
    ]),
  ]);
const registerRead = fc.record({ register: digits(7), quality });
const read = fc
  .record({
    of: register,
    direction: fc.constantFrom('E' as const, 'I' as const),
    reads: fc.tuple(registerRead, registerRead),
    at: fc.tuple(stamp, stamp).map((both) => both.sort()),
    quantity: fc.nat({ max: 999_999_999_999_999 }),
    updatedAt: optionalStamp,
    loadedAt: optionalStamp,
    transactions: fc.array(
      fc.record({
        previousCode: fc.constantFrom('', 'N'),
        previousServiceOrder: freeText,
        currentCode: fc.constantFrom('', 'E'),
        currentServiceOrder: freeText,
      }),
      { maxLength: 2 },
    ),
  })
  .map(({ of, reads, at, ...rest }): NemCall => {
    const [previous, current] = reads.map((one, i) => ({ ...one, at: at[i]! }));
    return ['read', { ...of, ...rest, previous: previous!, current: current! }];
  });
const nem13 = fc
  .record({ header, reads: fc.array(read, { maxLength: 4 }) })
  .map(({ header: told, reads }): NemCall[] => [['header', { version: 'NEM13', ...told }], ...reads]);

function written(calls: readonly NemCall[]): string {
  const lines: string[] = [];
  const writer = new NemWriter((line) => lines.push(line));
  for (const call of calls) say(writer, call);
  writer.end();
  return lines.join('');
}

function say(visitor: NemVisitor, [what, data]: NemCall): void {
  if (what === 'header') visitor.header(data);
  else if (what === 'channel') visitor.channel(data, 0);
  else if (what === 'day') visitor.day(data, 0);
  else visitor.read(data, 0);
}

function readBack(bytes: Uint8Array, sizes: readonly number[]): { calls: NemCall[]; problems: Problems } {
  const { calls, visitor } = recorder();
  const problems = new Problems();
  const lines = new LineSplitter(new NemReader(visitor, problems), problems);
  for (let at = 0, i = 0; at < bytes.length; i++) {
    const size = sizes[i % sizes.length]!;
    lines.push(bytes.subarray(at, at + size));
    at += size;
  }
  lines.end();
  return { calls, problems };
}

describe('NEM12 and NEM13', () => {
  it.each([
    ['NEM12', nem12],
    ['NEM13', nem13],
  ])('%s: what is written is read as the same, whatever pieces it comes in', (_, file) => {
    fc.assert(
      fc.property(file, fc.array(fc.integer({ min: 1, max: 5_000 }), { minLength: 1, maxLength: 5 }), (calls, sizes) => {
        const back = readBack(Buffer.from(written(calls)), sizes);
        expect(back.problems.listed).toEqual([]);
        expect(back.calls).toEqual(calls);
      }),
      { numRuns: 150 },
    );
  });

  it('a file cut anywhere before its end is refused', async () => {
    await fc.assert(
      fc.asyncProperty(nem12, fc.double({ min: 0, max: 1, noNaN: true }), async (calls, share) => {
        const whole = Buffer.from(written(calls));
        const cut = whole.subarray(0, Math.floor(share * (whole.length - 5)));
        expect(await importFile([cut])).toMatchObject({ ok: false });
      }),
    );
  });

  const [HEADER] = fc.sample(nem12, { numRuns: 1, seed: 1 })[0]!;
  const CHANNEL = {
    nmi: 'NMI1',
    configuration: '',
    registerId: '',
    suffix: 'E1',
    stream: '',
    serial: '',
    unit: nemUnit('kWh')!,
    nextRead: '',
    minutes: 30,
  };
  const WHOLE = { first: 0, last: 47, flag: 'A', method: null, reasonCode: null, reasonText: '' } as const;
  const DAY = {
    date: '2024-02-29',
    values: new Array<number>(48).fill(1),
    quality: [WHOLE],
    updatedAt: '',
    loadedAt: '',
    transactions: [],
  };

  it.each<[string, NemCall[], string]>([
    ['a comma in a text', [['channel', { ...CHANNEL, serial: 'a,b' }]], 'no comma and no control character fits in MDFF'],
    ['a line end in a text', [['channel', { ...CHANNEL, serial: 'a\n900' }]], 'no comma and no control character fits in MDFF'],
    ['quotes', [['channel', { ...CHANNEL, serial: '"a"' }]], 'meter serial number is in quotes'],
    ['no NMI', [['channel', { ...CHANNEL, nmi: '' }]], 'NMI is missing'],
    ['a day of no channel', [['day', DAY]], 'a 300 record before any 200 record'],
    [
      'too few values',
      [
        ['channel', CHANNEL],
        ['day', { ...DAY, values: [1] }],
      ],
      '1 values',
    ],
    [
      'no value without N',
      [
        ['channel', CHANNEL],
        ['day', { ...DAY, values: new Array<null>(48).fill(null) }],
      ],
      'no value is for quality N',
    ],
    [
      'N with a value',
      [
        ['channel', CHANNEL],
        ['day', { ...DAY, quality: [{ ...WHOLE, flag: 'N' }] }],
      ],
      'no value is for quality N',
    ],
    [
      'no quality',
      [
        ['channel', CHANNEL],
        ['day', { ...DAY, quality: [] }],
      ],
      'a day without quality',
    ],
    [
      'half of a quality',
      [
        ['channel', CHANNEL],
        [
          'day',
          {
            ...DAY,
            quality: [
              { ...WHOLE, last: 3 },
              { ...WHOLE, first: 5 },
            ],
          },
        ],
      ],
      'interval 6, but 5 is next',
    ],
    [
      'a substitute without reason',
      [
        ['channel', CHANNEL],
        ['day', { ...DAY, quality: [{ ...WHOLE, flag: 'S', method: 14 }] }],
      ],
      'needs a reason code',
    ],
    [
      'reason 0 without text',
      [
        ['channel', CHANNEL],
        ['day', { ...DAY, quality: [{ ...WHOLE, flag: 'S', method: 14, reasonCode: 0 }] }],
      ],
      'needs a description',
    ],
    [
      'half a Wh',
      [
        ['channel', CHANNEL],
        ['day', { ...DAY, values: [0.5, ...DAY.values.slice(1)] }],
      ],
      'is not a number',
    ],
    [
      'a negative value',
      [
        ['channel', CHANNEL],
        ['day', { ...DAY, values: [-1, ...DAY.values.slice(1)] }],
      ],
      'value of interval 1',
    ],
  ])('refuses to write %s', (_, calls, why) => {
    expect(() => written([HEADER!, ...calls])).toThrow(
      expect.objectContaining({ code: 'ERR_EXPORT_REFUSED', message: expect.stringContaining(why) }),
    );
  });
});

describe('any file', () => {
  const line = fc.oneof(
    fc.string({ unit: 'binary', maxLength: 60 }),
    fc.constantFrom(
      '100,NEM12,202001010000,a,b',
      '100,NEM13,202001010000,a,b',
      '200,NMI1,,,E1,,,kWh,30,',
      '900',
      'meterId,channel,end_utc,wh',
      '250',
      '"',
      '""",',
    ),
    fc
      .array(
        fc.oneof(fc.constantFrom('300', '400', '500', '20200101', 'A', 'V', 'S14', '', '1', '48', '1e9', '-'), fc.string({ maxLength: 5 })),
        { maxLength: 60 },
      )
      .map((f) => f.join(',')),
  );

  it('of text or bytes ends in an outcome: blocks, or problems with a place inside the file', async () => {
    const bytes = fc.oneof(
      fc.uint8Array({ maxLength: 400 }),
      fc.array(line, { maxLength: 12 }).map((lines) => Buffer.from(lines.join('\n'))),
    );
    await fc.assert(
      fc.asyncProperty(bytes, async (content) => {
        const outcome = await importFile([content]);
        if (outcome.ok) return;
        expect(outcome.problems.length).toBeGreaterThan(0);
        for (const { line: at, column, reason, remedy } of outcome.problems) {
          expect(at).toBeGreaterThanOrEqual(1);
          expect(at).toBeLessThanOrEqual(Math.max(1, Buffer.from(content).toString('latin1').split('\n').length));
          expect(column).toBeGreaterThanOrEqual(1);
          expect(`${reason}${remedy}`).not.toMatch(/\n|undefined|NaN,/);
        }
      }),
      { numRuns: 2_000 },
    );
  });
});
