import { NO_COUNTS, type SlotSource } from '../../../events/index.ts';
import { type ChannelDay, OUTAGE } from '../channel-day.ts';
import type { History } from '../history.ts';
import { isSound } from '../hold.ts';
import type { VeePolicy } from '../policy.ts';

/** What every method is given: slots [from, until) of the day, all of them awaiting an estimate. */
export interface Gap {
  readonly day: ChannelDay;
  readonly history: History;
  readonly policy: VeePolicy;
  readonly from: number;
  readonly until: number;
  /** Counts the gap comes to, where registers say so; -1 = not known. A method may use it, ES makes it hold. */
  readonly total: number;
}

/** A method's answer: counts per slot of the gap, not rounded, never negative; `undefined` = it does not apply. */
export interface Estimate {
  readonly source: SlotSource;
  readonly values: Float64Array;
  /** What it looked at. */
  readonly inputs: string;
}

export type Method = (gap: Gap) => Estimate | undefined;

/** A valid value beside the gap: measured and in no doubt by itself. @param slot may lie outside the day @returns NO_COUNTS where there is none */
export function validAt({ day, history }: Gap, slot: number): number {
  if (slot < 0) return history.before[history.before.length + slot] ?? NO_COUNTS;
  if (slot >= day.n) return history.after[slot - day.n] ?? NO_COUNTS;
  return isSound(day, slot) ? day.counts[slot]! : NO_COUNTS;
}

/** Whether an outage touches the slot; of slots outside the day nothing is known but that they are valid. */
export function outageAt({ day }: Gap, slot: number): boolean {
  return slot >= 0 && slot < day.n && day.outage[slot] !== OUTAGE.none;
}

export function lengthMinutes({ day, from, until }: Gap): number {
  return (until - from) * day.minutes;
}
