import type { AssetRecord, Channel, DomainEvent } from '../../events/index.ts';
import { JoulekeepError, UTILITY } from '../../events/index.ts';
import type { RecordedCommit } from '../../platform/ports/event-store.ts';
import type { Platform } from '../../platform/ports/platform.ts';
import type { SubjectAccess } from '../../platform/ports/subject-access.ts';
import { isOpenTo } from '../shared/access/subject-data.ts';
import { isErased } from '../shared/access/subjects.ts';
import { localDay } from '../shared/days/local-days.ts';
import { utcDate } from '../shared/days/utc-date.ts';
import { type ItemChanges, jsonKind } from './item-changes.ts';
import { type PlaceOf, placesOf, RecentDays } from './slot-places.ts';
import { energyOf, type HourReadings, hourSort } from './slot-readings.ts';
import { emptyPage, fillPage, pageOf, slotsOfMember, USAGE_PAGE, type UsagePage } from './usage-page.ts';

/**
 * Recent readings: a page per segment and three hours of UTC, sealed by the row of the key table that seals the commits they come from.
 * Beside them an item per meter and segment says under which numbers the meter was there.
 */
export const USAGE_PAGES = 'usage-pages';

/** Numbers that a meter had in a segment, and the zone that counts for one that was never installed. */
interface Membership {
  readonly members: number[];
  zone: string;
}

/** A day of a channel so far, as it came: not validated, nothing estimated. */
export interface UsageSoFar {
  readonly channel: number;
  readonly direction: Channel['direction'];
  readonly unit: Channel['unit'];
  readonly minutes: number;
  /** Begin of the local day, UTC s; slot i ends at `start + (i + 1) * minutes * 60`. */
  readonly start: number;
  /** Wh of the slots that have a value. */
  readonly slots: readonly { readonly slot: number; readonly energyWh: number }[];
  /** Slots that came and wait for a decision. */
  readonly held: readonly number[];
}

export interface UsageRequest {
  readonly meterId: string;
  /** Local date, `yyyy-mm-dd`. */
  readonly day: string;
  /** Account id or UTILITY. */
  readonly subject: string;
}

export const MEMBERSHIP_KIND = jsonKind<Membership>();

/** What a commit adds; those from under another key of the segment are a page of their own, and last as long as that key. */
export function addToPages(
  changes: ItemChanges<UsagePage>,
  hours: HourReadings,
  segment: string,
  { version, sealedBy = '' }: RecordedCommit,
): void {
  const row = sealedBy.slice(sealedBy.lastIndexOf('/') + 1);
  for (const [hour, readings] of hours) {
    const begin = pageOf(hour + 1);
    const key = { partition: pagesOf(segment), sort: `${hourSort(begin)}/${row}` };
    const owner = { row: sealedBy, day: utcDate(hour * 1000) };
    changes.add(key, version, (page) => fillPage(page, begin, readings), emptyPage, owner);
  }
}

/** Meters that come, and change their zone. @param version of the commit's first event */
export function noteMeter(changes: ItemChanges<Membership>, event: DomainEvent, segment: string, version: number): void {
  if (event.type === 'MeterJoined') notePlace(changes, event.data, segment, version);
  if (event.type !== 'MemberAmended' || event.data.asset === undefined) return;
  const { meterId, asset } = event.data;
  notePlace(changes, { meterId, asset }, segment, version);
}

/** What is known of a meter in the segment. @param meter `member` where it is told */
export function notePlace(
  changes: ItemChanges<Membership>,
  meter: { readonly meterId: string; readonly asset: AssetRecord; readonly member?: number },
  segment: string,
  version: number,
): void {
  const { meterId, asset, member } = meter;
  const apply = (there: Membership) => {
    there.zone = asset.zone;
    if (member !== undefined && !there.members.includes(member)) there.members.push(member);
  };
  changes.add({ partition: `meter/${meterId}`, sort: segment }, version, apply, () => ({ members: [], zone: asset.zone }));
}

/**
 * Today so far, or another recent day, of one meter: every channel apart, and of it what lies in the tenancy of the subject
 * and in the window of the access. Of a subject whose keys are destroyed there is nothing.
 * @throws ERR_SUBJECT_SEALED when the access does not cover the subject
 */
export async function usageSoFar(platform: Platform, request: UsageRequest, access: SubjectAccess): Promise<readonly UsageSoFar[]> {
  const { meterId, day, subject } = request;
  if (!isOpenTo(access, subject)) throw new JoulekeepError('ERR_SUBJECT_SEALED', `${meterId}: the reader has no access to this subject`);
  if (subject !== UTILITY && (await isErased(platform, subject))) return [];
  const found = new Map<string, Collected>();
  for (const { segment, members, zone } of await membershipsOf(platform, meterId)) {
    const { placeOf, zones } = await placesOf(platform, meterId, zone, new RecentDays());
    const isTheirs = (end: number, minutes: number) => {
      const place = placeOf(end, minutes);
      const isOpen = (end - minutes * 60) * 1000 < access.until && end * 1000 > access.from;
      return isOpen && place.at.day === day && place.subject === subject ? place : undefined;
    };
    for await (const { begin, page } of pagesBetween(platform, segment, spanOf(day, zones), access))
      for (const member of members) collect(found, page, begin, member, isTheirs);
  }
  return [...found.values()].sort((a, b) => a.channel - b.channel || a.minutes - b.minutes).map(inOrder);
}

interface Collected extends UsageSoFar {
  readonly slots: { readonly slot: number; readonly energyWh: number }[];
  readonly held: number[];
}

function collect(
  found: Map<string, Collected>,
  page: UsagePage,
  begin: number,
  member: number,
  isTheirs: (end: number, minutes: number) => ReturnType<PlaceOf> | undefined,
): void {
  for (const column of page.columns) {
    const { channel, minutes, direction, unit } = column.kind;
    for (const [end, counts] of slotsOfMember(column, begin, member)) {
      const start = isTheirs(end, minutes)?.at.start;
      if (start === undefined) continue;
      const key = `${channel}/${minutes}`;
      const so = found.get(key) ?? { channel, direction, unit, minutes, start, slots: [], held: [] };
      found.set(key, so);
      const slot = (end - start) / (minutes * 60) - 1;
      if (counts === undefined) so.held.push(slot);
      else so.slots.push({ slot, energyWh: energyOf(counts, column.kind) });
    }
  }
}

function inOrder({ slots, held, ...of }: Collected): UsageSoFar {
  return { ...of, slots: slots.sort((a, b) => a.slot - b.slot), held: held.sort((a, b) => a - b) };
}

/** Segments in which a meter was, in whatever number. */
export async function membershipsOf(
  { models }: Pick<Platform, 'models'>,
  meterId: string,
): Promise<(Membership & { readonly segment: string })[]> {
  const found: (Membership & { readonly segment: string })[] = [];
  for await (const { sort, value } of models.table(USAGE_PAGES).query(`meter/${meterId}`, ''))
    found.push({ segment: sort, ...MEMBERSHIP_KIND.read(value) });
  return found;
}

async function* pagesBetween(
  { models }: Platform,
  segment: string,
  { from, until }: { readonly from: number; readonly until: number },
  access: SubjectAccess,
): AsyncGenerator<{ readonly begin: number; readonly page: UsagePage }, void, void> {
  const pages = models.table(USAGE_PAGES).range(pagesOf(segment), hourSort(from), hourSort(until), access);
  for await (const { sort, value, erased } of pages)
    if (erased === undefined) yield { begin: Number(sort.slice(0, sort.indexOf('/'))), page: USAGE_PAGE.read(value) };
}

/** Begins of the pages in which slots of the local day end, in whichever of the zones it is; `until` is not among them. */
function spanOf(day: string, zones: readonly string[]): { readonly from: number; readonly until: number } {
  const days = zones.map((zone) => localDay(day, zone));
  return { from: pageOf(Math.min(...days.map(({ start }) => start)) + 1), until: Math.max(...days.map(({ end }) => end)) };
}

function pagesOf(segment: string): string {
  return `segment/${segment}`;
}
