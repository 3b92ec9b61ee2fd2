import type { MemberStatus, RefusalReason, RelayInterval } from '../../events/index.ts';
import { ANNOTATION, type DomainEvent, type FrameColumns, HELD_REASONS } from '../../events/index.ts';
import { utcDate } from '../shared/days/utc-date.ts';
import { type ItemChanges, jsonKind } from './item-changes.ts';
import { type HourReadings, isTotalEnergy } from './slot-readings.ts';

/**
 * What came of frames, by concentrator and by hour, and which meters each concentrator hears. Counts and ids of devices: no values, no
 * customer. Partition `dc/<dcId>`: an item per UTC date and segment; `day/<UTC date>`: one per segment; `members`: one per segment.
 */
export const INTAKE = 'intake';

const HOUR_MS = 3_600_000;
const DAY_HOURS = 24;

type Reasons = Partial<Record<RefusalReason, number>>;

/** Frames of one hour. */
export interface FrameCounts {
  accepted: number;
  duplicate: number;
  quarantined: number;
  /** Of those that were accepted: rules of validation found an error in them. */
  faulty: number;
  /** Why others were quarantined or refused. */
  held: Reasons;
  refused: Reasons;
}

/** By hour of the UTC date, 0 to 23. */
export interface RelayDay {
  hours: Record<number, FrameCounts>;
  /** Broker time of the newest batch, UTC ms. */
  seen: number;
}

/** Of one segment, by hour of the UTC date: slots of homes' import that came, and why frames were not taken. */
export interface SegmentDay {
  received: Record<number, number>;
  refused: Record<number, Reasons>;
}

/** Concentrators that each meter is assigned to. */
export interface HeardBy {
  meters: Record<string, readonly string[]>;
}

type IntakeItem = RelayDay | SegmentDay | HeardBy;

export const INTAKE_KIND = jsonKind<IntakeItem>();
/** Partition of the items that say who hears whom. */
export const MEMBERS = 'members';

/** Findings of the hot path that are errors by the rules of validation. */
const FAULTS =
  ANNOTATION.clockWrong |
  ANNOTATION.misaligned |
  ANNOTATION.negative |
  ANNOTATION.overCapacity |
  ANNOTATION.registerBackwards |
  ANNOTATION.assetMismatch |
  ANNOTATION.slotConflict;

/** @param version of the commit's first event */
export function addToIntake(changes: ItemChanges<IntakeItem>, event: DomainEvent, segment: string, version: number): void {
  if (event.type !== 'FramesAccepted' && event.type !== 'FramesHeld' && event.type !== 'FramesRefused') {
    noteHearing(changes, event, segment, version);
    return;
  }
  const { batch, brokerTime } = event.data;
  const { date, hour } = hourOfDay(brokerTime);
  const reasons = event.type === 'FramesRefused' ? event.data.counts : event.type === 'FramesHeld' ? heldCounts(event.data.reasons) : {};
  const takeRelay = (item: IntakeItem) => {
    const day = item as RelayDay;
    day.seen = Math.max(day.seen, brokerTime);
    addFrames(countsAt(day, hour), event, reasons);
  };
  changes.add({ partition: relayPartition(batch.dcId), sort: `${date}/${segment}` }, version, takeRelay, emptyRelayDay);
  if (Object.keys(reasons).length === 0) return;
  const takeSegment = (item: IntakeItem) => {
    const { refused } = item as SegmentDay;
    refused[hour] = addReasons(refused[hour] ?? {}, reasons);
  };
  changes.add({ partition: dayPartition(date), sort: segment }, version, takeSegment, emptySegmentDay);
}

/** Slots of homes that came for the first time; what feeders' heads measure is no home's. */
export function addReceived(changes: ItemChanges<IntakeItem>, hours: HourReadings, segment: string, version: number): void {
  for (const [begin, readings] of hours) {
    const came = readings.filter((reading) => {
      const { asset, channel } = reading;
      return asset.meterClass !== 'grid' && isTotalEnergy(reading) && asset.channels[channel]!.direction === 'import';
    }).length;
    if (came === 0) continue;
    const { date, hour } = hourOfDay(begin * 1000);
    const take = (item: IntakeItem) => {
      const { received } = item as SegmentDay;
      received[hour] = (received[hour] ?? 0) + came;
    };
    changes.add({ partition: dayPartition(date), sort: segment }, version, take, emptySegmentDay);
  }
}

/** Who is here, where the commits by which they came are not kept any more. */
export function noteHeard(
  changes: ItemChanges<IntakeItem>,
  members: Iterable<{ readonly meterId: string; readonly relays: readonly RelayInterval[]; readonly status: MemberStatus }>,
  segment: string,
  version: number,
): void {
  const here = [...members].filter(({ status }) => status !== 'retired');
  const take = (item: IntakeItem) => {
    (item as HeardBy).meters = Object.fromEntries(here.map(({ meterId, relays }) => [meterId, assigned(relays)]));
  };
  changes.add({ partition: MEMBERS, sort: segment }, version, take, emptyHearing);
}

function noteHearing(changes: ItemChanges<IntakeItem>, event: DomainEvent, segment: string, version: number): void {
  if (event.type !== 'MeterJoined' && event.type !== 'MemberAmended' && event.type !== 'MeterLeft') return;
  const { meterId } = event.data;
  const isGone = event.type === 'MeterLeft' || (event.type === 'MemberAmended' && event.data.status === 'retired');
  const relays = event.type === 'MeterLeft' ? undefined : event.data.relays;
  if (!isGone && relays === undefined) return;
  const take = (item: IntakeItem) => {
    const { meters } = item as HeardBy;
    if (isGone) delete meters[meterId];
    else meters[meterId] = assigned(relays!);
  };
  changes.add({ partition: MEMBERS, sort: segment }, version, take, emptyHearing);
}

function assigned(relays: readonly RelayInterval[]): readonly string[] {
  return [...new Set(relays.flatMap(({ dcId, until }) => (until === undefined ? [dcId] : [])))];
}

type FramesEvent = Extract<DomainEvent, { type: 'FramesAccepted' | 'FramesHeld' | 'FramesRefused' }>;

function addFrames(counts: FrameCounts, event: FramesEvent, reasons: Reasons): void {
  if (event.type === 'FramesAccepted') {
    counts.accepted += event.data.frames.count;
    counts.duplicate += event.data.duplicates;
    counts.faulty += faultyOf(event.data.frames);
  } else if (event.type === 'FramesHeld') {
    counts.quarantined += event.data.frames.count;
    counts.held = addReasons(counts.held, reasons);
  } else counts.refused = addReasons(counts.refused, reasons);
}

function faultyOf({ count, annotations }: FrameColumns): number {
  const column = Buffer.from(annotations.buffer, annotations.byteOffset, annotations.byteLength);
  let faulty = 0;
  for (let i = 0; i < count; i++) if ((column.readUInt32LE(i * 4) & FAULTS) !== 0) faulty++;
  return faulty;
}

function heldCounts(reasons: Uint8Array): Reasons {
  const counts: Reasons = {};
  for (const index of reasons) {
    const reason = HELD_REASONS[index];
    if (reason !== undefined) counts[reason] = (counts[reason] ?? 0) + 1;
  }
  return counts;
}

/** Adds to the first of them. */
export function addReasons(sums: Reasons, more: Reasons): Reasons {
  for (const [reason, count] of Object.entries(more) as [RefusalReason, number][]) sums[reason] = (sums[reason] ?? 0) + count;
  return sums;
}

function countsAt({ hours }: RelayDay, hour: number): FrameCounts {
  const counts = hours[hour] ?? { accepted: 0, duplicate: 0, quarantined: 0, faulty: 0, held: {}, refused: {} };
  hours[hour] = counts;
  return counts;
}

export function relayPartition(dcId: string): string {
  return `dc/${dcId}`;
}

export function dayPartition(date: string): string {
  return `day/${date}`;
}

/** @param at UTC ms */
export function hourOfDay(at: number): { readonly date: string; readonly hour: number } {
  return { date: utcDate(at), hour: Math.floor(at / HOUR_MS) % DAY_HOURS };
}

const emptyRelayDay = (): RelayDay => ({ hours: {}, seen: 0 });
const emptySegmentDay = (): SegmentDay => ({ received: {}, refused: {} });
const emptyHearing = (): HeardBy => ({ meters: {} });
