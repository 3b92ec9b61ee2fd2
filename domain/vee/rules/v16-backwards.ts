import type { ChannelDay } from '../channel-day.ts';
import { ruleBit } from '../findings.ts';
import { NO_DIFFERENCE, registerMove } from '../registers.ts';

const BIT = ruleBit('V16');

/**
 * V16: a register below the one before it. A rollover explains it when the fuse lets through what it comes to; an exchanged or
 * reset register starts anew; else somebody tampered, and the slots between are errors.
 */
export function backwardsCheck(day: ChannelDay): void {
  const { n, registers } = day;
  let previous = day.registerBefore;
  let at = 0;
  for (let i = 0; i < n; i++) {
    const register = registers[i]!;
    if (register < 0) continue;
    if (register < previous) judge(day, previous, register, at, i + 1);
    previous = register;
    at = i + 1;
  }
}

function judge(day: ChannelDay, before: number, after: number, from: number, until: number): void {
  for (let i = from; i < until; i++) if (day.newRegister[i]) return;
  if (registerMove(day, before, after, until - from) !== NO_DIFFERENCE) return;
  for (let i = from; i < until; i++) day.errors[i]! |= BIT;
}
