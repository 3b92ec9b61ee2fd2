import type { TenancyCut } from '../../events/index.ts';
import { type MultiplierFrom, worthChanges } from './multipliers.ts';
import { dividedBetween, type SubjectSpan } from './tenancy.ts';
import type { Installation, OpenUsagePoint } from './usagepoint-state.ts';

/** A time for which a meter hung somewhere, and what it was then. UTC ms. */
type HeldMeter = Pick<Installation, 'from' | 'until' | 'asset'>;

/** A meter's time at one usage point, and what divides its days there. Instants are UTC ms. */
export interface MeterStay<Held extends HeldMeter = HeldMeter> {
  readonly usagePoint: string;
  /** Oldest first. */
  readonly installed: readonly Held[];
  readonly tenancy: readonly TenancyCut[];
  /** Corrections of this meter, rising. */
  readonly multipliers: readonly MultiplierFrom[];
}

/** A part of a meter's day: the name of its stream ends with the number. */
export interface MeterPart<Stay extends MeterStay = MeterStay> extends SubjectSpan {
  /** From 1, in order of time, over all usage points at which the meter hung on that day. */
  readonly number: number;
  readonly stay: Stay;
  readonly held: Stay['installed'][number];
}

/**
 * Parts of a local day of one meter: cut at tenancies and where a count begins to be worth something else, and no longer than the meter
 * hung there; none when it hung nowhere. Whoever names a part asks with every usage point of the meter, or the numbers are others'.
 * @param start @param end bounds of the day, UTC ms
 */
export function partsOfDay<Stay extends MeterStay>(stays: readonly Stay[], start: number, end: number): MeterPart<Stay>[] {
  const parts = stays.flatMap((stay) => partsAt(stay, start, end));
  if (stays.length > 1) parts.sort((a, b) => a.from - b.from);
  return parts.map((part, i) => ({ ...part, number: i + 1 }));
}

function partsAt<Stay extends MeterStay>(stay: Stay, start: number, end: number): Omit<MeterPart<Stay>, 'number'>[] {
  return stay.installed.flatMap((held) => {
    const from = Math.max(start, held.from);
    const until = Math.min(end, held.until ?? Infinity);
    if (from >= until) return [];
    const changes = worthChanges(held.asset.channels, stay.multipliers);
    return dividedBetween(stay.tenancy, changes, from, until).map((part) => ({ ...part, stay, held }));
  });
}

/** What divides the days of a usage point's meters. Instants are UTC ms. */
export interface DividingPoint {
  readonly usagePoint: string;
  readonly installations: readonly ({ readonly meterId: string } & HeldMeter)[];
  readonly tenancy: readonly TenancyCut[];
  readonly multipliers?: OpenUsagePoint['multipliers'];
}

/** The time of a meter at a usage point, as that says. */
export function stayAt(point: DividingPoint, meterId: string): MeterStay {
  const { usagePoint, installations, tenancy } = point;
  return {
    usagePoint,
    installed: installations.filter((held) => held.meterId === meterId),
    tenancy,
    multipliers: multipliersOf(point, meterId),
  };
}

/** The same, and what is known of its time at other usage points. @param known every stay of the meter, this one as well */
export function staysWith(point: DividingPoint, meterId: string, known: readonly MeterStay[]): MeterStay[] {
  return [stayAt(point, meterId), ...known.filter(({ usagePoint }) => usagePoint !== point.usagePoint)];
}

/** Corrections of a meter, rising by the instant from which they are valid; of two for the same the later recorded one is behind. */
export function multipliersOf({ multipliers = [] }: Pick<DividingPoint, 'multipliers'>, meterId: string): readonly MultiplierFrom[] {
  if (multipliers.length === 0) return [];
  return multipliers
    .filter((one) => one.meterId === meterId)
    .map(({ channel, multiplier, validFrom }) => ({ channel, multiplier, from: validFrom }))
    .sort((a, b) => a.from - b.from);
}
