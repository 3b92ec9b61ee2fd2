import type { AccessList } from '../../api/customer-account.ts';
import { addDays } from '../../domain/tariff/dates.ts';
import { type DataAccessed, JoulekeepError } from '../../events/index.ts';
import type { Answer } from '../http/answers.ts';
import type { Call } from '../http/call.ts';
import { instant } from '../http/instants.ts';
import { usagePointState } from '../register/change-point.ts';
import { keptFrom } from '../shared/kept-commits.ts';
import { daysBetween, localDay, localDayAt } from '../shared/local-days.ts';
import { sideBySide } from '../shared/side-by-side.ts';
import { lotOf } from '../shared/subject-data.ts';
import { type AccountDesk, ownAccount, ownPoints } from './account-desk.ts';

const MOST_DAYS = 31;
const MOST = 1_000;
const DAY_MS = 86_400_000;

/** Who opened the caller's data: the service and its people. Third parties' own looks are told by consent, the caller's are no news. @throws ERR_WINDOW_LONG */
export async function listAccesses(desk: AccountDesk, { caller, query }: Call<'listAccesses'>): Promise<Answer> {
  const account = caller.person;
  const { from, until } = windowOf(query, desk.clock.now(), await zoneOf(desk, account));
  // Looks of customers lie in lots: those at this account in one of them.
  const streams = (await streamsBetween(desk, from, until)).filter((stream) => [undefined, lotOf(account)].includes(stream.split('.')[2]));
  const found = (await sideBySide(streams, (stream) => accessesTo(desk, stream, account))).flat();
  const asked = found.filter(({ at }) => at >= from && at < until).sort((a, b) => b.at - a.at);
  return { body: { accesses: asked.slice(0, MOST).map(told) } satisfies AccessList };
}

function told({ at, principal, person, purpose, from, until }: DataAccessed): AccessList['accesses'][number] {
  return { at: instant(at), by: principal, person: person ?? null, purpose, from: instant(from), until: instant(until) };
}

async function accessesTo({ events }: AccountDesk, stream: string, account: string): Promise<DataAccessed[]> {
  const found: DataAccessed[] = [];
  for await (const commit of events.read(stream, await keptFrom(events, stream)))
    for (const { type, data } of commit.events) {
      if (type !== 'DataAccessed' || !data.subjects.includes(account)) continue;
      if (data.purpose !== 'third-party' && !isOwn(data, account)) found.push(data);
    }
  return found;
}

/** A person of the utility may go by the name of an account: only what the customers' door opens is a customer's own look. */
function isOwn({ purpose, person }: DataAccessed, account: string): boolean {
  return purpose === 'customer-view' && person === account;
}

/** Streams are named by the UTC date. */
async function streamsBetween({ events }: AccountDesk, from: number, until: number): Promise<readonly string[]> {
  const dates: string[] = [];
  for (let at = Math.floor(from / DAY_MS) * DAY_MS; at < until; at += DAY_MS) dates.push(instant(at).slice(0, 10));
  const lists = await Promise.all(dates.map((date) => Array.fromAsync(events.streams(`access/${date}.`))));
  return lists.flat();
}

/** UTC ms of local dates. */
function windowOf(
  { from, until }: Call<'listAccesses'>['query'],
  now: number,
  zone: string,
): { readonly from: number; readonly until: number } {
  const tomorrow = addDays(localDayAt(Math.floor(now / 1000), zone).day, 1);
  const end = until ?? (from === undefined ? tomorrow : addDays(from, MOST_DAYS));
  const begin = from ?? addDays(end, -MOST_DAYS);
  const days = daysBetween(begin, end);
  if (days < 1 || days > MOST_DAYS) throw new JoulekeepError('ERR_WINDOW_LONG', `a window of 1 to ${MOST_DAYS} days is expected`);
  return { from: localDay(begin, zone).start * 1000, until: localDay(end, zone).start * 1000 };
}

/** Of the customer's first usage point; UTC where there is none. */
async function zoneOf(desk: AccountDesk, account: string): Promise<string> {
  const [first] = ownPoints(await ownAccount(desk, account));
  return first === undefined ? 'UTC' : (await usagePointState(desk, first)).zone;
}
