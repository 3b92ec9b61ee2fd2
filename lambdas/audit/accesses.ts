import type { AuditPage } from '../../api/console.ts';
import type { RecordedCommit } from '../../platform/ports/event-store.ts';
import type { Platform } from '../../platform/ports/platform.ts';
import type { Answer } from '../http/answers.ts';
import type { Call } from '../http/call.ts';
import { openCursor, sealCursor } from '../http/cursor.ts';
import { instant } from '../http/instants.ts';
import { utcDate } from '../shared/days/utc-date.ts';
import { keptFrom } from '../shared/retained/kept-commits.ts';
import { sideBySide } from '../shared/side-by-side.ts';
import { logStanding } from './log-standing.ts';
import { reconciled } from './reconciled.ts';

const PAGE = 100;

/** What was told of a stream: up to the commit of this version, and how many accesses of that. */
type Told = readonly [version: number, accesses: number];

/** Where a page ended, by what the names of the day's streams end with. */
type Place = Readonly<Record<string, Told>>;

interface Entry {
  readonly shown: AuditPage['entries'][number];
  /** Time of the latest access of its stream up to here, UTC ms: streams keep their own order, whatever the clocks of their writers say. */
  readonly order: number;
  readonly told: Told;
}

/**
 * Who opened whose data on a UTC date, oldest first: how many subjects, and not who they are. The hash of each commit pins all before it.
 * @throws ERR_CURSOR_REFUSED
 */
export async function listAudit(platform: Platform, { caller, query }: Call<'listAudit'>): Promise<Answer> {
  const day = query.day ?? utcDate(platform.clock.now());
  const list = `audit ${day}`;
  const place = query.cursor === undefined ? {} : await openCursor<Place>(platform.kms, caller.person, list, query.cursor);
  const prefix = `access/${day}.`;
  const inOrder = (await entriesBehind(platform, prefix, place)).sort(compare);
  const page = inOrder.slice(0, PAGE);
  const first = query.cursor === undefined ? { reconciled: await reconciled(platform, day) } : {};
  const body: AuditPage = { day, ...first, entries: page.map(({ shown }) => shown), ...(await logStanding(platform)) };
  if (inOrder.length <= PAGE) return { body };
  const told = page.map(({ shown, told }) => [shown.stream.slice(prefix.length), told] as const);
  const next: Place = { ...place, ...Object.fromEntries(told) };
  return { body: { ...body, cursor: await sealCursor(platform.kms, caller.person, list, next) } };
}

/** Of every stream of the day: principals have one, or a lot of them. */
async function entriesBehind(platform: Platform, prefix: string, place: Place): Promise<Entry[]> {
  const streams = await Array.fromAsync(platform.events.streams(prefix));
  return (await sideBySide(streams, (stream) => entriesFrom(platform, stream, place[stream.slice(prefix.length)]))).flat();
}

/** Of one stream, at least one more than a page has. */
async function entriesFrom({ events }: Platform, stream: string, told: Told | undefined): Promise<readonly Entry[]> {
  const [from, accesses] = told ?? [await keptFrom(events, stream), 0];
  const entries: Entry[] = [];
  let order = 0;
  for await (const commit of events.read(stream, from)) {
    const behind = commit.version === from ? accesses : 0;
    for (const [i, shown] of accessesOf(commit).entries()) {
      order = Math.max(order, Date.parse(shown.at));
      if (i >= behind) entries.push({ shown, order, told: [commit.version, i + 1] });
    }
    if (entries.length > PAGE) break;
  }
  return entries;
}

/** Those that waited for the same stream are one commit. */
function accessesOf({ stream, version, events, head }: RecordedCommit): AuditPage['entries'] {
  return events.flatMap((event, i) => {
    if (event.type !== 'DataAccessed') return [];
    const { principal, person, purpose, subjects, from, until, at } = event.data;
    const who = { principal, person: person ?? null, purpose, subjects: subjects.length };
    const proof = { stream, version: version + i, hash: head.hash.toString('hex') };
    return [{ at: instant(at), ...who, from: instantWithin(from), until: instantWithin(until), ...proof }];
  });
}

function compare(a: Entry, b: Entry): number {
  if (a.order !== b.order) return a.order - b.order;
  if (a.shown.stream === b.shown.stream) return a.shown.version - b.shown.version;
  return a.shown.stream < b.shown.stream ? -1 : 1;
}

/** Windows may be said with ends that no calendar has. */
function instantWithin(at: number): string {
  return instant(Math.min(Math.max(at, 0), Date.UTC(9999, 11, 31)));
}
