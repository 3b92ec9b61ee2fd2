import { partsBetween, type SubjectSpan } from './tenancy.ts';
import type { Installation, OpenUsagePoint } from './usagepoint-state.ts';

/** The time of a meter at the usage point that holds an instant. @param instant UTC ms */
export function installationAt(state: OpenUsagePoint, meterId: string, instant: number): Installation | undefined {
  return state.installations.find((held) => held.meterId === meterId && held.from <= instant && instant < (held.until ?? Infinity));
}

/**
 * Parts of a local day of a meter: cut at tenancies, and no longer than the meter hung there; none when it did not.
 * @param start @param end bounds of the day, UTC ms
 */
export function partsOfDay(state: OpenUsagePoint, meterId: string, start: number, end: number): SubjectSpan[] {
  return state.installations.flatMap((held) => {
    if (held.meterId !== meterId) return [];
    const from = Math.max(start, held.from);
    const until = Math.min(end, held.until ?? Infinity);
    return from < until ? partsBetween(state.tenancy, from, until) : [];
  });
}

/**
 * What one count of a channel is worth, besides its scale: the correction that is valid at the instant, else the asset record.
 * @returns undefined where the meter does not hang there or has no such channel
 */
export function multiplierAt(state: OpenUsagePoint, meterId: string, channel: number, instant: number): number | undefined {
  const asset = installationAt(state, meterId, instant)?.asset.channels[channel];
  const valid = state.multipliers.filter((one) => one.meterId === meterId && one.channel === channel && one.validFrom <= instant);
  return asset && (latest(valid)?.multiplier ?? asset.multiplier);
}

/** Tariff in force on a local date, `yyyy-mm-dd`. */
export function tariffOn(state: OpenUsagePoint, date: string): string | undefined {
  return state.tariffs.findLast(({ from }) => from <= date)?.tariff;
}

/** By the instant from which it is valid; of two for the same, the one recorded last. */
function latest<T extends { readonly validFrom: number }>(valid: readonly T[]): T | undefined {
  return valid.reduce<T | undefined>((best, one) => (best === undefined || one.validFrom >= best.validFrom ? one : best), undefined);
}
