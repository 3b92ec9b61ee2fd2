import type { Reading } from '../../domain/telemetry/readings.ts';
import { multiplierOf } from '../../domain/usagepoint/multipliers.ts';
import { localDay } from '../../lambdas/shared/days/local-days.ts';
import { type MeterPoint, pointOf } from '../../lambdas/shared/days/points.ts';
import type { Platform } from '../../platform/ports/platform.ts';
import type { Recorded } from './reconciliation.ts';

/**
 * Wh of the readings of whole local days, each with the multiplier in force, as days have it. Telemetry itself has the one of the asset record.
 * @param window local dates; `until` is the first day after
 */
export async function energyOfDays(
  platform: Platform,
  { fold }: Pick<Recorded, 'fold'>,
  window: { readonly from: string; readonly until: string },
  zone: string,
): Promise<number> {
  const [from, until] = [localDay(window.from, zone).start, localDay(window.until, zone).start];
  const readings = [...fold.sorted()].filter(({ end }) => end > from && end <= until);
  const meters = [...new Set(readings.map(({ meterId }) => meterId))];
  const found = await pointOf(platform, meters);
  const points = new Map(meters.map((meterId, i) => [meterId, found[i]!.filter(({ multipliers }) => multipliers.length > 0)]));
  return readings.reduce((sum, reading) => sum + energyInForce(reading, points.get(reading.meterId)!), 0);
}

/** @param points where the meter hung, those whose multipliers were corrected */
function energyInForce({ channel, end, minutes, energyWh }: Reading, points: readonly MeterPoint[]): number {
  const at = (end - minutes * 60) * 1000;
  for (const { installed, multipliers } of points) {
    const held = installed.find(({ from, until = Infinity }) => from <= at && at < until);
    if (held === undefined) continue;
    const { scale, multiplier } = held.asset.channels[channel]!;
    return Math.round(energyWh / (scale * multiplier)) * (scale * multiplierOf({ multiplier }, channel, multipliers, at));
  }
  return energyWh;
}
