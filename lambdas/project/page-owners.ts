import { subjectAt } from '../../domain/usagepoint/tenancy.ts';
import { UTILITY } from '../../events/index.ts';
import type { Platform } from '../../platform/ports/platform.ts';
import { type LocalDay, localDayOfSlot } from '../shared/local-days.ts';
import { type MeterPoint, pointOf } from '../shared/points.ts';

/** Whose a slot is, and in which of their days it lies. */
export interface SlotPlace {
  readonly at: LocalDay;
  /** Account id or UTILITY. */
  readonly subject: string;
}

/** @param end UTC s @param zone of the asset record, for a meter that was never installed */
export type PlaceOf = (meterId: string, end: number, minutes: number, zone: string) => SlotPlace;

/** Looks up where these meters are; what it returns asks nobody any more. */
export async function placesOf(platform: Platform, meterIds: readonly string[], days: RecentDays): Promise<PlaceOf> {
  const found = await pointOf(platform, meterIds);
  const points = new Map(meterIds.map((meterId, i) => [meterId, found[i]!]));
  return (meterId, end, minutes, zone) => {
    const begin = (end - minutes * 60) * 1000;
    const point = pointAt(points.get(meterId) ?? [], begin);
    return { at: days.of(end, point?.zone ?? zone), subject: point === undefined ? UTILITY : subjectAt(point.tenancy, begin) };
  };
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
