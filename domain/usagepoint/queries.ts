import { multipliersOf } from './day-parts.ts';
import { multiplierOf } from './multipliers.ts';
import type { Installation, OpenUsagePoint } from './usagepoint-state.ts';

/** The time of a meter at the usage point that holds an instant. @param instant UTC ms */
export function installationAt(state: OpenUsagePoint, meterId: string, instant: number): Installation | undefined {
  return state.installations.find((held) => held.meterId === meterId && held.from <= instant && instant < (held.until ?? Infinity));
}

/**
 * What one count of a channel is worth, besides its scale: the correction that is valid at the instant, else the asset record.
 * @returns undefined where the meter does not hang there or has no such channel
 */
export function multiplierAt(state: OpenUsagePoint, meterId: string, channel: number, instant: number): number | undefined {
  const asset = installationAt(state, meterId, instant)?.asset.channels[channel];
  return asset && multiplierOf(asset, channel, multipliersOf(state, meterId), instant);
}

/** Tariff in force on a local date, `yyyy-mm-dd`. */
export function tariffOn(state: OpenUsagePoint, date: string): string | undefined {
  return state.tariffs.findLast(({ from }) => from <= date)?.tariff;
}
