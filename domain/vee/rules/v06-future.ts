import { NO_COUNTS } from '../../../events/index.ts';
import type { ChannelDay } from '../channel-day.ts';
import { ruleBit } from '../findings.ts';
import type { VeePolicy } from '../policy.ts';

const BIT = ruleBit('V06');

/** V06: an interval that ends after the judgement. */
export function futureCheck(day: ChannelDay, { validation }: VeePolicy): void {
  if (day.asOf === 0) return;
  const length = day.minutes * 60;
  const first = Math.max(0, Math.floor((day.asOf + validation.futureSeconds - day.start) / length));
  for (let i = first; i < day.n; i++) if (day.counts[i] !== NO_COUNTS) day.errors[i]! |= BIT;
}

/** V06 on arrival: such a reading is set aside. @param end of the interval @param receivedAt both UTC s */
export function outsideItsTime(end: number, receivedAt: number, { validation }: VeePolicy): boolean {
  return end > receivedAt + validation.futureSeconds || end < receivedAt - validation.oldestDays * 86_400;
}
