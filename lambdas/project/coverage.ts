import type { Member } from '../../domain/telemetry/members.ts';
import type { DomainEvent } from '../../events/index.ts';
import type { ReadTable } from '../../platform/ports/read-models.ts';
import { type ItemChanges, jsonKind } from './item-changes.ts';
import { type HourReadings, hourSort, isTotalEnergy, type SlotReading } from './slot-readings.ts';

/** Slots that should have come against those that did, per segment and hour. Counts of homes, no values. */
export const COVERAGE = 'coverage';

const HOUR = 3_600;

/** Spans of a home in the segment, UTC ms, or slots that came in an hour. */
export interface CoverageItem {
  spans?: { from: number; until?: number; minutes: number }[];
  received?: number;
}

export const COVERAGE_KIND = jsonKind<CoverageItem>();

export interface HourCoverage {
  /** Begin of the hour, UTC s. */
  readonly hour: number;
  /** Slots of the import that homes of the segment should have in the hour. */
  readonly expected: number;
  /** Slots that came, with or without a value. A late one counts where the meter is when it comes. */
  readonly received: number;
}

/** What a commit adds. @param version of its first event */
export function addToCoverage(changes: ItemChanges<CoverageItem>, hours: HourReadings, segment: string, version: number): void {
  for (const [hour, readings] of hours) {
    const came = readings.reduce((sum, reading) => sum + Number(isImport(reading)), 0);
    const apply = (item: CoverageItem) => {
      item.received = (item.received ?? 0) + came;
    };
    if (came > 0) changes.add(hourKey(segment, hour), version, apply, () => ({}));
  }
}

function isImport(reading: SlotReading): boolean {
  return isTotalEnergy(reading) && reading.asset.channels[reading.channel]!.direction === 'import';
}

/** Homes that come and go. @param version of the commit's first event */
export function noteMembership(changes: ItemChanges<CoverageItem>, event: DomainEvent, segment: string, version: number): void {
  if (event.type === 'MeterJoined') {
    const { meterId, asset, at } = event.data;
    const begin = ({ spans = [], ...rest }: CoverageItem) => ({ ...rest, spans: [...spans, { from: at, minutes: asset.intervalMinutes }] });
    changes.add(
      homeKey(segment, meterId),
      version,
      (item) => void Object.assign(item, begin(item)),
      () => ({}),
    );
  } else if (event.type === 'MeterLeft' || (event.type === 'MemberAmended' && event.data.status === 'retired')) {
    const { meterId, at } = event.data;
    const end = (item: CoverageItem) => {
      const open = item.spans?.find(({ until }) => until === undefined);
      if (open !== undefined) open.until = at;
    };
    changes.add(homeKey(segment, meterId), version, end, () => ({}));
  }
}

/** A home that is here and whose coming is not kept any more. @param since UTC ms */
export function noteHome(
  changes: ItemChanges<CoverageItem>,
  { meterId, asset, since, status }: Pick<Member, 'meterId' | 'asset' | 'since' | 'status'>,
  segment: string,
  version: number,
): void {
  const begin = (item: CoverageItem) => {
    const spans = item.spans ?? [];
    if (status !== 'retired' && !spans.some(({ until }) => until === undefined))
      spans.push({ from: since, minutes: asset.intervalMinutes });
    item.spans = spans;
  };
  changes.add(homeKey(segment, meterId), version, begin, () => ({}));
}

/** Hours of [from, until), oldest first. @param from begin of an hour, UTC s */
export async function coverageOf(table: ReadTable, segment: string, from: number, until: number): Promise<readonly HourCoverage[]> {
  const spans: NonNullable<CoverageItem['spans']> = [];
  for await (const { value } of table.query(segment, 'home/')) spans.push(...(COVERAGE_KIND.read(value).spans ?? []));
  const hours = Array.from({ length: Math.max(0, Math.ceil((until - from) / HOUR)) }, (_, i) => from + i * HOUR);
  const items = await table.getMany(hours.map((hour) => hourKey(segment, hour)));
  return hours.map((hour, i) => {
    const received = items[i] === undefined ? 0 : (COVERAGE_KIND.read(items[i].value).received ?? 0);
    return { hour, expected: spans.reduce((sum, span) => sum + slotsIn(hour, span), 0), received };
  });
}

/** Slots that end in the hour behind its begin, and in the span. */
function slotsIn(
  hour: number,
  { from, until = Number.POSITIVE_INFINITY, minutes }: { from: number; until?: number; minutes: number },
): number {
  let slots = 0;
  for (let end = hour + minutes * 60; end <= hour + HOUR; end += minutes * 60) {
    if (end * 1000 > from && end * 1000 <= until) slots++;
  }
  return slots;
}

function homeKey(segment: string, meterId: string) {
  return { partition: segment, sort: `home/${meterId}` };
}

function hourKey(segment: string, hour: number) {
  return { partition: segment, sort: `hour/${hourSort(hour)}` };
}
