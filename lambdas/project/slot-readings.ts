import type { Judged } from '../../domain/telemetry/members.ts';
import type { OpenedFrame } from '../../domain/telemetry/opened-frame.ts';
import type { SlotFold } from '../../domain/telemetry/slot-fold.ts';
import { type AssetRecord, type Channel, NO_VALUE } from '../../events/index.ts';
import type { RecordedCommit } from '../../platform/ports/event-store.ts';

const HOUR = 3_600;

/** A slot that came for the first time. */
export interface SlotReading {
  /** Number of the meter in its segment. */
  readonly member: number;
  readonly asset: AssetRecord;
  readonly channel: number;
  readonly minutes: number;
  /** Interval end, UTC s. */
  readonly end: number;
  /** NO_VALUE = measured none, or held. */
  readonly counts: number;
  /** V08: more than the service fuse lets through. The value shows nowhere until a person or an estimate has decided. */
  readonly held: boolean;
}

/** By the UTC hour in which they end: (begin, begin + 1 h]. Keys are the begins, UTC s. */
export type HourReadings = ReadonlyMap<number, readonly SlotReading[]>;

/**
 * Folds a commit and tells its slots that come for the first time. Which those are the segment's own rules say, also of a
 * meter that was elsewhere before: nothing counts twice, in whatever commit or segment it comes again.
 */
export function takeReadings(fold: SlotFold, { version, events, head }: RecordedCommit): HourReadings {
  const hours = new Map<number, SlotReading[]>();
  let hour = Number.NaN;
  let list: SlotReading[] = [];
  fold.take(version, events, (member, kind, frame, i) => {
    const reading = readingOf(member, kind, frame, i);
    if (reading === undefined) return;
    const begin = hourOf(reading.end);
    if (begin !== hour) {
      hour = begin;
      list = hours.get(begin) ?? [];
      hours.set(begin, list);
    }
    list.push(reading);
  });
  // An erased commit has no events, but its versions are used up.
  fold.version = head.version;
  return hours;
}

function readingOf(member: number, { asset, capacity }: Judged, frame: OpenedFrame, i: number): SlotReading | undefined {
  const { channel, minutes } = frame;
  if (channel >= asset.channels.length) return undefined;
  const value = frame.deltas[i]!;
  const held = value !== NO_VALUE && value > capacity[channel]!;
  const end = frame.end - (frame.count - 1 - i) * minutes * 60;
  return { member, asset, channel, minutes, end, counts: held ? NO_VALUE : value, held };
}

/** Begin of the hour in which a slot ends, UTC s. */
export function hourOf(end: number): number {
  return Math.floor((end - 1) / HOUR) * HOUR;
}

/** Hours as sort keys: in the order of time. */
export function hourSort(hour: number): string {
  return String(hour).padStart(10, '0');
}

/** Energy in the channel's unit. */
export function energyOf(counts: number, { scale, multiplier }: Pick<Channel, 'scale' | 'multiplier'>): number {
  return Math.round(counts * scale * multiplier);
}

const totals = new WeakMap<AssetRecord, readonly boolean[]>();

/** Active energy over all tariffs: what an area adds up. Tariff registers are parts of it, reactive energy is none. */
export function isTotalEnergy({ asset, channel }: SlotReading): boolean {
  const known = totals.get(asset) ?? asset.channels.map(({ unit, obis }) => unit === 'Wh' && /^\d+-\d+:[12]\.8\.0(\D|$)/.test(obis));
  totals.set(asset, known);
  return known[channel]!;
}
