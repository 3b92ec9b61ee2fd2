import { NO_COUNTS } from '../../../events/index.ts';
import type { ChannelDay } from '../channel-day.ts';
import { ruleBit } from '../findings.ts';

const BIT = ruleBit('V07');

/** V07: negative energy on a one-way register. */
export function negativeCheck(day: ChannelDay): void {
  if (day.seen.most <= day.capacity) return;
  for (let i = 0; i < day.n; i++) if (looksNegative(day.counts[i]!, day.capacity)) day.errors[i]! |= BIT;
}

/** Beyond the fuse with the top bit of its 16 or 32 bits set: a small negative number of a meter that counts both ways. */
export function looksNegative(counts: number, capacity: number): boolean {
  if (counts <= capacity || counts === NO_COUNTS) return false;
  return counts <= 0xffff ? counts >= 0x8000 : counts >= 0x8000_0000;
}
