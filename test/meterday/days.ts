import type { MeterDayCommand } from '../../domain/meterday/command.ts';
import { emptyView, viewSlot } from '../../domain/meterday/effective.ts';
import { meterDay } from '../../domain/meterday/meterday.ts';
import { RECORD_SIZE, writeRecord } from '../../domain/meterday/records.ts';
import type { MeterDayState, OpenDay } from '../../domain/meterday/state.ts';
import { VEE_POLICIES } from '../../domain/vee/policy.ts';
import type { Channel, CollectedChannel, DayFrame, MeterDayEvent, ReadingsCollected } from '../../events/index.ts';

export const METER = '02a1b2c3d4e5f607';
export const START = Date.UTC(2026, 0, 15) / 1000;
export const AT = (START + 31 * 3600) * 1000;
export const IMPORT: Channel = { obis: '1-0:1.8.0', direction: 'import', unit: 'Wh', scale: 1, dials: 9, multiplier: 1, validFrom: 0 };

export const FRAME: DayFrame = {
  usagePoint: 'up-1',
  meterId: METER,
  day: '2026-01-15',
  part: 1,
  subject: 'utility',
  start: START,
  end: START + 86_400,
  minutes: 15,
  zone: 'Europe/London',
};

export interface Recorded {
  readonly slot: number;
  /** null = the meter measured none. */
  readonly value: number | null;
  readonly register?: number;
  readonly flags?: number;
}

/** What a steady home uses in a slot. */
export const valueAt = (slot: number): number => 100 + ((slot * 37) % 50);

/** Register at the end of a slot; 5,000 at the start of the day. */
export function registerAt(slot: number): number {
  let register = 5_000;
  for (let i = 0; i <= slot; i++) register += valueAt(i);
  return register;
}

export function records(from: number, to: number): Recorded[] {
  return Array.from({ length: to - from }, (_, i) => ({ slot: from + i, value: valueAt(from + i) }));
}

export function collected(list: readonly Recorded[], changes: Partial<CollectedChannel> = {}, frame: DayFrame = FRAME): CollectedChannel {
  const bytes = new Uint8Array(list.length * RECORD_SIZE);
  for (const [i, { slot, value, register = registerAt(slot), flags = 0 }] of list.entries())
    writeRecord(bytes, i, frame.start + (slot + 1) * frame.minutes * 60, register, value ?? 0xffff, flags);
  const annotations = new Uint8Array(list.length * 4);
  const empty = new Uint8Array(0);
  return { channel: 0, asset: IMPORT, capacity: 6_600, records: bytes, annotations, heads: empty, registerBefore: 5_000, ...changes };
}

export function readings(channels: readonly CollectedChannel[], changes: Partial<ReadingsCollected> = {}): ReadingsCollected {
  return { frame: FRAME, through: { segment: '00000', version: 1 }, channels, seals: [], outages: [], at: AT, ...changes };
}

export const collect = (list: readonly Recorded[], changes: Partial<CollectedChannel> = {}): MeterDayCommand => ({
  type: 'CollectReadings',
  readings: readings([collected(list, changes)]),
});

const CLOSING = { policy: VEE_POLICIES.residential, hold: true, seal: true, at: AT };
export const close = (due = false, changes: Partial<typeof CLOSING> = {}): MeterDayCommand => ({
  type: 'CloseDay',
  ...CLOSING,
  due,
  ...changes,
});
/** At seven hours behind the day's end, when nothing of it is in the future. */
export const closeOf = ({ end }: DayFrame): MeterDayCommand => close(false, { at: (end + 7 * 3600) * 1000 });
export const verified: MeterDayCommand = { type: 'RecordVerification', seal: 'verified', chain: 'verified', faults: [], at: AT };

/** A stream as commands make it. */
export class DayStream {
  state: MeterDayState = meterDay.initial;
  readonly events: MeterDayEvent[] = [];

  /** @returns what was decided */
  run(...commands: MeterDayCommand[]): MeterDayEvent[] {
    const decided: MeterDayEvent[] = [];
    for (const command of commands) {
      for (const event of meterDay.decide(command, this.state)) {
        this.state = meterDay.evolve(this.state, event);
        decided.push(event);
      }
    }
    this.events.push(...decided);
    return decided;
  }

  /** Takes up what was recorded elsewhere. */
  record(...events: readonly MeterDayEvent[]): this {
    for (const event of events) this.state = meterDay.evolve(this.state, event);
    this.events.push(...events);
    return this;
  }

  get day(): OpenDay {
    if (this.state.status === 'empty') throw new Error('an open day expected');
    return this.state;
  }

  get outcome() {
    return this.day.outcome?.channels[0];
  }

  slot(slot: number) {
    const view = emptyView();
    viewSlot(this.day.channels[0]!, slot, true, view);
    return view;
  }
}

export function stream(...commands: MeterDayCommand[]): DayStream {
  const made = new DayStream();
  made.run(...commands);
  return made;
}

export const typesOf = (events: readonly MeterDayEvent[]): string[] => events.map(({ type }) => type);
export const sumOf = (from: number, to: number): number => records(from, to).reduce((sum, { value }) => sum + value!, 0);

export function foldAll(events: readonly MeterDayEvent[]): MeterDayState {
  let state: MeterDayState = meterDay.initial;
  for (const event of events) state = meterDay.evolve(state, event);
  return state;
}
