import { type ChannelDay, OUTAGE } from './channel-day.ts';

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
