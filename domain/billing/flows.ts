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

/** A quantity over the period, slots rising and never overlapping. */
export type Flow = readonly FlowSlot[];

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
  const slots = days.flatMap((day) => slotsOf(day, kind));
  slots.sort((a, b) => a.at - b.at);
  for (let i = 1; i < slots.length; i++) {
    const [before, slot] = [slots[i - 1]!, slots[i]!];
    if (before.at + before.minutes * 60 > slot.at) {
      throw new JoulekeepError('ERR_SLOT_TWICE', `${kind.direction} ${kind.unit}: two values for UTC second ${slot.at}, on ${slot.day}`);
    }
  }
  return slots;
}

export function sumOf(flow: Flow): bigint {
  return flow.reduce((sum, { value }) => sum + value, 0n);
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
const gathered = new WeakMap<RatedDay, Map<string, readonly FlowSlot[]>>();

function slotsOf(day: RatedDay, kind: FlowKind): readonly FlowSlot[] {
  const kinds = gathered.get(day) ?? new Map<string, readonly FlowSlot[]>();
  gathered.set(day, kinds);
  const name = `${kind.direction} ${kind.unit} ${kind.obis ?? ''}`;
  const slots = kinds.get(name) ?? daySlots(day, channelsOf(day, kind));
  kinds.set(name, slots);
  return slots;
}

function daySlots(day: RatedDay, channels: readonly RatedChannel[]): readonly FlowSlot[] {
  if (channels.length === 0) return [];
  const { start, minutes, localMinutes } = day;
  const [first, ...others] = channels.map((channel) => Array.from(localMinutes, (_, i) => valueAt(channel, i)));
  return Array.from(localMinutes, (localMinute, i) => {
    let { value, quality } = first![i]!;
    for (const values of others) {
      const part = values[i]!;
      value += part.value;
      if (RANK.indexOf(part.quality) > RANK.indexOf(quality)) quality = part.quality;
    }
    return { at: start + i * minutes * 60, minutes, day: day.day, localMinute, value, quality };
  });
}

function valueAt({ obis, counts, sources, perCount }: RatedChannel, i: number): { value: bigint; quality: SlotQuality } {
  if (!Number.isSafeInteger(perCount) || perCount < 1) {
    throw new JoulekeepError('ERR_COUNT_UNIT', `${obis}: a count of ${perCount} units; scale times multiplier must be a whole number`);
  }
  const count = counts[i] ?? NO_COUNTS;
  const quality = qualityOf(count, SLOT_SOURCES[(sources[i] ?? 0) & ~SCALED] ?? 'missing');
  return { value: count === NO_COUNTS ? 0n : BigInt(count) * BigInt(perCount), quality };
}

function qualityOf(count: number, source: SlotSource): SlotQuality {
  if (source === 'held') return 'failed';
  if (count === NO_COUNTS || source === 'missing') return 'missing';
  return KNOWN.has(source) ? 'known' : 'estimated';
}
