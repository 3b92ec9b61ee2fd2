import fc from 'fast-check';
import type { Nem12Day, NemQuality, NemVisitor, QualityRun } from '../../exchange/nem/model.ts';
import { nemUnit } from '../../exchange/nem/units.ts';
import { NemWriter } from '../../exchange/nem/writer.ts';
import { freeText, type NemCall } from './given.ts';

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
/** Calls that make a NEM12 file. */
export const nem12 = fc
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
/** Calls that make a NEM13 file. */
export const nem13 = fc
  .record({ header, reads: fc.array(read, { maxLength: 4 }) })
  .map(({ header: told, reads }): NemCall[] => [['header', { version: 'NEM13', ...told }], ...reads]);

/** The file that the calls make. @throws as the writer does */
export function written(calls: readonly NemCall[]): string {
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
