import { join } from 'node:path';
import type { Platform } from '../platform/ports/platform.ts';
import { QUARTER_MS, type SealedMeter, sealedTown, telemetryBody } from '../test/support/sealed-town.ts';

export const HOUR = 4 * QUARTER_MS;
export const START = Date.UTC(2026, 0, 15);
export const READINGS = 4;
/** Messages of one event at most. */
export const PER_EVENT = 10;
/** Hours after which a meter is answered again. */
export const CYCLE = 20;

/** Meters enrolled for a benchmark, one concentrator and one segment per 500 of them. */
export async function enrolled(as: (principal: string) => Platform, meters: number, at = START): Promise<SealedMeter[][]> {
  const groups: SealedMeter[][] = [];
  for (let n = 0; n * 500 < meters; n++) {
    const size = Math.min(500, meters - n * 500);
    groups.push(await sealedTown(as, { meters: size, relays: [relayName(n)], segmentSize: 500, at, first: n * 500 }));
  }
  return groups;
}

export function relayName(n: number): string {
  return `dc-${n}`;
}

/** Queue messages of one hour: each concentrator's batch of 500 frames of 4 quarter-hours. Sealed when called. @param start when hour 0 ended */
export function hourOfMessages(groups: readonly (readonly SealedMeter[])[], hour: number, start = START): string[] {
  const at = start + hour * HOUR;
  return groups.map((meters, n) => {
    const frames = meters.map((meter, i) => meter.reading(at, [100 + (i % 50), 120, 90, 110]));
    return telemetryBody(relayName(n), at, hour, frames);
  });
}

/** File of one hour's messages, one a line. @param hour from 1 */
export function hourFile(folder: string, hour: number): string {
  return join(folder, `hour-${hour}`);
}
