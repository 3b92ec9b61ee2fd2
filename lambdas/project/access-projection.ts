import { type AccessUnexplained, type DataAccessed, type DomainEvent, UTILITY } from '../../events/index.ts';
import type { RecordedCommit } from '../../platform/ports/event-store.ts';
import type { Platform } from '../../platform/ports/platform.ts';
import type { NewItem, ReadTable } from '../../platform/ports/read-models.ts';
import { subjectOfRow } from '../../platform/ports/subject-rows.ts';
import { ACCESS_YEARS } from '../../topology/retention.ts';
import { sideBySide } from '../shared/side-by-side.ts';
import { Turns } from '../shared/turns.ts';
import { commitGroups } from './commit-groups.ts';

/**
 * Who opened whose data, for whom it is: partition account id, an item per access, the newest first. Not the account's own looks, and third
 * parties' are told by their consents. Kept as long as the streams it is made from.
 */
export const ACCESSES = 'accesses';

/** Tables that are made from streams of accesses and of audits. */
export const ACCESS_TABLES = [ACCESSES] as const;

export type AccessTables = Readonly<Record<(typeof ACCESS_TABLES)[number], ReadTable>>;

/** An access as the account's customer is shown it; instants in UTC ms. */
export interface ShownAccess {
  readonly at: number;
  readonly by: string;
  readonly person: string | null;
  /** As in `DataAccessed`; `unexplained` where nobody recorded one. */
  readonly purpose: DataAccessed['purpose'] | 'unexplained';
  readonly from: number;
  readonly until: number;
}

const THROUGH = '~through';
const COMMITS_PER_WRITE = 16;
/** Items that are written one after the other: a run names thousands of accounts, in no order that matters. */
const ITEMS_IN_ROW = 250;
/** Behind every instant that is looked for. */
const LAST_INSTANT = 9_999_999_999_999;

/** Sort keys of what happened then begin so. @param at UTC ms */
export function newestFirst(at: number): string {
  return String(LAST_INSTANT - at).padStart(13, '0');
}

/** Streams of accesses and audits, followed from where the table is. */
export class AccessProjection {
  readonly #platform: Platform;
  readonly #table: ReadTable;
  readonly #turns = new Turns();

  constructor(platform: Platform, tables: AccessTables) {
    this.#platform = platform;
    this.#table = tables[ACCESSES];
  }

  /** Resolves when every commit of the stream that begins at or before `to` is in the table. */
  follow(stream: string, to: number): Promise<void> {
    return this.#turns.run(stream, () => this.#follow(stream, to));
  }

  async #follow(stream: string, to: number): Promise<void> {
    const [known] = await this.#table.takeUp([{ partition: THROUGH, sort: stream }]);
    const from = known?.upTo.version ?? -1;
    if (from >= to) return;
    for await (const commits of commitGroups(this.#platform.events, { stream, after: from, to }, COMMITS_PER_WRITE))
      await this.#take(stream, commits);
  }

  async #take(stream: string, commits: readonly RecordedCommit[]): Promise<void> {
    const items = commits.flatMap(itemsOf);
    const rows = Array.from({ length: Math.ceil(items.length / ITEMS_IN_ROW) }, (_, i) =>
      items.slice(i * ITEMS_IN_ROW, (i + 1) * ITEMS_IN_ROW),
    );
    await sideBySide(rows, (row) => this.#table.put(row));
    const upTo = { stream, version: commits.at(-1)!.head.version };
    await this.#table.put([{ partition: THROUGH, sort: stream, upTo, value: Buffer.alloc(0), endsAt: endOf(commits.at(-1)!.recordedAt) }]);
  }
}

function itemsOf({ stream, version, events }: RecordedCommit): NewItem[] {
  return events.flatMap((event, i) => {
    const shown = shownOf(event);
    if (shown === undefined) return [];
    const value = Buffer.from(JSON.stringify(shown.access));
    const sort = `${newestFirst(shown.access.at)} ${stream} ${version + i}`;
    const item = { sort, upTo: { stream, version: version + i }, value, endsAt: endOf(shown.access.at) };
    return shown.accounts.map((partition) => ({ partition, ...item }));
  });
}

function shownOf(event: DomainEvent): { readonly accounts: readonly string[]; readonly access: ShownAccess } | undefined {
  if (event.type === 'AccessUnexplained') {
    const { subject } = event.data;
    return { accounts: ['', UTILITY].includes(subject) ? [] : [subject], access: unexplained(event.data) };
  }
  if (event.type !== 'DataAccessed' || event.data.purpose === 'third-party') return undefined;
  const { at, principal, person, purpose, from, until, subjects } = event.data;
  const accounts = subjects.filter((account) => account !== UTILITY && !isOwn(event.data, account));
  return { accounts, access: { at, by: principal, person: person ?? null, purpose, from, until } };
}

/** A person of the utility may go by the name of an account: only what the customers' door opens is a customer's own look. */
function isOwn({ purpose, person }: DataAccessed, account: string): boolean {
  return purpose === 'customer-view' && person === account;
}

/** The data is that under the key: of a month, or all bills to then. */
function unexplained({ principal, row, last }: AccessUnexplained): ShownAccess {
  const key = subjectOfRow(row);
  const month = key?.of === 'usage' ? key.month.split('-').map(Number) : undefined;
  const from = month === undefined ? Number(row.slice(-13)) || last : Date.UTC(month[0]!, month[1]! - 1);
  const until = month === undefined ? last : Date.UTC(month[0]!, month[1]!);
  return { at: last, by: principal, person: null, purpose: 'unexplained', from, until };
}

/** When nothing of it is kept any more, UTC ms. */
function endOf(at: number): number {
  const date = new Date(at);
  return date.setUTCFullYear(date.getUTCFullYear() + ACCESS_YEARS);
}
