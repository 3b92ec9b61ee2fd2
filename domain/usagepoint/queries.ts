import type { AssetRecord, TenancyCut } from '../../events/index.ts';
import { type MultiplierFrom, multiplierOf, worthChanges } from './multipliers.ts';
import { dividedBetween, type SubjectSpan } from './tenancy.ts';
import type { Installation, OpenUsagePoint } from './usagepoint-state.ts';

/** What divides the days of a usage point's meters. Instants are UTC ms. */
export interface DividingPoint {
  readonly installations: readonly Pick<Installation, 'meterId' | 'from' | 'until' | 'asset'>[];
  readonly tenancy: readonly TenancyCut[];
  readonly multipliers?: OpenUsagePoint['multipliers'];
}

/** A part of a meter's day, and what the meter was then. */
export interface MeterPart extends SubjectSpan {
  readonly asset: AssetRecord;
}

/** The time of a meter at the usage point that holds an instant. @param instant UTC ms */
export function installationAt(state: OpenUsagePoint, meterId: string, instant: number): Installation | undefined {
  return state.installations.find((held) => held.meterId === meterId && held.from <= instant && instant < (held.until ?? Infinity));
}

/**
 * Parts of a local day of a meter: cut at tenancies and where a count begins to be worth something else, and no longer than the meter
 * hung there; none when it did not. Number n is part n + 1 of the day.
 * @param start @param end bounds of the day, UTC ms
 */
export function partsOfDay(state: DividingPoint, meterId: string, start: number, end: number): MeterPart[] {
  const multipliers = multipliersOf(state, meterId);
  return state.installations.flatMap((held) => {
    if (held.meterId !== meterId) return [];
    const from = Math.max(start, held.from);
    const until = Math.min(end, held.until ?? Infinity);
    if (from >= until) return [];
    const { asset } = held;
    return dividedBetween(state.tenancy, worthChanges(asset.channels, multipliers), from, until).map((part) => ({ ...part, asset }));
  });
}

/** Corrections of a meter, rising by the instant from which they are valid; of two for the same the later recorded one is behind. */
export function multipliersOf({ multipliers = [] }: Pick<DividingPoint, 'multipliers'>, meterId: string): readonly MultiplierFrom[] {
  if (multipliers.length === 0) return [];
  return multipliers
    .filter((one) => one.meterId === meterId)
    .map(({ channel, multiplier, validFrom }) => ({ channel, multiplier, from: validFrom }))
    .sort((a, b) => a.from - b.from);
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
