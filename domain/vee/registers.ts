import type { ChannelDay } from './channel-day.ts';

/** No difference is to be had: a register is unknown, was exchanged, or ran backwards. */
export const NO_DIFFERENCE = -1;

/**
 * What a register moved by, rollover-aware. @param slots between the two readings @returns counts; NO_DIFFERENCE when it went
 * backwards and no rollover explains it: new + 10^dials - old must be what the fuse lets through in that time
 */
export function registerMove(day: ChannelDay, before: number, after: number, slots: number): number {
  if (after >= before) return after - before;
  const rolledOver = after + day.modulus - before;
  return rolledOver <= day.capacity * slots ? rolledOver : NO_DIFFERENCE;
}

/** Register at the start of a slot, NO_REGISTER where unknown. */
export function registerAt(day: ChannelDay, slot: number): number {
  return slot === 0 ? day.registerBefore : day.registers[slot - 1]!;
}

/** First slot at or after `slot` whose end has a register; `n` when none has. */
export function nextRegister(day: ChannelDay, slot: number): number {
  let at = slot;
  while (at < day.n && day.registers[at]! < 0) at++;
  return at;
}

/** Register difference over slots [from, until), which has a register at both ends. @returns counts or NO_DIFFERENCE */
export function spanDifference(day: ChannelDay, from: number, until: number): number {
  const before = registerAt(day, from);
  const after = day.registers[until - 1]!;
  if (before < 0 || after < 0) return NO_DIFFERENCE;
  if (day.seen.newRegisters) for (let i = from; i < until; i++) if (day.newRegister[i]) return NO_DIFFERENCE;
  return registerMove(day, before, after, until - from);
}

/** Whether registers before and after a slot say what the span around it comes to, be there slots missing in it or not. */
export function isBracketed(day: ChannelDay, slot: number): boolean {
  let from = slot;
  while (from > 0 && day.registers[from - 1]! < 0) from--;
  const until = nextRegister(day, slot) + 1;
  return until <= day.n && spanDifference(day, from, until) !== NO_DIFFERENCE;
}
