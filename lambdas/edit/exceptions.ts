import type { ExceptionPage, ExceptionQuery, ExceptionRow } from '../../api/exceptions.ts';
import { assignment } from '../../domain/exceptions/assignment.ts';
import { JoulekeepError } from '../../events/index.ts';
import type { Platform } from '../../platform/ports/platform.ts';
import { AREA_ZONE } from '../../topology/forecasting.ts';
import type { Answer } from '../http/answers.ts';
import type { Call } from '../http/call.ts';
import { openCursor, sealCursor } from '../http/cursor.ts';
import { instant } from '../http/instants.ts';
import { EXCEPTIONS, exceptionGroups, QUEUE_DAYS } from '../project/exceptions.ts';
import { dayName, daysBetween, finalAt, localDayAt, plusDays } from '../shared/days/local-days.ts';
import { runDecider } from '../shared/streams.ts';
import { assigneeKey } from './assignees.ts';
import { inArea, type QueueRow, rowName, withAssignees } from './queue-rows.ts';

const HOUR_MS = 3_600_000;
const PAGE = 50;
/** Meter days shown of each row in a page, and of one row by itself. */
const SHOWN = { page: 20, row: 2_000 } as const;
const WINDOW_MOST = 400;
/** No outage is looked for longer than this after it began. */
const OUTAGE_DAYS = 45;

/** Where a page ended, and the window it was of. */
interface Place {
  readonly oldest: number;
  readonly row: string;
  readonly from: string;
  readonly until: string;
}

/** The queue, oldest first: one outage is one row, any other cause one row a day. @throws ERR_CURSOR_REFUSED, ERR_QUEUE_WINDOW */
export async function listExceptions(platform: Platform, { caller, query }: Call<'listExceptions'>): Promise<Answer> {
  const { cursor, limit = PAGE, ...filter } = query;
  const list = `exceptions ${JSON.stringify(Object.entries(filter).sort())}`;
  const after = cursor === undefined ? undefined : await openCursor<Place>(platform.kms, caller.person, list, cursor);
  const { from, until } = after ?? windowOf(platform.clock.now(), filter);
  const rows = await filteredRows(platform, from, until, filter);
  const left = after === undefined ? rows : rows.filter((row) => compare(row, after) > 0);
  const page = left.slice(0, limit);
  const body: ExceptionPage = { rows: page.map((row) => rowBody(row, SHOWN.page)) };
  const last = page.at(-1);
  if (last === undefined || left.length === page.length) return { body };
  const place: Place = { oldest: last.oldest, row: last.row, from, until };
  return { body: { ...body, cursor: await sealCursor(platform.kms, caller.person, list, place) } };
}

export async function showException(platform: Platform, { path }: Call<'showException'>): Promise<Answer> {
  return { body: rowBody(await findRow(platform, path.row), SHOWN.row) };
}

/** Gives a row to a person, or takes it from whoever has it. Asked twice it is one assignment. */
export async function assignException(platform: Platform, { caller, path, body }: Call<'assignException'>): Promise<Answer> {
  const { row } = path;
  await findRow(platform, row);
  const command = { type: 'AssignRow', row, to: body.to, by: caller.person, at: platform.clock.now() } as const;
  const { state } = await runDecider(platform.events, `exception/${row}`, assignment, command);
  await platform.directory.put([{ key: assigneeKey(row), value: Buffer.from(state.assignee ?? '') }]);
  return { body: rowBody(await findRow(platform, row), SHOWN.page) };
}

async function filteredRows(platform: Platform, from: string, until: string, filter: ExceptionQuery): Promise<readonly QueueRow[]> {
  const { area, cause, status, assignee, olderThanHours } = filter;
  const groups = (await exceptionGroups(platform.models.table(EXCEPTIONS), from, until)).filter(
    (group) => cause === undefined || group.cause.startsWith(cause),
  );
  const there = area === undefined ? groups : await inArea(platform, groups, area);
  const rows = await withAssignees(platform, there);
  const oldEnough = olderThanHours === undefined ? Number.POSITIVE_INFINITY : platform.clock.now() - olderThanHours * HOUR_MS;
  return rows
    .filter((row) => (status === undefined || row.status === status) && (assignee === undefined || row.assignee === assignee))
    .filter((row) => row.oldest <= oldEnough)
    .sort(compare);
}

/** @throws ERR_ROW_UNKNOWN */
async function findRow(platform: Platform, row: string): Promise<QueueRow> {
  const name = Buffer.from(row, 'base64url').toString();
  const [, begin, day] = /^outage\/(\d{4}-\d{2}-\d{2})T\S+$|^\S+ (\d{4}-\d{2}-\d{2})$/.exec(name) ?? [];
  const from = begin ?? day;
  if (from !== undefined && !Number.isNaN(Date.parse(from))) {
    const window = begin === undefined ? [from, plusDays(from, 1)] : [plusDays(from, -1), plusDays(from, OUTAGE_DAYS)];
    const groups = await exceptionGroups(platform.models.table(EXCEPTIONS), window[0]!, window[1]!);
    const found = groups.filter((group) => rowName(group) === name);
    const [known] = await withAssignees(platform, found);
    if (known !== undefined && known.row === row) return known;
  }
  throw new JoulekeepError('ERR_ROW_UNKNOWN', 'no such row');
}

function windowOf(now: number, { from, until }: ExceptionQuery): { from: string; until: string } {
  const end = until ?? plusDays(localDayAt(Math.floor(now / 1000), 'UTC').day, 1);
  const begin = from ?? plusDays(end, -QUEUE_DAYS);
  const days = daysBetween(begin, end);
  if (days < 1 || days > WINDOW_MOST) throw new JoulekeepError('ERR_QUEUE_WINDOW', `a window of 1 to ${WINDOW_MOST} days is expected`);
  return { from: begin, until: end };
}

function compare(a: Pick<QueueRow, 'oldest' | 'row'>, b: Pick<QueueRow, 'oldest' | 'row'>): number {
  return a.oldest - b.oldest || (a.row < b.row ? -1 : a.row > b.row ? 1 : 0);
}

function rowBody({ row, cause, days, meters, status, oldest, firstDay, assignee, exceptions }: QueueRow, most: number): ExceptionRow {
  const shown = exceptions.slice(0, most).map(({ meterId, usagePoint, day, part, status: standing, since, slots, by }) => ({
    ...{ meterId, usagePoint, status: standing, slots },
    day: dayName(day, part),
    since: instant(since),
    ...(by === undefined ? {} : { proposedBy: by }),
  }));
  const open = new Set(exceptions.filter((one) => one.status !== 'closed').map(({ meterId }) => meterId));
  return {
    ...{ row, cause, days: [...days], meters, openMeters: open.size, status },
    oldest: instant(oldest),
    dueAt: instant(finalAt(firstDay, AREA_ZONE)),
    ...(assignee === undefined ? {} : { assignee }),
    exceptions: shown,
    more: exceptions.length - shown.length,
  };
}
