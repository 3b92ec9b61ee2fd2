import { JoulekeepError, NO_COUNTS, SCALED, SLOT_SOURCES, type SlotSource } from '../../events/index.ts';
import type { RatedChannel, RatedDay } from './billing-input.ts';

/** How far the value of a slot may be trusted; the last is the weakest. */
export type SlotQuality = 'known' | 'estimated' | 'failed' | 'missing';

/** One interval of one quantity of the usage point, whichever meter measured it. */
export interface FlowSlot {
  /** UTC s of its begin. */
  readonly at: number;
  readonly minutes: number;
  readonly day: string;
  readonly localMinute: number;
  /** In the quantity's unit; 0 where nothing is known. */
  readonly value: bigint;
  readonly quality: SlotQuality;
}

/** Slots of one day, or of a part of it, rising and side by side. */
export interface FlowDay {
  readonly day: string;
  readonly slots: readonly FlowSlot[];
}

/** A quantity over the period: days that have slots, rising, none of which reaches into the next. */
export type Flow = readonly FlowDay[];

export interface FlowKind {
  readonly direction: 'import' | 'export';
  readonly unit: 'Wh' | 'varh' | 'VAh';
  /** One register alone; absent = the total. */
  readonly obis?: string;
}

/** E0 is a zero that an outage explains, E11 was decided by a person: neither is a guess. */
const KNOWN: ReadonlySet<SlotSource> = new Set(['measured', 'E0', 'E11']);
const RANK: readonly SlotQuality[] = ['known', 'estimated', 'failed', 'missing'];

/**
 * Gathers one quantity from all days. The total register of a meter stands alone; only a meter without one has its tariff
 * registers summed.
 * @throws ERR_SLOT_TWICE when two meters or days deliver the same instant, ERR_COUNT_UNIT for a count that is no whole unit
 */
export function flowOf(days: readonly RatedDay[], kind: FlowKind): Flow {
  const flow = days.map((day) => flowDayOf(day, kind)).filter(({ slots }) => slots.length > 0);
  flow.sort((a, b) => a.slots[0]!.at - b.slots[0]!.at);
  for (let i = 1; i < flow.length; i++) {
    const [before, slot] = [flow[i - 1]!.slots.at(-1)!, flow[i]!.slots[0]!];
    if (before.at + before.minutes * 60 > slot.at) {
      throw new JoulekeepError('ERR_SLOT_TWICE', `${kind.direction} ${kind.unit}: two values for UTC second ${slot.at}, on ${slot.day}`);
    }
  }
  return flow;
}

export function sumOf(flow: Flow): bigint {
  return flow.reduce((sum, day) => sum + tallyOf(day).sum, 0n);
}

export function slotsIn(flow: Flow): number {
  return flow.reduce((sum, { slots }) => sum + slots.length, 0);
}

/** How many slots of a flow are of this quality. */
export function countOf(flow: Flow, quality: SlotQuality): number {
  return flow.reduce((sum, day) => sum + tallyOf(day).count[quality], 0);
}

/** What the slots of a day are together. */
export interface Tally {
  readonly sum: bigint;
  /** Of slots whose value is a guess. */
  readonly estimated: bigint;
  /** 0 at least. */
  readonly largest: bigint;
  /** Slots by quality. */
  readonly count: Readonly<Record<SlotQuality, number>>;
}

const tallies = new WeakMap<FlowDay, Tally>();

/** Counted once, however often the day is asked. */
export function tallyOf(day: FlowDay): Tally {
  const tally = tallies.get(day) ?? tallied(day);
  tallies.set(day, tally);
  return tally;
}

function tallied({ slots }: FlowDay): Tally {
  const count = { known: 0, estimated: 0, failed: 0, missing: 0 };
  let [sum, estimated, largest] = [0n, 0n, 0n];
  for (const { value, quality } of slots) {
    count[quality]++;
    sum += value;
    if (quality === 'estimated') estimated += value;
    if (value > largest) largest = value;
  }
  return { sum, estimated, largest, count };
}

function channelsOf({ channels }: RatedDay, { direction, unit, obis }: FlowKind): readonly RatedChannel[] {
  const alike = channels.filter((channel) => channel.direction === direction && channel.unit === unit);
  if (obis !== undefined) return alike.filter((channel) => channel.obis === obis);
  const totals = alike.filter((channel) => isTotal(channel.obis));
  return totals.length > 0 ? totals : alike;
}

/** OBIS A-B:C.D.E: E numbers the tariff register, 0 is the total. */
export function isTotal(obis: string): boolean {
  return obis.endsWith('.0');
}

/** A day is gathered once, however often its period is rated. */
const gathered = new WeakMap<RatedDay, Map<string, FlowDay>>();

function flowDayOf(day: RatedDay, kind: FlowKind): FlowDay {
  const kinds = gathered.get(day) ?? new Map<string, FlowDay>();
  gathered.set(day, kinds);
  const channels = channelsOf(day, kind);
  // A register by its name is mostly the total as well.
  const name = channels.map(({ direction, unit, obis }) => `${direction} ${unit} ${obis}`).join();
  const flow = kinds.get(name) ?? { day: day.day, slots: daySlots(day, channels) };
  kinds.set(name, flow);
  return flow;
}

function daySlots({ day, start, minutes, localMinutes }: RatedDay, [first, ...others]: readonly RatedChannel[]): readonly FlowSlot[] {
  if (first === undefined) return [];
  const slots: FlowSlot[] = [];
  for (let i = 0; i < localMinutes.length; i++) {
    let value = valueAt(first, i);
    let quality = qualityAt(first, i);
    for (const other of others) {
      value += valueAt(other, i);
      const weaker = qualityAt(other, i);
      if (RANK.indexOf(weaker) > RANK.indexOf(quality)) quality = weaker;
    }
    slots.push({ at: start + i * minutes * 60, minutes, day, localMinute: localMinutes[i]!, value, quality });
  }
  return slots;
}

function valueAt({ obis, counts, perCount }: RatedChannel, i: number): bigint {
  if (!Number.isSafeInteger(perCount) || perCount < 1) {
    throw new JoulekeepError('ERR_COUNT_UNIT', `${obis}: a count of ${perCount} units; scale times multiplier must be a whole number`);
  }
  const count = counts[i] ?? NO_COUNTS;
  if (count === NO_COUNTS) return 0n;
  const value = count * perCount;
  return Number.isSafeInteger(value) ? BigInt(value) : BigInt(count) * BigInt(perCount);
}

function qualityAt({ counts, sources }: RatedChannel, i: number): SlotQuality {
  const source = SLOT_SOURCES[(sources[i] ?? 0) & ~SCALED] ?? 'missing';
  if (source === 'held') return 'failed';
  if ((counts[i] ?? NO_COUNTS) === NO_COUNTS || source === 'missing') return 'missing';
  return KNOWN.has(source) ? 'known' : 'estimated';
}
