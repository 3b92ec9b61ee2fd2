import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { meterDay } from '../../domain/meterday/meterday.ts';
import type { MeterDayState } from '../../domain/meterday/state.ts';
import { ColumnBuilder } from '../../domain/telemetry/column-builder.ts';
import { ReadingsFold } from '../../domain/telemetry/readings.ts';
import { type DomainEvent, HELD_REASONS, NO_COUNTS, type SegmentEvent } from '../../events/index.ts';
import { Collecting } from '../../lambdas/close-day/collecting.ts';
import { collectedFor, placesOf } from '../../lambdas/close-day/day-frames.ts';
import { Roster } from '../../lambdas/close-day/roster.ts';
import { localDay } from '../../lambdas/shared/days/local-days.ts';
import type { RecordedCommit } from '../../platform/ports/event-store.ts';
import { encodePlaintext } from '../../protocol/plaintext.ts';
import { HOME } from '../support/sealed-town.ts';
import { METER } from './days.ts';

const LOCAL = localDay('2026-01-15', HOME.zone);
const NOON_AFTER = (LOCAL.end + 43_200) * 1000;
/** Few slots and few values, so that frames meet. */
const SLOTS = 10;

interface Said {
  readonly reason: (typeof HELD_REASONS)[number] | 'accepted';
  /** Slot of its last interval; some lie beyond the grid or the day. */
  readonly last: number;
  readonly values: readonly (number | null)[];
  readonly minutes: number;
  readonly channel: number;
  readonly ageDays: number;
}

const rarely = <Value>(usual: Value, other: Value) =>
  fc.oneof({ weight: 9, arbitrary: fc.constant(usual) }, { weight: 1, arbitrary: fc.constant(other) });
const value = fc.oneof({ weight: 5, arbitrary: fc.integer({ min: 0, max: 3 }) }, { weight: 1, arbitrary: fc.constant(null) });
const said: fc.Arbitrary<Said> = fc.record({
  reason: fc.constantFrom('accepted', 'accepted', 'accepted', 'below-window', 'below-window', ...HELD_REASONS),
  last: fc.oneof({ weight: 9, arbitrary: fc.integer({ min: 0, max: SLOTS - 1 }) }, { weight: 1, arbitrary: fc.constant(2.4) }),
  values: fc.oneof(fc.array(value, { minLength: 1, maxLength: 1 }), fc.array(value, { minLength: 4, maxLength: 4 })),
  minutes: rarely(15, 30),
  channel: rarely(0, 1),
  ageDays: rarely(0, 50),
});
const home = fc.record({ since: fc.integer({ min: 1, max: 2 }), frames: fc.array(said, { maxLength: 12 }), cut: fc.nat({ max: 12 }) });
const homes = fc.array(home, { minLength: 1, maxLength: 3 });
/** Which segment is closed next; each is closed twice, before its cut and behind it. */
const turns = fc.array(fc.nat({ max: 2 }), { minLength: 12, maxLength: 12 });
type Life = typeof homes extends fc.Arbitrary<infer All> ? All : never;

const nameOf = (i: number): string => `0000${i}`;

/** A frame as ingest records it, accepted frames only where ingest accepts. */
function eventOf({ reason, last, values, minutes, channel, ageDays }: Said): SegmentEvent {
  const brokerTime = NOON_AFTER + (reason === 'accepted' ? 0 : ageDays * 86_400_000);
  const end = LOCAL.start + Math.round((last + 1) * 900);
  const reading = { channel, end, minutes, register: 50_000, head: Buffer.alloc(8), deltas: values, flags: 0 };
  const plaintext = encodePlaintext({ kind: 'reading', ...reading });
  const wire = Buffer.alloc(64);
  wire.write(METER, 0, 'hex');
  const builder = new ColumnBuilder(1, 512);
  builder.add({ wire, kid: 0, iv: 11, tag: 20, plaintext, sizeClass: 0, member: 0, annotations: 0, receivedAt: 0 });
  const ref = { batch: { dcId: 'one', sequence: 1, digest: Buffer.alloc(8) }, brokerTime, frames: builder.take() };
  if (reason === 'accepted') return { type: 'FramesAccepted', data: { ...ref, duplicates: 0, slotsRepeated: 0 } };
  return { type: 'FramesHeld', data: { ...ref, reasons: Uint8Array.of(HELD_REASONS.indexOf(reason)) } };
}

function streamsOf(life: Life): DomainEvent[][] {
  return life.map(({ since, frames }) => [
    { type: 'MeterJoined', data: { meterId: METER, member: 0, asset: HOME, relays: [], at: since } },
    ...frames.map(eventOf),
  ]);
}

/** One pass over a segment, as closing makes it. */
function pass(segment: number, events: readonly DomainEvent[], from: number, to: number, state: MeterDayState): MeterDayState {
  const late = from > 0;
  const due = new Map(late ? [] : [[HOME.zone, LOCAL]]);
  const closed = new Map(late ? [[HOME.zone, LOCAL.day]] : []);
  const roster = new Roster();
  const reading = new Collecting(roster, { due, closed, readTo: from - 1 });
  for (const [version, event] of events.slice(0, to).entries()) reading.add({ version, events: [event] } as unknown as RecordedCommit);
  const member = roster.members[0]!;
  const bucket = late ? reading.late.get(`0/${LOCAL.day}`)?.bucket : reading.bucketOf(0, member, LOCAL);
  if (bucket === undefined) return state;
  const place = placesOf(member, [], LOCAL)[0]!;
  const through = { segment: nameOf(segment), version: to - 1, since: member.since };
  const readings = { frame: place.frame, through, channels: collectedFor(place, bucket), seals: [], outages: [], at: 1 };
  return meterDay.decide({ type: 'CollectReadings', readings }, state).reduce(meterDay.evolve, state);
}

function closedIn(turnsTaken: readonly number[], life: Life, streams: readonly DomainEvent[][]) {
  let state: MeterDayState = meterDay.initial;
  const done = life.map(() => 0);
  const step = (segment: number) => {
    const events = streams[segment];
    if (events === undefined || done[segment] === events.length) return;
    const to = done[segment] === 0 ? Math.min(events.length, 1 + life[segment]!.cut) : events.length;
    state = pass(segment, events, done[segment]!, to, state);
    done[segment] = to;
  };
  for (const segment of [...turnsTaken, 0, 0, 1, 1, 2, 2]) step(segment);
  if (state.status === 'empty') throw new Error('nothing was collected');
  return state;
}

function folded(streams: readonly DomainEvent[][], order: readonly number[]): Map<number, number> {
  const fold = new ReadingsFold();
  for (const segment of order) {
    fold.beginStream(nameOf(segment));
    for (const event of streams[segment]!) fold.add(event);
  }
  return new Map([...fold.sorted()].filter(({ end }) => end > LOCAL.start && end <= LOCAL.end).map(({ end, energyWh }) => [end, energyWh]));
}

function slotsOf({ channels }: ReturnType<typeof closedIn>): Map<number, number> {
  const counts = [...channels[0]!.counts];
  return new Map(
    counts.flatMap((count, slot): [number, number][] => (count === NO_COUNTS ? [] : [[LOCAL.start + (slot + 1) * 900, count]])),
  );
}

const versionsOf = ({ channels }: ReturnType<typeof closedIn>): string[] =>
  channels[0]!.versions.map(({ slot, counts }) => `${slot} ${counts}`).sort();

describe('the rule of the slot', () => {
  it('a day holds what the books of its segments hold, slot by slot, with frames set aside among them and homes in any order', () => {
    let released = 0;
    fc.assert(
      fc.property(homes, turns, (life, order) => {
        const streams = streamsOf(life);
        const day = closedIn(order, life, streams);
        const forward = streams.map((_, i) => i);
        const books = folded(streams, forward);
        expect(folded(streams, forward.toReversed())).toEqual(books);
        expect(slotsOf(day)).toEqual(books);
        if (day.channels[0]!.annotations.some((bits) => bits !== 0)) released++;
      }),
      { numRuns: 500 },
    );
    expect(released).toBeGreaterThan(50);
  });

  it('a conflict between two homes is decided the same whichever is closed first, and both values stay on record', () => {
    let conflicts = 0;
    fc.assert(
      fc.property(homes, turns, turns, (life, order, other) => {
        const streams = streamsOf(life);
        const day = closedIn(order, life, streams);
        const again = closedIn(other, life, streams);
        expect(slotsOf(again)).toEqual(slotsOf(day));
        expect(versionsOf(again)).toEqual(versionsOf(day));
        if (versionsOf(day).length > 0) conflicts++;
      }),
      { numRuns: 500 },
    );
    expect(conflicts).toBeGreaterThan(50);
  });
});
