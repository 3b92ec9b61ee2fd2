import type { AuditPage } from '../../api/console.ts';
import type { RecordedCommit } from '../../platform/ports/event-store.ts';
import type { Platform } from '../../platform/ports/platform.ts';
import { PRINCIPALS } from '../../topology/principals.ts';
import type { Answer } from '../http/answers.ts';
import type { Call } from '../http/call.ts';
import { openCursor, sealCursor } from '../http/cursor.ts';

const PAGE = 100;

/** Where a page ended: the next version of the stream of each principal. */
interface Place {
  readonly day: string;
  /** In the order of principals, by name. */
  readonly next: Readonly<Record<string, number>>;
}

type Entry = AuditPage['entries'][number] & { readonly next: number };

/**
 * Who opened whose data on a UTC date, oldest first: how many subjects, and not who they are. The hash of each commit pins all before it.
 * @throws ERR_CURSOR_REFUSED
 */
export async function listAudit(platform: Platform, { caller, query }: Call<'listAudit'>): Promise<Answer> {
  const day = query.day ?? instant(platform.clock.now()).slice(0, 10);
  const list = `audit ${day}`;
  const place = query.cursor === undefined ? undefined : await openCursor<Place>(platform.kms, caller.person, list, query.cursor);
  const next = { ...place?.next };
  const found = (
    await Promise.all(PRINCIPALS.map((principal) => entriesFrom(platform, `access/${day}.${principal}`, next[principal] ?? 0)))
  ).flat();
  const inOrder = found.sort((a, b) => (a.at === b.at ? compare(a, b) : a.at < b.at ? -1 : 1));
  const page = inOrder.slice(0, PAGE);
  for (const { principal, next: behind } of page) next[principal] = behind;
  const body: AuditPage = { day, entries: page.map(({ next: _, ...entry }) => entry) };
  if (inOrder.length <= PAGE) return { body };
  return { body: { ...body, cursor: await sealCursor(platform.kms, caller.person, list, { day, next } satisfies Place) } };
}

/** One more than a page has: every access is a commit of its own. */
async function entriesFrom({ events }: Platform, stream: string, from: number): Promise<readonly Entry[]> {
  const entries: Entry[] = [];
  for await (const commit of events.read(stream, from)) {
    entries.push(...entriesOf(commit));
    if (entries.length > PAGE) break;
  }
  return entries;
}

function entriesOf({ stream, version, events, head }: RecordedCommit): Entry[] {
  return events.flatMap((event) => {
    if (event.type !== 'DataAccessed') return [];
    const { principal, person, purpose, subjects, from, until, at } = event.data;
    const who = { principal, person: person ?? null, purpose, subjects: subjects.length };
    const proof = { stream, version, hash: head.hash.toString('hex'), next: head.version + 1 };
    return [{ at: instant(at), ...who, from: instantWithin(from), until: instantWithin(until), ...proof }];
  });
}

function compare(a: Entry, b: Entry): number {
  if (a.stream === b.stream) return a.version - b.version;
  return a.stream < b.stream ? -1 : 1;
}

/** Windows may be said with ends that no calendar has. */
function instantWithin(at: number): string {
  return instant(Math.min(Math.max(at, 0), Date.UTC(9999, 11, 31)));
}

function instant(at: number): string {
  return new Date(at).toISOString();
}
