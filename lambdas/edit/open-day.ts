import { asKnownAt } from '../../domain/meterday/known-at.ts';
import type { OpenDay } from '../../domain/meterday/state.ts';
import { JoulekeepError } from '../../events/index.ts';
import type { Principal } from '../../platform/ports/authorizer.ts';
import type { RecordedCommit, StreamHead, SubjectKey } from '../../platform/ports/event-store.ts';
import type { Platform } from '../../platform/ports/platform.ts';
import type { SubjectAccess } from '../../platform/ports/subject-access.ts';
import { subjectOfRow } from '../../platform/ports/subject-rows.ts';
import { openSubjectData } from '../shared/access/subject-data.ts';
import { localDay } from '../shared/days/local-days.ts';

/** How a path names a meter day; the name of the day is that of its stream. */
export interface NamedDay {
  readonly meterId: string;
  readonly day: string;
}

/** A day as somebody looks at it. */
export interface OpenedDay {
  readonly stream: string;
  readonly commits: readonly RecordedCommit[];
  readonly head: StreamHead;
  readonly day: OpenDay;
}

const DAY_MS = 86_400_000;

/**
 * The right to read one day, on a person's behalf: whose it is or was say the rows that seal it.
 * @throws ERR_DAY_UNKNOWN where there is no such day
 */
export async function accessDay(platform: Platform, { person }: Principal, { meterId, day }: NamedDay): Promise<SubjectAccess> {
  const rows = await platform.events.rowsOf(dayStream({ meterId, day }));
  const subjects = rows.flatMap((row) => subjectOfRow(row)?.subject ?? []);
  if (subjects.length === 0) throw unknownDay();
  const from = localDay(day.slice(0, 10), 'UTC').start * 1000;
  return await openSubjectData(platform, { purpose: 'editing', person, from, until: from + DAY_MS, subjects });
}

/** @param at UTC ms: the day as it was known then @throws ERR_DAY_UNKNOWN */
export async function readDay(
  { events }: Platform,
  access: SubjectAccess,
  name: NamedDay,
  at = Number.POSITIVE_INFINITY,
): Promise<OpenedDay> {
  const stream = dayStream(name);
  const commits: RecordedCommit[] = [];
  for await (const commit of events.read(stream, 0, access)) if (commit.recordedAt <= at) commits.push(commit);
  const day = asKnownAt(commits, at);
  const head = commits.at(-1)?.head;
  if (day.status === 'empty' || head === undefined) throw unknownDay();
  return { stream, commits, head, day };
}

export function dayStream({ meterId, day }: NamedDay): string {
  return `meterday/${meterId}/${day}`;
}

/** Version of a day for If-Match: any commit changes it. */
export function etagOf({ version, hash }: StreamHead): string {
  return `"${version}-${hash.toString('hex', 0, 8)}"`;
}

/** Under whose key a day's next commit lies. */
export function sealOf({ frame }: OpenDay): SubjectKey {
  return { of: 'usage', subject: frame.subject, month: frame.day.slice(0, 7) };
}

function unknownDay(): JoulekeepError {
  return new JoulekeepError('ERR_DAY_UNKNOWN', 'no such day');
}
