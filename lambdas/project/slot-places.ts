import { subjectAt } from '../../domain/usagepoint/tenancy.ts';
import { UTILITY } from '../../events/index.ts';
import type { Platform } from '../../platform/ports/platform.ts';
import { type LocalDay, localDayOfSlot } from '../shared/days/local-days.ts';
import { type MeterPoint, pointOf } from '../shared/days/points.ts';

/** Whose a slot is, and in which of their days it lies. */
export interface SlotPlace {
  readonly at: LocalDay;
  /** Account id or UTILITY. */
  readonly subject: string;
}

/** @param end UTC s */
export type PlaceOf = (end: number, minutes: number) => SlotPlace;

export interface Places {
  /** Asks nobody any more. */
  readonly placeOf: PlaceOf;
  /** Zones that the meter's days may be in. */
  readonly zones: readonly string[];
}

/** Looks up where a meter is and was, as its usage points say now. @param zone for a time at which it was installed nowhere */
export async function placesOf(platform: Platform, meterId: string, zone: string, days: RecentDays): Promise<Places> {
  const [points = []] = await pointOf(platform, [meterId]);
  const placeOf: PlaceOf = (end, minutes) => {
    const begin = (end - minutes * 60) * 1000;
    const point = pointAt(points, begin);
    return { at: days.of(end, point?.zone ?? zone), subject: point === undefined ? UTILITY : subjectAt(point.tenancy, begin) };
  };
  return { placeOf, zones: [zone, ...points.map((point) => point.zone)] };
}

/** The local day of a slot, remembered per zone: the calendar is asked once a day and not once a slot. */
export class RecentDays {
  readonly #known = new Map<string, LocalDay[]>();

  of(end: number, zone: string): LocalDay {
    const known = this.#known.get(zone) ?? [];
    const hit = known.find((day) => end > day.start && end <= day.end);
    if (hit !== undefined) return hit;
    const day = localDayOfSlot(end, zone);
    this.#known.set(zone, [day, ...known.slice(0, 7)]);
    return day;
  }
}

function pointAt(points: readonly MeterPoint[], at: number): MeterPoint | undefined {
  return points.find(({ installed }) => installed.some(({ from, until }) => from <= at && (until === undefined || at < until)));
}
