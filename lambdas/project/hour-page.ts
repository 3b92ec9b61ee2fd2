import { Decoder, Encoder } from 'cbor-x/index-no-eval';
import { type Channel, NO_VALUE } from '../../events/index.ts';
import type { ItemKind } from './item-changes.ts';
import type { SlotReading } from './slot-readings.ts';

const encoder = new Encoder({ useRecords: false, tagUint8Array: false });
const decoder = new Decoder({ useRecords: false });
/** Rows of a column that begins: grown by doubling, cut to what is used when written. */
const FIRST_ROWS = 64;

/** What has to be known of a channel to read its counts. Meters that agree in it share a column. */
export interface ColumnKind extends Pick<Channel, 'direction' | 'unit' | 'scale' | 'multiplier'> {
  readonly channel: number;
  readonly minutes: number;
}

/** One channel of every meter of a segment, row by row in the order of member numbers, a place for each slot of the hour. */
export interface PageColumn {
  readonly kind: ColumnKind;
  /** NO_VALUE = none. */
  counts: Uint16Array;
  /** Rows up to the last that has a value. */
  rows: number;
  /** Places of slots that came and don't show. */
  readonly held: number[];
}

/** An hour of a segment. */
export interface HourPage {
  readonly columns: PageColumn[];
}

interface Stored {
  readonly kind: ColumnKind;
  /** u16, little-endian. */
  readonly counts: Uint8Array;
  readonly held: readonly number[];
}

export const HOUR_PAGE: ItemKind<HourPage> = {
  write: ({ columns }) => encoder.encode(columns.map(storedColumn)),
  read: (bytes) => ({ columns: (decoder.decode(bytes) as Stored[]).map(openedColumn) }),
};

export function emptyPage(): HourPage {
  return { columns: [] };
}

/** @param hour its begin, UTC s @param readings that end in it */
export function fillPage(page: HourPage, hour: number, readings: readonly SlotReading[]): void {
  let column: PageColumn | undefined;
  let before: SlotReading | undefined;
  for (const reading of readings) {
    const { asset, channel, minutes, member, end, counts, held } = reading;
    if (column === undefined || before?.asset !== asset || before.channel !== channel || before.minutes !== minutes)
      column = columnFor(page, reading);
    before = reading;
    const place = member * slotsOf(minutes) + placeIn(hour, end, minutes);
    if (held) column.held.push(place);
    else if (counts !== NO_VALUE) setCounts(column, member, place, counts);
  }
}

/** Slots of one meter. @yields interval end, UTC s, and counts; undefined for a slot that is held */
export function* slotsOfMember({ kind, counts, held }: PageColumn, hour: number, member: number): Generator<[number, number | undefined]> {
  const slots = slotsOf(kind.minutes);
  for (let i = 0; i < slots; i++) {
    const place = member * slots + i;
    const end = firstEnd(hour, kind.minutes) + i * kind.minutes * 60;
    if (held.includes(place)) yield [end, undefined];
    else if (place < counts.length && counts[place] !== NO_VALUE) yield [end, counts[place]!];
  }
}

function columnFor(page: HourPage, { asset, channel, minutes }: SlotReading): PageColumn {
  const { direction, unit, scale, multiplier } = asset.channels[channel]!;
  const known = page.columns.find(
    ({ kind }) =>
      kind.channel === channel &&
      kind.minutes === minutes &&
      kind.direction === direction &&
      kind.unit === unit &&
      kind.scale === scale &&
      kind.multiplier === multiplier,
  );
  if (known !== undefined) return known;
  const kind = { channel, minutes, direction, unit, scale, multiplier };
  const made = { kind, counts: new Uint16Array(FIRST_ROWS * slotsOf(minutes)).fill(NO_VALUE), rows: 0, held: [] };
  page.columns.push(made);
  return made;
}

function setCounts(column: PageColumn, member: number, place: number, counts: number): void {
  if (place >= column.counts.length) {
    const slots = slotsOf(column.kind.minutes);
    const grown = new Uint16Array(Math.max(column.counts.length * 2, (member + 1) * slots)).fill(NO_VALUE);
    grown.set(column.counts);
    column.counts = grown;
  }
  column.counts[place] = counts;
  if (member >= column.rows) column.rows = member + 1;
}

/** Slots of any length whose ends can lie in one hour. */
function slotsOf(minutes: number): number {
  return Math.ceil(60 / minutes);
}

function placeIn(hour: number, end: number, minutes: number): number {
  return (end - firstEnd(hour, minutes)) / (minutes * 60);
}

/** The grid of slots begins with the epoch. */
function firstEnd(hour: number, minutes: number): number {
  const step = minutes * 60;
  return Math.floor(hour / step) * step + step;
}

function storedColumn({ kind, counts, rows, held }: PageColumn): Stored {
  return { kind, counts: new Uint8Array(counts.buffer, counts.byteOffset, rows * slotsOf(kind.minutes) * 2), held };
}

/** @throws RangeError where a column has half a count */
function openedColumn({ kind, counts, held }: Stored): PageColumn {
  const own = new Uint16Array(new Uint8Array(counts).buffer);
  return { kind, counts: own, rows: own.length / slotsOf(kind.minutes), held: [...held] };
}
