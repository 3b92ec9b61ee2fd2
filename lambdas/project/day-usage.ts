import { isTotal } from '../../domain/billing/flows.ts';
import { emptyView, isEstimate, viewSlot } from '../../domain/meterday/effective.ts';
import type { ChannelState, MeterDayState, OpenDay } from '../../domain/meterday/state.ts';
import { type Channel, type DayFrame, NO_COUNTS } from '../../events/index.ts';
import type { NewItem, UpTo } from '../../platform/ports/read-models.ts';
import { dayOfStream } from '../shared/days/day-streams.ts';

/**
 * Active energy of closed days, slot by slot, for whose it is: partition usage point and subject, in the order of days. Sealed under the
 * subject's key of the month. A year of a home is one query instead of a stream for each day. Behind the days lie the months that are over,
 * an item each (`month-usage.ts`).
 */
export const DAY_USAGE = 'day-usage';

/** What a value is worth, the weakest last. */
export const QUALITIES = ['measured', 'edited', 'estimated', 'missing'] as const;
export type Quality = (typeof QUALITIES)[number];
export const MISSING = QUALITIES.indexOf('missing');

/** One direction of a usage point's meter. */
export interface UsageLane {
  /** Wh; 0 where nothing counts. */
  readonly energyWh: Uint32Array;
  /** Index into QUALITIES. */
  readonly quality: Uint8Array;
}

/** Slots of a closed day, or of a part of it, of one meter. */
export interface DayUsage {
  /** UTC s; slot i begins at `start + i * minutes * 60`. */
  readonly start: number;
  readonly minutes: number;
  readonly slots: number;
  readonly import?: UsageLane;
  readonly export?: UsageLane;
}

/** Who a day was told to be of, and where. */
export type DayOwner = Pick<DayFrame, 'usagePoint' | 'subject'>;

/**
 * Whoever the day is not any more loses the item there was. @param state empty for a day without an outcome: it has none
 * @param owners everybody whose the stream said it was, at any time
 */
export function usageItems(state: MeterDayState, owners: Iterable<DayOwner>, upTo: UpTo): NewItem[] {
  const { meterId, day, part } = dayOfStream(upTo.stream);
  const sort = `${day}.${part}/${meterId}`;
  const items = new Map<string, NewItem>();
  for (const owner of owners) items.set(usagePartition(owner), { partition: usagePartition(owner), sort, upTo, value: undefined });
  if (state.status === 'open') {
    const { subject } = state.frame;
    const partition = usagePartition(state.frame);
    items.set(partition, { partition, sort, upTo, value: writeUsage(usageOf(state)), owner: { subject, day } });
  }
  return [...items.values()];
}

/** Partition of a subject's days at a usage point. */
export function usagePartition({ usagePoint, subject }: DayOwner): string {
  return `${usagePoint}/${subject}`;
}

function usageOf(day: OpenDay): DayUsage {
  const { frame, slots } = day;
  const taken = laneOf(day, 'import');
  const sent = laneOf(day, 'export');
  return { start: frame.start, minutes: frame.minutes, slots, ...(taken && { import: taken }), ...(sent && { export: sent }) };
}

const view = emptyView();

/** Channels of a direction as one, as bills do: the total register alone, else all tariff registers together. */
function laneOf({ channels, slots }: OpenDay, direction: Channel['direction']): UsageLane | undefined {
  const alike = channels.filter(
    (channel): channel is ChannelState => channel !== undefined && channel.asset.direction === direction && channel.asset.unit === 'Wh',
  );
  const parts = registersOf(alike, ({ asset }) => asset.obis);
  if (parts.length === 0) return undefined;
  const lane = { energyWh: new Uint32Array(slots), quality: new Uint8Array(slots) };
  for (const part of parts) for (let slot = 0; slot < slots; slot++) addSlot(lane, part, slot);
  return lane;
}

/** The total register stands alone; only a meter without one has its tariff registers summed. */
export function registersOf<Register>(alike: readonly Register[], obisOf: (register: Register) => string): readonly Register[] {
  const totals = alike.filter((register) => isTotal(obisOf(register)));
  return totals.length > 0 ? totals : alike;
}

function addSlot({ energyWh, quality }: UsageLane, channel: ChannelState, slot: number): void {
  viewSlot(channel, slot, true, view);
  const isThere = view.counts !== NO_COUNTS;
  const name: Quality = !isThere ? 'missing' : view.edited ? 'edited' : isEstimate(view.source) ? 'estimated' : 'measured';
  quality[slot] = Math.max(quality[slot]!, QUALITIES.indexOf(name));
  energyWh[slot] = quality[slot] === MISSING ? 0 : energyWh[slot]! + Math.round(view.counts * channel.perCount);
}

const FORM = 1;
const HEAD_BYTES = 10;
const IMPORT = 1;
const EXPORT = 2;

/** Head: form, lanes, minutes, slots, start. A lane: bytes of a value, values, and two bits of quality each. */
function writeUsage({ start, minutes, slots, import: taken, export: sent }: DayUsage): Buffer {
  const head = Buffer.alloc(HEAD_BYTES);
  head.writeUInt8(FORM, 0);
  head.writeUInt8((taken ? IMPORT : 0) | (sent ? EXPORT : 0), 1);
  head.writeUInt16LE(minutes, 2);
  head.writeUInt16LE(slots, 4);
  head.writeUInt32LE(start, 6);
  return Buffer.concat([head, ...[taken, sent].flatMap((lane) => (lane ? [writeLane(lane)] : []))]);
}

function writeLane({ energyWh, quality }: UsageLane): Buffer {
  const width = energyWh.every((value) => value <= 0xffff) ? 2 : 4;
  const bytes = Buffer.alloc(1 + energyWh.length * width + Math.ceil(quality.length / 4));
  bytes.writeUInt8(width, 0);
  for (const [i, value] of energyWh.entries()) bytes.writeUIntLE(value, 1 + i * width, width);
  const begin = 1 + energyWh.length * width;
  for (const [i, value] of quality.entries()) bytes[begin + (i >> 2)]! |= value << ((i & 3) * 2);
  return bytes;
}

export function readUsage(bytes: Buffer): DayUsage {
  const lanes = bytes.readUInt8(1);
  const slots = bytes.readUInt16LE(4);
  const head = { minutes: bytes.readUInt16LE(2), slots, start: bytes.readUInt32LE(6) };
  let at = HEAD_BYTES;
  const next = () => {
    const width = bytes.readUInt8(at);
    const lane = readLane(bytes, at + 1, width, slots);
    at += 1 + slots * width + Math.ceil(slots / 4);
    return lane;
  };
  return { ...head, ...((lanes & IMPORT) !== 0 && { import: next() }), ...((lanes & EXPORT) !== 0 && { export: next() }) };
}

function readLane(bytes: Buffer, begin: number, width: number, slots: number): UsageLane {
  const energyWh = new Uint32Array(slots);
  for (let i = 0, at = begin; i < slots; i++, at += width) {
    const low = bytes[at]! | (bytes[at + 1]! << 8);
    energyWh[i] = width === 2 ? low : low + bytes[at + 2]! * 0x1_0000 + bytes[at + 3]! * 0x100_0000;
  }
  const packed = begin + slots * width;
  const quality = new Uint8Array(slots);
  for (let i = 0; i < slots; i += 4) {
    const four = bytes[packed + (i >> 2)]!;
    if (four !== 0) for (let j = 0; j < 4 && i + j < slots; j++) quality[i + j] = (four >> (j * 2)) & 3;
  }
  return { energyWh, quality };
}
