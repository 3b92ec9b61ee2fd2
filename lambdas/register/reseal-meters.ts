import { account } from '../../domain/account/account.ts';
import { partsOfDay, stayAt } from '../../domain/usagepoint/day-parts.ts';
import type { OpenUsagePoint } from '../../domain/usagepoint/usagepoint-state.ts';
import { type DayFrame, UTILITY } from '../../events/index.ts';
import type { Platform } from '../../platform/ports/platform.ts';
import { localDay } from '../shared/days/local-days.ts';
import { type MeterPoint, pointKey, pointOf } from '../shared/days/points.ts';
import { foldStream } from '../shared/streams.ts';
import { usagePointState } from './change-point.ts';

/**
 * Every meter of which a day may lie under a key of the subject: those of its usage points, by account and by directory; the
 * utility's besides are all that are enrolled, because a meter without usage point is the utility's.
 */
export async function metersOf(platform: Platform, subject: string): Promise<Set<string>> {
  const meters = new Set<string>();
  for await (const { key, value } of platform.directory.list(pointKey(''))) {
    const points = JSON.parse(value.toString()) as MeterPoint[];
    if (subject === UTILITY || points.some(({ tenancy }) => tenancy.some((cut) => cut.subject === subject)))
      meters.add(key.slice(pointKey('').length));
  }
  if (subject === UTILITY) {
    for await (const stream of platform.events.streams('meter/')) meters.add(stream.slice('meter/'.length));
    return meters;
  }
  const { state } = await foldStream(platform.events, `account/${subject}`, account);
  const points = state.status === 'unopened' ? [] : Object.keys(state.tenancies);
  for (const id of points) for (const { meterId } of (await usagePointState(platform, id)).installations) meters.add(meterId);
  return meters;
}

/** Names of a meter's streams in a month, by local date. */
export async function daysIn(platform: Platform, meterId: string, month: string): Promise<Map<string, string[]>> {
  const prefix = `meterday/${meterId}/`;
  const days = new Map<string, string[]>();
  for await (const stream of platform.events.streams(`${prefix}${month}-`)) {
    const day = stream.slice(prefix.length, prefix.length + 10);
    days.set(day, [...(days.get(day) ?? []), stream]);
  }
  return days;
}

/** Usage points of a meter as their streams say, in the order in which it hung there. */
export async function placesOf(platform: Platform, meterId: string, here: OpenUsagePoint): Promise<OpenUsagePoint[]> {
  const [points] = await pointOf(platform, [meterId]);
  const others = points!.filter(({ usagePoint }) => usagePoint !== here.usagePoint);
  const states = await Promise.all(others.map(({ usagePoint }) => usagePointState(platform, usagePoint)));
  const since = (state: OpenUsagePoint) => state.installations.find((held) => held.meterId === meterId)?.from ?? 0;
  return [here, ...states].sort((a, b) => since(a) - since(b));
}

/** Parts of the day of a frame, as tenancies and installations now divide it. */
export function framesOf(places: readonly OpenUsagePoint[], { meterId, day, zone, minutes }: DayFrame): DayFrame[] {
  const { start, end } = localDay(day, zone);
  const stays = places.map((place) => stayAt(place, meterId));
  return partsOfDay(stays, start * 1000, end * 1000).map(({ number, stay: { usagePoint }, subject, from, until }) => {
    return { usagePoint, meterId, day, part: number, subject, start: from / 1000, end: until / 1000, minutes, zone };
  });
}
