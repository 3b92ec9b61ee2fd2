import { createHash } from 'node:crypto';
import type { SharedRow, SharedSeries } from '../../exchange/usage/shared-usage.ts';

const HOUR_S = 3_600;
/** Watt-hours of each hour of a made-up day, midnight first. */
const SHAPE = [180, 160, 150, 150, 155, 190, 420, 610, 520, 340, 300, 310, 360, 330, 300, 320, 410, 720, 890, 860, 740, 560, 380, 240];
/** The sandbox begins here: 2025-01-01 UTC, and has a year. */
export const SANDBOX_FROM = Date.UTC(2025, 0, 1);
export const SANDBOX_UNTIL = Date.UTC(2026, 0, 1);

/**
 * Hours of a home that does not exist, the same at every call: what a client is tried with. A share of them is estimated, one hour in
 * a hundred has no value. @param from UTC ms, as `until` a whole hour within the sandbox's year
 */
export function madeUpHours(from: number, until: number): SharedSeries {
  const rows: SharedRow[] = [];
  for (let start = from / 1000; start < until / 1000; start += HOUR_S) rows.push(hourOf(start));
  return {
    ...{ usagePoint: 'sandbox-point-01', direction: 'import', unit: 'Wh', zone: 'Etc/UTC', resolution: 'hour', intervalMinutes: 60 },
    rows,
  };
}

function hourOf(start: number): SharedRow {
  const [first = 0, second = 0] = createHash('sha256').update(`sandbox ${start}`).digest();
  const end = start + HOUR_S;
  const none = { measured: 0, estimated: 0, edited: 0, missing: 0 };
  if (first < 3) return { start, end, energyWh: null, quality: { ...none, missing: 1 } };
  const energyWh = Math.floor((SHAPE[(start / HOUR_S) % 24]! * (192 + (second >> 1))) / 256);
  return { start, end, energyWh, quality: first < 16 ? { ...none, estimated: 1 } : { ...none, measured: 1 } };
}
