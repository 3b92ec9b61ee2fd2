import { CLASS_PROFILES } from '../../domain/vee/class-profiles.ts';
import type { History, LikeDay } from '../../domain/vee/history.ts';
import { type Channel, type DayFrame, type MeterClass, NO_COUNTS } from '../../events/index.ts';
import type { Platform } from '../../platform/ports/platform.ts';
import type { SubjectAccess } from '../../platform/ports/subject-access.ts';
import { openSubjectData, type SubjectRequest } from '../shared/access/subject-data.ts';
import { localDay, plusDays, weekdayOf } from '../shared/days/local-days.ts';
import { timesOf, toWallClock } from '../shared/days/wall-clock.ts';
import { type EarlierDay, EarlierDays } from './earlier-days.ts';
import { isHoliday } from './holidays.ts';

/** Days that may hold moments like a gap: six weeks. */
const DAYS_BACK = 42;
/** Same weekday and season a year ago. */
const YEAR_BACK = 364;
/** Slots on either side of the day that a method may start from. */
const NEIGHBOURS = 8;
const DAY_MS = 86_400_000;
const HOUR_S = 3600;
const MOST_DATES = 64;

/** The day, or the part of one, that is estimated. */
export interface EstimatedPlace {
  readonly frame: DayFrame;
  readonly channels: readonly Channel[];
  /** Whose shape stands in where a home has no days of its own; residential when not given. */
  readonly meterClass?: MeterClass;
  /** Nothing has arrived of the meter since before the day's end. */
  readonly silent?: boolean;
}

type Reader = Omit<SubjectRequest, 'from' | 'until' | 'subjects'>;

/** Opens what estimating these places may look at, with one record for all of them. */
export function openHistory(platform: Platform, frames: readonly DayFrame[], reader: Reader): Promise<SubjectAccess> {
  return openSubjectData(platform, {
    ...reader,
    from: Math.min(...frames.map(({ start }) => start)) * 1000 - (YEAR_BACK + 2) * DAY_MS,
    until: Math.max(...frames.map(({ end }) => end)) * 1000 + 2 * DAY_MS,
    subjects: frames.map(({ subject }) => subject),
  });
}

/** History of one place, its access on record before anything is read. @returns per channel */
export async function historyFor(
  platform: Platform,
  place: EstimatedPlace,
  reader: Reader = { purpose: 'estimation' },
): Promise<History[]> {
  return historyIn(new EarlierDays(platform), place, await openHistory(platform, [place.frame], reader));
}

/**
 * Days of the same subject at the same meter around the one that is estimated: six weeks before it, a year before it, the day behind
 * it where that is known already. @returns per channel
 */
export async function historyIn(earlier: EarlierDays, place: EstimatedPlace, access: SubjectAccess): Promise<History[]> {
  const { frame } = place;
  const read = (day: string) => earlier.get(frame, day, access);
  const own = isDivided(frame) ? await read(frame.day) : undefined;
  const [next, lastYear, ...days] = await Promise.all(datesAround(frame.day).map(read));
  const around: Around = { own, next, lastYear, days };
  return place.channels.map((channel, number) => historyOf(place, channel, number, around));
}

const dates = new Map<string, readonly string[]>();

/** The next day, the one a year back, and those of six weeks from the day before on; kept, because all meters ask for the same. */
function datesAround(day: string): readonly string[] {
  const known = dates.get(day);
  if (known !== undefined) return known;
  const made = [-1, YEAR_BACK, ...Array.from({ length: DAYS_BACK }, (_, i) => i + 1)].map((daysBack) => plusDays(day, -daysBack));
  if (dates.size >= MOST_DATES) dates.clear();
  dates.set(day, made);
  return made;
}

interface Around {
  /** Other parts of the day, where it is divided. */
  readonly own: EarlierDay | undefined;
  readonly next: EarlierDay | undefined;
  readonly lastYear: EarlierDay | undefined;
  /** From the day before on backwards. */
  readonly days: readonly (EarlierDay | undefined)[];
}

function isDivided({ day, zone, start, end }: DayFrame): boolean {
  const whole = localDay(day, zone);
  return start !== whole.start || end !== whole.end;
}

function historyOf(place: EstimatedPlace, channel: Channel, number: number, { own, next, lastYear, days }: Around): History {
  const { frame, silent = false } = place;
  const likes = (day: EarlierDay | undefined, daysBack: number) => likeDay(frame, day, number, daysBack) ?? [];
  const before = days.flatMap((day, i) => likes(day, i + 1));
  const [after] = [likes(next, -1)].flat();
  const [yearAgo] = [likes(lastYear, YEAR_BACK)].flat();
  const averageDaily = averageOf(days, number);
  return {
    days: after?.usable ? [...before, after] : before,
    weekday: weekdayOf(frame.day),
    holiday: isHoliday(frame.day, frame.zone),
    before: slotsBetween(frame, [days[0], own], number, -NEIGHBOURS, 0),
    after: slotsBetween(frame, [own, next], number, 0, NEIGHBOURS),
    silent,
    ...(yearAgo && { lastYear: yearAgo }),
    ...(averageDaily !== undefined && { averageDaily }),
    ...(channel.direction === 'import' && { classProfile: profileFor(place) }),
  };
}

function likeDay(frame: DayFrame, day: EarlierDay | undefined, number: number, daysBack: number): LikeDay | undefined {
  const channel = day?.channels[number];
  if (day === undefined || channel === undefined) return undefined;
  const { day: date, zone } = day;
  const counts = toWallClock(channel.counts, day, frame);
  return { date, daysBack, weekday: weekdayBack(frame.day, daysBack), holiday: isHoliday(date, zone), counts, usable: channel.usable };
}

/** ISO weekday so many days before a day. */
function weekdayBack(day: string, daysBack: number): number {
  const weekday = new Date(Date.parse(day) - daysBack * DAY_MS).getUTCDay();
  return weekday === 0 ? 7 : weekday;
}

function averageOf(days: readonly (EarlierDay | undefined)[], number: number): number | undefined {
  const usable = days.map((day) => day?.channels[number]).filter((channel) => channel?.usable);
  if (usable.length === 0) return undefined;
  return usable.reduce((sum, channel) => sum + channel!.counts.reduce((day, counts) => day + counts, 0), 0) / usable.length;
}

/** Slots from so many before the frame's start on (before) or up to so many behind its end (after), in time order; NO_COUNTS where unknown. */
function slotsBetween(frame: DayFrame, days: readonly (EarlierDay | undefined)[], number: number, from: number, to: number): Uint32Array {
  const step = frame.minutes * 60;
  const edge = from < 0 ? frame.start : frame.end;
  if (days.every((day) => day === undefined)) return new Uint32Array(0);
  return Uint32Array.from({ length: to - from }, (_, i) => {
    const at = edge + (from + i) * step;
    const day = days.find((one) => one !== undefined && at >= one.start && at < one.end);
    return day?.channels[number]?.counts[(at - day.start) / step] ?? NO_COUNTS;
  });
}

/** The shape of the class by the wall clock of the place. */
function profileFor({ frame, meterClass = 'residential' }: EstimatedPlace): NonNullable<History['classProfile']> {
  const { name, hours } = CLASS_PROFILES[meterClass];
  const weights = Float64Array.from(timesOf(frame), (time) => hours[Math.floor(time / HOUR_S)]!);
  const perHour = HOUR_S / (frame.minutes * 60);
  return { name, weights, wholeDay: hours.reduce((sum, weight) => sum + weight, 0) * perHour };
}
