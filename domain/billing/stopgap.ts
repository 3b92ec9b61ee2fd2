import { fraction, roundHalfEven } from '../tariff/money.ts';
import { type Flow, type FlowDay, type FlowSlot, tallyOf } from './flows.ts';

/** Energy over minutes of time. */
interface Rate {
  readonly energy: bigint;
  readonly minutes: bigint;
}

/**
 * What a bill that must go out puts in place of slots without a billable value: the mean of the period's other slots at the
 * same local time, else of all of them, else nothing. Only a bill whose hold has ended is issued with such slots.
 */
export function withStopgap(flow: Flow): Flow {
  if (flow.every(isWhole)) return flow;
  const billable = flow.flatMap(({ slots }) => slots.filter(isBillable));
  const byTime = new Map<number, Rate>();
  for (const slot of billable) byTime.set(slot.localMinute, plusSlot(byTime.get(slot.localMinute), slot));
  const all = billable.reduce<Rate | undefined>(plusSlot, undefined);
  const filled = (slot: FlowSlot): FlowSlot => {
    if (isBillable(slot)) return slot;
    return { ...slot, value: energyAt(byTime.get(slot.localMinute) ?? all, slot.minutes), quality: 'estimated' };
  };
  return flow.map((day) => (isWhole(day) ? day : { ...day, slots: day.slots.map(filled) }));
}

/** Nothing of it needs a stopgap. */
function isWhole(day: FlowDay): boolean {
  const { failed, missing } = tallyOf(day).count;
  return failed + missing === 0;
}

export function isBillable({ quality }: FlowSlot): boolean {
  return quality === 'known' || quality === 'estimated';
}

function plusSlot(rate: Rate | undefined, { value, minutes }: FlowSlot): Rate {
  return { energy: (rate?.energy ?? 0n) + value, minutes: (rate?.minutes ?? 0n) + BigInt(minutes) };
}

function energyAt(rate: Rate | undefined, minutes: number): bigint {
  return rate === undefined ? 0n : roundHalfEven(fraction(rate.energy * BigInt(minutes), rate.minutes)).whole;
}
