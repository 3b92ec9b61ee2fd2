import { mayCall, type RouteName } from './calls.ts';

/** Pages of the console in the order of the navigation, with the route that each cannot do without. */
const PAGES = {
  overview: 'showOverview',
  exceptions: 'listExceptions',
  meter: 'showMeter',
  ingest: 'showIngest',
  feeds: 'showFeeds',
  keys: 'showKeys',
  audit: 'listAudit',
} as const satisfies Readonly<Record<string, RouteName>>;
export type PageName = keyof typeof PAGES;

/** What a role may open. The service refuses the rest, whatever is shown. */
export function pagesFor(role: string): readonly PageName[] {
  return (Object.keys(PAGES) as PageName[]).filter((page) => mayCall(role, PAGES[page]));
}

/** Where an address leads. */
export interface Place {
  readonly page: PageName;
  /** Of a page: meter and day. */
  readonly rest: readonly string[];
  readonly query: Readonly<Record<string, string>>;
}

/** Reads what follows the `#`; anything unknown leads to the overview. */
export function placeOf(hash: string): Place {
  const [path = '', search = ''] = hash.replace(/^#?\/?/, '').split('?');
  const [page = '', ...rest] = path.split('/').map(decoded);
  const query = Object.fromEntries(new URLSearchParams(search));
  return Object.hasOwn(PAGES, page) ? { page: page as PageName, rest, query } : { page: 'overview', rest: [], query: {} };
}

function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return '';
  }
}

/** Address of a place, beginning with `#`. */
export function hashOf(page: PageName, rest: readonly string[] = [], query: Readonly<Record<string, string | undefined>> = {}): string {
  const given = Object.entries(query).filter((entry): entry is [string, string] => (entry[1] ?? '') !== '');
  const search = given.length === 0 ? '' : `?${new URLSearchParams(given)}`;
  return `#/${[page, ...rest].map(encodeURIComponent).join('/')}${search}`;
}

/** Dates of whole weeks around what is known, Monday first, oldest week first. @param days local dates, any order */
export function weeksOf(days: readonly string[]): readonly (readonly string[])[] {
  const sorted = [...days].sort();
  const [first, last] = [sorted[0], sorted.at(-1)];
  if (first === undefined || last === undefined) return [];
  const weeks: string[][] = [];
  for (let at = mondayOf(first); at <= Date.parse(last); at += 7 * DAY_MS) {
    weeks.push(Array.from({ length: 7 }, (_, i) => new Date(at + i * DAY_MS).toISOString().slice(0, 10)));
  }
  return weeks;
}

const DAY_MS = 86_400_000;

function mondayOf(day: string): number {
  const at = Date.parse(day);
  return at - ((new Date(at).getUTCDay() + 6) % 7) * DAY_MS;
}
