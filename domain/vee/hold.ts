import { SLOT_SOURCES } from '../../events/index.ts';
import type { ChannelDay } from './channel-day.ts';
import { ruleBit } from './findings.ts';

const MEASURED = SLOT_SOURCES.indexOf('measured');
const HELD = SLOT_SOURCES.indexOf('held');

/**
 * Errors about the meter, its clock or its register: that the register moved along proves nothing against them. They hold a
 * reading even when it is proven; a person accepts it, and no estimate takes its place.
 */
const BEYOND_REGISTERS = (['V01', 'V06', 'V07', 'V08', 'V16', 'V20', 'V21'] as const).reduce((bits, rule) => bits | ruleBit(rule), 0);

/**
 * A span's sum, its register, or the time of the reading is wrong, and not this value by itself: such slots are held for a person, and
 * what was measured is better than a guess.
 */
const NOT_OF_THE_VALUE = ruleBit('V15') | ruleBit('V16') | ruleBit('V06');

/** Which measurements billing may not count on yet: those with an error that nothing proves wrong. Estimates are left alone. @returns how many are held */
export function hold(day: ChannelDay): number {
  const { n, sources, errors, proven } = day;
  let held = 0;
  for (let i = 0; i < n; i++) {
    const source = sources[i]!;
    if (source !== MEASURED && source !== HELD) continue;
    if (errors[i] && (!proven[i] || errors[i]! & BEYOND_REGISTERS)) {
      sources[i] = HELD;
      held++;
    } else sources[i] = MEASURED;
  }
  return held;
}

/** Whether the value itself is in no doubt: measured, or held only for what its span, its register or its time is. */
export function isSound(day: ChannelDay, slot: number): boolean {
  const source = day.sources[slot]!;
  return source === MEASURED || (source === HELD && (day.errors[slot]! & ~NOT_OF_THE_VALUE) === 0);
}

/** Whether an estimate may take the slot: it has no value, or one that is held, unproven, and suspect by itself. */
export function awaitsEstimate(day: ChannelDay, slot: number): boolean {
  const source = day.sources[slot]!;
  if (source === 0) return true;
  return source === HELD && !day.proven[slot] && (day.errors[slot]! & ~NOT_OF_THE_VALUE) !== 0;
}

const SPAN_RULES = ruleBit('V15') | ruleBit('V16');

/**
 * Whether an estimate with these errors stands in a span that its registers contradict: they leave less than nothing, more than the
 * fuse lets through, or ran backwards. It is the best guess there is, and its day is held until a person has spoken about it.
 */
export function inDispute(errors: number): boolean {
  return (errors & SPAN_RULES) !== 0;
}
