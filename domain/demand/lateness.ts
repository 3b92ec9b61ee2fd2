/**
 * When an interval is told. Meters send an hour's readings together, in a slot of the two minutes behind it, and a concentrator
 * gathers them: what is told earlier would only be told again. The feed says so itself.
 */
export const LATENCY_MS = 75 * 60_000;

/** Behind the latency the feed may be by so much before somebody is told. */
const TOLERATED_MS = 30 * 60_000;

/** Last interval that may be told. @param now UTC ms @returns its end, UTC s */
export function dueUntil(now: number, intervalMinutes: number): number {
  const step = intervalMinutes * 60;
  return Math.floor((now - LATENCY_MS) / 1000 / step) * step;
}

/** By how much the feed is behind what it promises. @param told end of the newest interval, UTC s @returns ms, 0 when it is in time */
export function behindMs(told: number, now: number, intervalMinutes: number): number {
  return Math.max(0, dueUntil(now, intervalMinutes) - told) * 1000;
}

export function isLate(told: number, now: number, intervalMinutes: number): boolean {
  return behindMs(told, now, intervalMinutes) > TOLERATED_MS;
}
