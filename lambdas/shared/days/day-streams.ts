import { meterDay } from '../../../domain/meterday/meterday.ts';
import type { MeterDayState } from '../../../domain/meterday/state.ts';
import { type AccessPurpose, JoulekeepError } from '../../../events/index.ts';
import type { Platform } from '../../../platform/ports/platform.ts';
import type { SubjectAccess } from '../../../platform/ports/subject-access.ts';
import { openSubjectData, type SubjectRequest } from '../access/subject-data.ts';
import { localDay } from './local-days.ts';

const DAY_MS = 86_400_000;

/** A stream of meter days that somebody wants to read, and whose it is as far as its last commit tells. */
export interface DayStream {
  readonly stream: string;
  readonly subject?: string;
}

export interface NamedDay {
  readonly meterId: string;
  /** Local date. */
  readonly day: string;
  /** 1, or more behind the date. */
  readonly part: number;
}

/** What the name of a meter day's stream says. */
export function dayOfStream(stream: string): NamedDay {
  const [, meterId, rest] = stream.split('/') as [string, string, string];
  return { meterId, day: rest.slice(0, 10), part: Number(rest.slice(11) || 1) };
}

/**
 * Access to these days, recorded first. Where it isn't said whose a day is, the rows that seal its commits say it.
 * @param on on whose behalf, and why the data may leave, where it does
 */
export async function openDays(
  platform: Platform,
  purpose: AccessPurpose,
  days: readonly DayStream[],
  on: Pick<SubjectRequest, 'person' | 'grounds'> = {},
): Promise<SubjectAccess> {
  const subjects = new Set<string>();
  for (const { stream, subject } of days) {
    if (subject !== undefined) subjects.add(subject);
    else for (const row of await platform.events.rowsOf(stream)) subjects.add(row.split('/')[1]!);
  }
  const starts = days.map(({ stream }) => localDay(dayOfStream(stream).day, 'UTC').start * 1000);
  const window = { from: Math.min(...starts), until: Math.max(...starts) + DAY_MS };
  return await openSubjectData(platform, { purpose, ...window, subjects, ...on });
}

/** Whether a reader was told that something belongs to a subject that its access doesn't cover. */
export function isSealedFromReader(error: unknown): boolean {
  return error instanceof JoulekeepError && error.code === 'ERR_SUBJECT_SEALED';
}

/** A meter day as it stands. @throws ERR_SUBJECT_SEALED when the access doesn't cover it */
export async function foldDay({ events }: Pick<Platform, 'events'>, stream: string, access: SubjectAccess): Promise<MeterDayState> {
  let state: MeterDayState = meterDay.initial;
  for await (const commit of events.read(stream, 0, access)) for (const event of commit.events) state = meterDay.evolve(state, event);
  return state;
}
