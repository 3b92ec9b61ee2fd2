import { addDays, weekOf } from '../../shared/local-date.ts';
import { mayCall, type RouteName } from './calls.ts';

/** Pages of the console in the order of the navigation, with the route that each cannot do without. */
const PAGES = {
  overview: 'showOverview',
  exceptions: 'listExceptions',
  meter: 'showMeter',
  bills: 'listHeldBills',
  devices: 'listQuarantined',
  ingest: 'showIngest',
  feeders: 'showFeeders',
  feeds: 'showFeeds',
  keys: 'showKeys',
  audit: 'listAudit',
} as const satisfies Readonly<Record<string, RouteName>>;
export type PageName = keyof typeof PAGES;

/** What a role may open. The service refuses the rest, whatever is shown. */
export function pagesFor(role: string): readonly PageName[] {
  return (Object.keys(PAGES) as PageName[]).filter((page) => mayCall(role, PAGES[page]));
}

/** The page that an address names; anything unknown is the overview. */
export function pageOf(name: string | undefined): PageName {
  return name !== undefined && Object.hasOwn(PAGES, name) ? (name as PageName) : 'overview';
}

/** Dates of whole weeks around what is known, Monday first, oldest week first. @param days local dates, any order */
export function weeksOf(days: readonly string[]): readonly (readonly string[])[] {
  const sorted = [...days].sort();
  const [first, last] = [sorted[0], sorted.at(-1)];
  if (first === undefined || last === undefined) return [];
  const weeks: string[][] = [];
  for (let monday = weekOf(first); monday <= last; monday = addDays(monday, 7)) {
    weeks.push(Array.from({ length: 7 }, (_, i) => addDays(monday, i)));
  }
  return weeks;
}

/** What asks for a person on a day, the more urgent first. */
export function marksOf({ held, waits }: { readonly held: boolean; readonly waits: boolean }): readonly ('waits' | 'held')[] {
  return [...(waits ? (['waits'] as const) : []), ...(held ? (['held'] as const) : [])];
}
