import { describe, expect, it } from 'vitest';
import { billedDays } from '../../bin/proof/proven-days.ts';
import { u16Column, u32Column } from '../../domain/meterday/columns.ts';
import type { MeterDayCommand } from '../../domain/meterday/command.ts';
import { SOURCE } from '../../domain/meterday/effective.ts';
import { type DayFrame, type MeterDayEvent, SCALED } from '../../events/index.ts';
import { close, collect, collected, FRAME, METER, readings, records, stream, verified } from '../meterday/days.ts';
import { chained, statement } from './said.ts';

const QUARTER = 900;
const made = stream(collect(records(0, 96)), verified, close(true)).events;

/** Some quarter-hours of a part. */
const collectIn = (frame: DayFrame): MeterDayCommand => ({
  type: 'CollectReadings',
  readings: readings([collected(records(0, 4), {}, frame)], { frame }),
});

/** The same facts, said of another span. */
const framed = (frame: DayFrame): MeterDayEvent[] =>
  made.map((event) => (event.type === 'ReadingsCollected' ? { ...event, data: { ...event.data, frame } } : event));

const nameOf = ({ day, part }: DayFrame) => `meterday/${METER}/${part === 1 ? day : `${day}.${part}`}`;

/** Days as a utility could record them that holds every key: each a chain of its own, its name that of its frame. */
function billed(...days: readonly (readonly [frame: DayFrame, events: readonly MeterDayEvent[]])[]) {
  const commits = days.flatMap(([frame, events]) => chained(nameOf(frame), events));
  const period = { accountId: FRAME.subject, usagePoint: FRAME.usagePoint, from: FRAME.day, until: '2026-01-16' };
  const inputs = days.map(([frame]) => ({ stream: nameOf(frame), revision: 1 }));
  return billedDays(statement({ period, inputs }), commits);
}

const whole = (frame: DayFrame) => [frame, framed(frame)] as const;

describe('a day that is not what the meter’s seal is held against', () => {
  it('R9.2-2: as it was recorded is taken', () => {
    expect(billed(whole(FRAME))).toHaveLength(1);
  });

  it.each<[string, Partial<DayFrame>]>([
    ['written in another way than days are', { day: FRAME.day.replaceAll('-', '') }],
    ['that begins before it', { start: FRAME.start - QUARTER }],
    ['that goes on behind it', { end: FRAME.end + QUARTER }],
    ['in a zone that is none', { zone: 'Europe/Nowhere' }],
    ['of no length', { end: FRAME.start }],
    ['of neither length nor interval', { end: FRAME.start, minutes: 0 }],
    ['whose intervals do not fill it', { minutes: 7 }],
  ])('R9.2-2, C10.1-7: one %s is refused', (_what, more) => {
    expect(() => billed(whole({ ...FRAME, ...more }))).toThrow(/its intervals are not those of the day/);
  });

  it('R9.2-2, C10.1-7: one sealed again with more intervals than its span has is refused', () => {
    const frame = { ...FRAME, part: 2 };
    const [longer, final] = [framed({ ...FRAME, end: FRAME.end + 48 * QUARTER }).slice(0, -1), made.at(-1)!];
    const resealed: MeterDayEvent = { type: 'DayResealed', data: { frame, history: longer, reason: 'tenancy', at: 1 } };
    expect(() => billed([frame, [resealed, final]])).toThrow(/its intervals are not those of the day/);
  });

  it('R9.2-2, C10.1-7: parts that lie over each other are refused, in whatever order, and parts of other intervals', () => {
    const noon = FRAME.start + 12 * 3600;
    const [second, third] = [whole({ ...FRAME, part: 2 }), whole({ ...FRAME, part: 3 })];
    expect(() => billed(second, third)).toThrow(/lie over each other/);
    const half = (part: number, more: Partial<DayFrame>) => {
      const frame = { ...FRAME, part, ...more };
      const events = stream(collectIn(frame), verified, close(true)).events;
      return [frame, events] as const;
    };
    const [morning, evening] = [half(2, { end: noon }), half(3, { start: noon })];
    expect(billed(evening, morning)).toHaveLength(2);
    expect(() => billed(evening, half(2, { end: noon + QUARTER }))).toThrow(/lie over each other/);
    expect(() => billed(morning, half(3, { start: noon, minutes: 30 }))).toThrow(/or have other intervals/);
  });

  it('R9.2-2, C10.1-7: an estimate that calls itself measured, held or missing is refused', () => {
    const validated: MeterDayEvent = {
      type: 'DayValidated',
      data: {
        ...{ policy: 'p', at: 1 },
        channels: [
          {
            ...{ channel: 0, slots: u16Column([3]), errors: u32Column([1]), warnings: u32Column([0]) },
            ...{ dayErrors: 0, dayWarnings: 0, bracket: -1 },
          },
        ],
      },
    };
    const estimated = (source: number): MeterDayEvent => {
      const of = { channel: 0, slots: u16Column([3]), counts: u32Column([60_000]), sources: Uint8Array.of(source) };
      return { type: 'SlotsEstimated', data: { at: 1, channels: [{ ...of, confidence: Uint8Array.of(100), inputs: '' }] } };
    };
    const day = (source: number) => billed([FRAME, [...made.slice(0, -1), validated, estimated(source), made.at(-1)!]]);
    for (const source of [SOURCE.missing, SOURCE.measured, SOURCE.held, SOURCE.measured | SCALED, SOURCE.EX + 1])
      expect(() => day(source)).toThrow(/an estimate that calls itself something else/);
    for (const source of [SOURCE.E0, SOURCE.EX, SOURCE.E5 | SCALED]) expect(() => day(source)).toThrow(/not the sum of its intervals/);
  });
});
