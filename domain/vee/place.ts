import { NO_COUNTS, NO_VALUE, SLOT_SOURCES } from '../../events/index.ts';
import { type ChannelDay, OUTAGE } from './channel-day.ts';
import { dayFinding } from './findings.ts';

const MEASURED = SLOT_SOURCES.indexOf('measured');

/**
 * Puts one record into its slot. Off the grid (V02) or outside the day it goes nowhere; a slot that has another value keeps it
 * and counts the conflict (V05): both stand as versions in what was collected.
 * @param end UTC s @param register counts at the end, NO_REGISTER = not known @param value u16, NO_VALUE = the meter measured none
 * @returns whether the day took it
 */
export function placeRecord(day: ChannelDay, end: number, register: number, value: number, flags: number, annotations: number): boolean {
  const slot = (end - day.start) / (day.minutes * 60) - 1;
  if (!Number.isInteger(slot)) {
    day.dayErrors = dayFinding(day.dayErrors, 'V02');
    return false;
  }
  if (slot < 0 || slot >= day.n) return false;
  const counts = value === NO_VALUE ? NO_COUNTS : value;
  const standing = day.counts[slot]!;
  day.annotations[slot]! |= annotations;
  if (standing !== NO_COUNTS) {
    if (counts !== NO_COUNTS && counts !== standing) day.conflicts[slot]!++;
    return true;
  }
  day.counts[slot] = counts;
  day.flags[slot] = flags;
  if (register >= 0) day.registers[slot] = register;
  if (counts !== NO_COUNTS) day.sources[slot] = MEASURED;
  return true;
}

/** Marks the slots an outage touched or covered. @param from UTC s @param until UTC s, its end */
export function markOutage(day: ChannelDay, from: number, until: number): void {
  const length = day.minutes * 60;
  const first = Math.max(0, Math.floor((from - day.start) / length));
  const last = Math.min(day.n, Math.ceil((until - day.start) / length));
  for (let slot = first; slot < last; slot++) {
    const start = day.start + slot * length;
    if (from <= start && until >= start + length) day.outage[slot] = OUTAGE.covers;
    else if (day.outage[slot] === OUTAGE.none) day.outage[slot] = OUTAGE.touches;
  }
}
