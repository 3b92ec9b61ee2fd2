import type { AccessList } from '../../api/customer-account.ts';
import { addDays } from '../../domain/tariff/dates.ts';
import { JoulekeepError } from '../../events/index.ts';
import { ACCESS_YEARS } from '../../topology/retention.ts';
import type { Answer } from '../http/answers.ts';
import type { Call } from '../http/call.ts';
import { openCursor, sealCursor } from '../http/cursor.ts';
import { instant } from '../http/instants.ts';
import { ACCESSES, newestFirst, type ShownAccess } from '../project/access-projection.ts';
import { usagePointState } from '../register/change-point.ts';
import { daysBetween, localDay, localDayAt } from '../shared/days/local-days.ts';
import { type AccountDesk, ownAccount, ownPoints } from './account-desk.ts';

const USUAL_DAYS = 31;
const MOST_DAYS = (ACCESS_YEARS + 1) * 366;
const PAGE = 200;

/**
 * Who opened the caller's data, newest first, a page at a time: the service and its people, and what nobody wrote down that they would. Third
 * parties' looks are told by consent, the caller's own are no news. A second passes before an access is in it.
 * @throws ERR_WINDOW_LONG, ERR_CURSOR_REFUSED
 */
export async function listAccesses(desk: AccountDesk, { caller, query }: Call<'listAccesses'>): Promise<Answer> {
  const account = caller.person;
  const { name, from, until } = windowOf(query, desk.clock.now(), await zoneOf(desk, account));
  const list = `accesses ${name}`;
  const after = query.cursor === undefined ? undefined : await openCursor<string>(desk.kms, account, list, query.cursor);
  // Nothing of the end is left out, and nothing of the begin: an instant's keys begin with it.
  const [first, last] = [after === undefined ? newestFirst(until - 1) : `${after}\0`, newestFirst(from - 1)];
  const accesses: AccessList['accesses'] = [];
  let place = '';
  for await (const { sort, value } of desk.models.table(ACCESSES).range(account, first, last)) {
    if (accesses.length === PAGE)
      return { body: { accesses, cursor: await sealCursor(desk.kms, account, list, place) } satisfies AccessList };
    accesses.push(told(JSON.parse(value.toString()) as ShownAccess));
    place = sort;
  }
  return { body: { accesses } satisfies AccessList };
}

function told({ at, from, until, ...shown }: ShownAccess): AccessList['accesses'][number] {
  return { at: instant(at), ...shown, from: instant(from), until: instant(until) };
}

/** UTC ms of local dates; nothing of what is not kept any more. */
function windowOf(
  { from, until }: Call<'listAccesses'>['query'],
  now: number,
  zone: string,
): { readonly name: string; readonly from: number; readonly until: number } {
  const tomorrow = addDays(localDayAt(Math.floor(now / 1000), zone).day, 1);
  const end = until ?? (from === undefined ? tomorrow : addDays(from, USUAL_DAYS));
  const begin = from ?? addDays(end, -USUAL_DAYS);
  const days = daysBetween(begin, end);
  if (days < 1 || days > MOST_DAYS) throw new JoulekeepError('ERR_WINDOW_LONG', `a window of 1 to ${MOST_DAYS} days is expected`);
  const kept = new Date(now);
  const oldest = kept.setUTCFullYear(kept.getUTCFullYear() - ACCESS_YEARS);
  return { name: `${begin} ${end}`, from: Math.max(localDay(begin, zone).start * 1000, oldest), until: localDay(end, zone).start * 1000 };
}

/** Of the customer's first usage point; UTC where there is none. */
async function zoneOf(desk: AccountDesk, account: string): Promise<string> {
  const [first] = ownPoints(await ownAccount(desk, account));
  return first === undefined ? 'UTC' : (await usagePointState(desk, first)).zone;
}
