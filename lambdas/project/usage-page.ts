import { Decoder, Encoder } from 'cbor-x/index-no-eval';
import { type Channel, NO_VALUE } from '../../events/index.ts';
import type { ItemKind } from './item-changes.ts';
import type { SlotReading } from './slot-readings.ts';

const encoder = new Encoder({ useRecords: false, tagUint8Array: false });
const decoder = new Decoder({ useRecords: false });
/** Hours of a page: fewer, larger pages are opened faster than they are written slower. They divide a day. */
const HOURS = 3;
const SECONDS = HOURS * 3_600;
/** Rows of a column that begins: grown by doubling, cut to what is used when written. */
const FIRST_ROWS = 64;

/** What has to be known of a channel to read its counts. Meters that agree in it share a column. */
export interface ColumnKind extends Pick<Channel, 'direction' | 'unit' | 'scale' | 'multiplier'> {
  readonly channel: number;
  readonly minutes: number;
}

/** One channel of every meter of a segment, row by row in the order of member numbers, a place for each slot of the page. */
export interface PageColumn {
  readonly kind: ColumnKind;
  /** NO_VALUE = none. As it was read it lies in the page's bytes, and is changed in a copy. */
  counts: Uint16Array;
  isView: boolean;
  /** Rows up to the last that has a value. */
  rows: number;
  /** Places of slots that came and don't show. */
  readonly held: number[];
}

/** Some hours of a segment. */
export interface UsagePage {
  readonly columns: PageColumn[];
}

interface Outline {
  readonly kind: ColumnKind;
  readonly rows: number;
  readonly held: readonly number[];
}

const LENGTH_BYTES = 4;

/** Length of the outlines, outlines of all columns, then their counts one after the other from an even place on: u16, little-endian. */
export const USAGE_PAGE: ItemKind<UsagePage> = { write: writePage, read: readPage };

function writePage({ columns }: UsagePage): Buffer {
  const outlines = encoder.encode(columns.map(({ kind, rows, held }): Outline => ({ kind, rows, held })));
  const length = Buffer.alloc(LENGTH_BYTES);
  length.writeUInt32LE(outlines.length);
  const counts = columns.map(({ kind, counts: all, rows }) => Buffer.from(all.buffer, all.byteOffset, rows * slotsOf(kind.minutes) * 2));
  return Buffer.concat([length, outlines, Buffer.alloc(outlines.length % 2), ...counts]);
}

/** @throws RangeError where the page is cut off */
function readPage(bytes: Buffer): UsagePage {
  const length = bytes.readUInt32LE();
  const outlines = decoder.decode(bytes.subarray(LENGTH_BYTES, LENGTH_BYTES + length)) as Outline[];
  let at = LENGTH_BYTES + length + (length % 2);
  const columns = outlines.map(({ kind, rows, held }): PageColumn => {
    const size = rows * slotsOf(kind.minutes);
    const counts = countsAt(bytes, at, size);
    at += size * 2;
    return { kind, counts, isView: true, rows, held: [...held] };
  });
  return { columns };
}

function countsAt(bytes: Buffer, at: number, size: number): Uint16Array {
  if (at + size * 2 > bytes.length) throw new RangeError('a page is cut off');
  const begin = bytes.byteOffset + at;
  if (begin % 2 === 0) return new Uint16Array(bytes.buffer, begin, size);
  return new Uint16Array(new Uint8Array(bytes.subarray(at, at + size * 2)).buffer);
}

/** Begin of the page in which a slot ends, UTC s; hours begin in one page or another. @param at end of a slot, or begin of an hour plus 1 */
export function pageOf(at: number): number {
  return Math.floor((at - 1) / SECONDS) * SECONDS;
}

export function emptyPage(): UsagePage {
  return { columns: [] };
}

/** @param begin of the page, UTC s @param readings that end in it */
export function fillPage(page: UsagePage, begin: number, readings: readonly SlotReading[]): void {
  let column: PageColumn | undefined;
  let before: SlotReading | undefined;
  for (const reading of readings) {
    const { asset, channel, minutes, member, end, counts, held } = reading;
    if (column === undefined || before?.asset !== asset || before.channel !== channel || before.minutes !== minutes)
      column = columnFor(page, reading);
    before = reading;
    const place = member * slotsOf(minutes) + placeIn(begin, end, minutes);
    if (held) column.held.push(place);
    else if (counts !== NO_VALUE) setCounts(column, member, place, counts);
  }
}

/** Slots of one meter. @yields interval end, UTC s, and counts; undefined for a slot that is held */
export function* slotsOfMember({ kind, counts, held }: PageColumn, begin: number, member: number): Generator<[number, number | undefined]> {
  const slots = slotsOf(kind.minutes);
  for (let i = 0; i < slots; i++) {
    const place = member * slots + i;
    const end = firstEnd(begin, kind.minutes) + i * kind.minutes * 60;
    if (held.includes(place)) yield [end, undefined];
    else if (place < counts.length && counts[place] !== NO_VALUE) yield [end, counts[place]!];
  }
}

function columnFor(page: UsagePage, { asset, channel, minutes }: SlotReading): PageColumn {
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
  const made = { kind, counts: new Uint16Array(FIRST_ROWS * slotsOf(minutes)).fill(NO_VALUE), isView: false, rows: 0, held: [] };
  page.columns.push(made);
  return made;
}

function setCounts(column: PageColumn, member: number, place: number, counts: number): void {
  if (place >= column.counts.length) {
    const slots = slotsOf(column.kind.minutes);
    const grown = new Uint16Array(Math.max(column.counts.length * 2, (member + 1) * slots)).fill(NO_VALUE);
    grown.set(column.counts);
    column.counts = grown;
    column.isView = false;
  }
  if (column.isView) {
    column.counts = column.counts.slice();
    column.isView = false;
  }
  column.counts[place] = counts;
  if (member >= column.rows) column.rows = member + 1;
}

/** Slots of any length whose ends can lie in one page. */
function slotsOf(minutes: number): number {
  return Math.ceil((HOURS * 60) / minutes);
}

function placeIn(begin: number, end: number, minutes: number): number {
  return (end - firstEnd(begin, minutes)) / (minutes * 60);
}

/** The grid of slots begins with the epoch. */
function firstEnd(begin: number, minutes: number): number {
  const step = minutes * 60;
  return Math.floor(begin / step) * step + step;
}
