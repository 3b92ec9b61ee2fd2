import { emptyView, isEstimate, viewSlot } from '../../domain/meterday/effective.ts';
import { meterDay } from '../../domain/meterday/meterday.ts';
import type { OpenDay } from '../../domain/meterday/state.ts';
import type { History, LikeDay } from '../../domain/vee/history.ts';
import { JoulekeepError, NO_COUNTS, RECORD_FLAG } from '../../events/index.ts';
import type { Platform } from '../../platform/ports/platform.ts';
import type { SubjectAccess } from '../../platform/ports/subject-access.ts';
import { meterDayStream, plusDays, weekdayOf } from '../shared/local-days.ts';
import { openSubjectData, type SubjectRequest } from '../shared/subject-data.ts';
import type { DayPlace } from './day-frames.ts';
import { toWallClock } from './wall-clock.ts';

/** How many days before a day may be like it: the week before, and the same weekday up to six weeks back. */
const DAYS_BACK = [1, 2, 3, 4, 5, 6, 7, 14, 21, 28, 35, 42] as const;
/** Same weekday and season a year ago. */
const YEAR_BACK = 364;
/** Slots on either side of the day that linear interpolation may start from. */
const NEIGHBOURS = 8;
const DAY_MS = 86_400_000;

/**
 * Earlier days of the same subject at the same meter, for estimation. The access is on record before any is read; days under
 * another subject's key stay closed.
 * @param on for what, and on whose behalf, when a person asks
 * @returns per channel
 */
export async function historyFor(
  platform: Platform,
  { frame, channels }: Pick<DayPlace, 'frame' | 'channels'>,
  on: Pick<SubjectRequest, 'purpose' | 'person'> = { purpose: 'estimation' },
): Promise<History[]> {
  const access = await openSubjectData(platform, {
    ...on,
    from: frame.start * 1000 - (YEAR_BACK + 2) * DAY_MS,
    until: frame.end * 1000,
    subjects: [frame.subject],
  });
  const days: { daysBack: number; date: string; day: OpenDay }[] = [];
  for (const daysBack of [...DAYS_BACK, YEAR_BACK]) {
    const date = plusDays(frame.day, -daysBack);
    const day = await earlierDay(platform, meterDayStream(frame.meterId, date, 1), access);
    if (day !== undefined && day.frame.minutes === frame.minutes) days.push({ daysBack, date, day });
  }
  return channels.map((_, channel) => {
    const like = days.map(({ daysBack, date, day }) => likeDay(frame, day, channel, date, daysBack)).filter((one) => one !== undefined);
    const lastYear = like.find(({ daysBack }) => daysBack === YEAR_BACK);
    const earlier = like.filter(({ daysBack }) => daysBack !== YEAR_BACK);
    const average = averageDaily(earlier);
    return {
      days: earlier,
      weekday: weekdayOf(frame.day),
      holiday: false,
      before: lastSlots(days.find(({ daysBack }) => daysBack === 1)?.day, channel),
      after: new Uint32Array(0),
      silent: false,
      ...(lastYear && { lastYear }),
      ...(average !== undefined && { averageDaily: average }),
    };
  });
}

async function earlierDay({ events }: Platform, stream: string, access: SubjectAccess): Promise<OpenDay | undefined> {
  try {
    const state = meterDay.initial;
    const folded = await foldWithoutHead(events, stream, access, state);
    return folded.status === 'open' ? folded : undefined;
  } catch (error) {
    if (error instanceof JoulekeepError && error.code === 'ERR_SUBJECT_SEALED') return undefined;
    throw error;
  }
}

async function foldWithoutHead(events: Platform['events'], stream: string, access: SubjectAccess, from: typeof meterDay.initial) {
  let state = from;
  for await (const commit of events.read(stream, 0, access)) for (const event of commit.events) state = meterDay.evolve(state, event);
  return state;
}

const view = emptyView();

/** A day is usable when every slot of it is a billable measurement and no outage touched it. */
function likeDay(frame: DayPlace['frame'], day: OpenDay, number: number, date: string, daysBack: number): LikeDay | undefined {
  const channel = day.channels[number];
  if (channel === undefined) return undefined;
  const counts = new Uint32Array(day.slots).fill(NO_COUNTS);
  let usable = day.outages.length === 0 && day.frame.part === 1;
  for (let slot = 0; slot < day.slots; slot++) {
    viewSlot(channel, slot, true, view);
    if (view.counts === NO_COUNTS || isEstimate(view.source) || (channel.flags[slot]! & RECORD_FLAG.outage) !== 0) usable = false;
    counts[slot] = view.counts;
  }
  return { date, daysBack, weekday: weekdayOf(date), holiday: false, counts: toWallClock(counts, day.frame, frame), usable };
}

function averageDaily(days: readonly LikeDay[]): number | undefined {
  const usable = days.filter((day) => day.usable);
  if (usable.length === 0) return undefined;
  const total = usable.reduce((sum, { counts }) => sum + counts.reduce((day, value) => (value === NO_COUNTS ? day : day + value), 0), 0);
  return total / usable.length;
}

/** The last slots of the day before, in time order. */
function lastSlots(day: OpenDay | undefined, number: number): Uint32Array {
  const channel = day?.channels[number];
  if (day === undefined || channel === undefined) return new Uint32Array(0);
  const first = Math.max(0, day.slots - NEIGHBOURS);
  const counts = new Uint32Array(day.slots - first).fill(NO_COUNTS);
  for (let slot = first; slot < day.slots; slot++) {
    viewSlot(channel, slot, true, view);
    if (!isEstimate(view.source)) counts[slot - first] = view.counts;
  }
  return counts;
}
