import { createHash } from 'node:crypto';
import type { ChannelOutcome, DayFrame, DayOutcome, MeterDayEvent } from '../../events/index.ts';
import { VEE_RULES, type VeeRule } from '../../events/index.ts';
import type { Arrival } from '../../platform/embedded/event-database.ts';
import { MemoryWorld } from '../support/memory-platform.ts';

export const DAY = '2026-01-14';
/** UTC s. */
const START = Date.UTC(2026, 0, 14) / 1000;
export const AT = Date.UTC(2026, 0, 15, 7);

/** Days of meters as close-day would have written them. */
export class DayBook {
  readonly world = new MemoryWorld({ now: AT });
  readonly arrivals: Arrival[] = [];

  /** One commit. @param stream behind `meterday/` */
  async record(stream: string, subject: string, ...events: readonly MeterDayEvent[]): Promise<void> {
    const store = this.world.as('close-day').events;
    const name = `meterday/${stream}`;
    const key = { of: 'usage', subject, month: '2026-01' } as const;
    const head = await store.head(name, key);
    const commitId = createHash('sha256').update(`${name} ${head.version}`).digest();
    await store.append(head, { commitId, events, subject: key }).durable;
    const place = this.arrivals.length + 1;
    const keyId = `usage/${subject}/2026-01/0000000000000`;
    this.arrivals.push({ place, stream: name, version: head.version + 1, count: events.length, keyId, recordedAt: AT });
  }
}

export function frame(change: Partial<DayFrame> = {}): DayFrame {
  const of = { usagePoint: 'up-1', meterId: 'm1', day: DAY, part: 1, subject: 'anna' };
  return { ...of, start: START, end: START + 86_400, minutes: 15, zone: 'Europe/London', ...change };
}

/** @param outages begins, hours of the day */
export function collected(of: DayFrame = frame(), outages: readonly number[] = []): MeterDayEvent {
  const spans = outages.map((hour) => ({ from: START + hour * 3_600, until: START + (hour + 1) * 3_600 }));
  const through = { segment: 'a', version: 1 };
  return { type: 'ReadingsCollected', data: { frame: of, through, channels: [], seals: [], outages: spans, at: AT } };
}

export function channel(change: Partial<ChannelOutcome> = {}): ChannelOutcome {
  const counts = { measured: 96, estimated: 0, edited: 0, held: 0, missing: 0 };
  return { channel: 0, direction: 'import', unit: 'Wh', perCount: 1, energyWh: 9_417, ...counts, ...change };
}

export function outcome(revision: number, change: Partial<ChannelOutcome> = {}, held = false): DayOutcome {
  return { revision, channels: [channel(change)], held, at: AT + revision };
}

/** Judged without a finding about values, with warnings about how the meter delivers. */
export function warned(...rules: readonly VeeRule[]): MeterDayEvent {
  const none = new Uint8Array(0);
  const dayWarnings = rules.reduce((bits, rule) => bits + 2 ** VEE_RULES.indexOf(rule), 0);
  const findings = { channel: 0, slots: none, errors: none, warnings: none, dayErrors: 0, dayWarnings, bracket: -1 };
  return { type: 'DayValidated', data: { policy: 'residential/1', channels: [findings], at: AT } };
}

export function validated(...rules: readonly VeeRule[]): MeterDayEvent {
  const column = (values: readonly number[], bytes: 2 | 4) => {
    const packed = Buffer.alloc(values.length * bytes);
    for (const [i, value] of values.entries()) packed.writeUIntLE(value, i * bytes, bytes);
    return packed;
  };
  const errors = rules.map((rule) => 2 ** VEE_RULES.indexOf(rule));
  const slots = column(
    errors.map((_, i) => i),
    2,
  );
  const findings = {
    slots,
    errors: column(errors, 4),
    warnings: column(
      errors.map(() => 0),
      4,
    ),
  };
  const data = { channel: 0, ...findings, dayErrors: 0, dayWarnings: 0, bracket: -1 };
  return { type: 'DayValidated', data: { policy: 'residential/1', channels: [data], at: AT } };
}

export function provisional(...of: Parameters<typeof outcome>): MeterDayEvent {
  return { type: 'DayProvisional', data: outcome(...of) };
}

export function finalized(...of: Parameters<typeof outcome>): MeterDayEvent {
  return { type: 'DayFinalized', data: outcome(...of) };
}

export function restated(revision: number, energyWh: number, reason = 'late-data'): MeterDayEvent {
  return { type: 'DayRestated', data: { ...outcome(revision, { energyWh }), before: [channel()], reason, by: 'close-day' } };
}

export function edit(type: 'EditProposed' | 'SlotsEdited', number: number, by = 'olga'): MeterDayEvent {
  const none = Buffer.alloc(0);
  const columns = { slots: none, counts: none, sources: none, confidence: none };
  const data = { edit: number, kind: 'accept' as const, channel: 0, ...columns, reason: 'E1', note: '', by, at: AT + 100 };
  return type === 'EditProposed' ? { type, data } : { type, data: { ...data, approvedBy: 'otto' } };
}
