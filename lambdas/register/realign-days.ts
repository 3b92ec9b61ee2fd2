import type { OpenUsagePoint } from '../../domain/usagepoint/usagepoint-state.ts';
import { JoulekeepError } from '../../events/index.ts';
import type { Platform } from '../../platform/ports/platform.ts';
import { dayOfStream, openDays } from '../shared/days/day-streams.ts';
import { localDayAt } from '../shared/days/local-days.ts';
import { noteReclose } from '../shared/days/reclose-agenda.ts';
import { usagePointState } from './change-point.ts';
import { resealDay } from './reseal-day.ts';
import { framesOf, placesOf } from './reseal-meters.ts';

export interface Realigned {
  /** Local days that closing looks at again. */
  readonly days: number;
  /** Streams that begin anew because the day is divided otherwise now. */
  readonly divided: number;
}

/** The days that a change touches. */
export interface Touched {
  readonly usagePoint: string;
  readonly meterIds: readonly string[];
  /** UTC ms: days from the one on that holds it. */
  readonly since: number;
  /** Names the change, the same for the same one: what broke off goes on under it. */
  readonly reason: string;
  readonly person: string;
}

/**
 * Recorded days follow what the usage point says now: each is divided anew where it should be, and noted for closing to look at again
 * (`recloseDays`), which is also what goes on when this breaks off: all of it can be repeated.
 * @throws ERR_DAYS_ARCHIVED when a day lies in an archive already: nothing is changed then
 */
export async function realignDays(platform: Platform, { usagePoint, meterIds, since, reason, person }: Touched): Promise<Realigned> {
  const point = await usagePointState(platform, usagePoint);
  const days = await touchedDays(platform, point, meterIds, since);
  const streams = days.flatMap(({ names }) => names);
  if (streams.length === 0) return { days: 0, divided: 0 };
  const access = await openDays(
    platform,
    'reseal',
    streams.map((stream) => ({ stream })),
    { person },
  );
  const pass = { platform, access, oldRows: new Set<string>(), divides: true, reason } as const;
  let divided = 0;
  for (const { meterId, day, names } of days) {
    await noteReclose(platform, meterId, day, platform.clock.now());
    const places = await placesOf(platform, meterId, point);
    divided += await resealDay(pass, names, (frame) => framesOf(places, frame));
  }
  return { days: days.length, divided };
}

interface RecordedDays {
  readonly meterId: string;
  readonly day: string;
  readonly names: readonly string[];
}

/** Days of the meters that are recorded, from the one on that holds an instant. @throws ERR_DAYS_ARCHIVED */
export async function touchedDays(
  { events }: Pick<Platform, 'events'>,
  { zone }: Pick<OpenUsagePoint, 'zone'>,
  meterIds: readonly string[],
  since: number,
): Promise<RecordedDays[]> {
  const first = localDayAt(Math.floor(since / 1000), zone).day;
  const days: RecordedDays[] = [];
  for (const meterId of meterIds) {
    const names: string[] = [];
    for await (const stream of events.streams(`meterday/${meterId}/`)) if (dayOfStream(stream).day >= first) names.push(stream);
    for (const [day, of] of Map.groupBy(names, (stream) => dayOfStream(stream).day)) days.push({ meterId, day, names: of });
  }
  for (const { names } of days) {
    if (!(await events.isHot(names[0]!)))
      throw new JoulekeepError('ERR_DAYS_ARCHIVED', `${names[0]}: the day is archived; a change can begin later, not before it`);
  }
  return days.sort((a, b) => (a.day < b.day ? -1 : 1));
}
