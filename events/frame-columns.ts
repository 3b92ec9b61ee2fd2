import type { FrameColumns, FramesAccepted, FramesHeld } from './segment.ts';
import { RECORD_BYTES } from './telemetry-record.ts';

/** Bytes of one frame in each column but those of plaintext and size class. */
const WIDTHS = { member: 2, header: 20, tag: 4, annotations: 4, receivedAt: 4 } as const;
const CLASSES = [0, 1, 2] as const;

export type Framed = FramesAccepted | FramesHeld;
type Turn = (from: Uint8Array, width: number, to: Uint8Array) => void;
type TurnPlain = (from: Uint8Array, sizeClass: Uint8Array, to: Uint8Array) => void;

/**
 * The event with its columns turned: the first byte of every frame, then every second byte, and so on. Meters of one batch say nearly
 * the same, so most planes are runs of one value. Plaintexts are turned by size class. `inRows` gives the very bytes back.
 * @param data with whole columns
 */
export function inPlanes(data: Framed): Framed {
  return { ...data, frames: turned(data.frames, gather, gatherPlain) };
}

/** The event as it was. @returns undefined when the columns are of different lengths */
export function inRows(data: unknown): Framed | undefined {
  const event = data as Framed;
  if (!areWhole(event?.frames)) return undefined;
  return { ...event, frames: turned(event.frames, scatter, scatterPlain) };
}

function turned(columns: FrameColumns, turn: Turn, turnPlain: TurnPlain): FrameColumns {
  const column = (name: keyof typeof WIDTHS) => {
    const to = Buffer.allocUnsafe(columns[name].length);
    turn(columns[name], WIDTHS[name], to);
    return to;
  };
  const plaintext = Buffer.allocUnsafe(columns.plaintext.length);
  turnPlain(columns.plaintext, columns.sizeClass, plaintext);
  return {
    count: columns.count,
    member: column('member'),
    header: column('header'),
    tag: column('tag'),
    plaintext,
    sizeClass: columns.sizeClass,
    annotations: column('annotations'),
    receivedAt: column('receivedAt'),
  };
}

function gather(rows: Uint8Array, width: number, to: Uint8Array): void {
  let next = 0;
  const end = rows.length;
  for (let byte = 0; byte < width; byte++) for (let from = byte; from < end; from += width) to[next++] = rows[from]!;
}

function scatter(planes: Uint8Array, width: number, to: Uint8Array): void {
  let next = 0;
  const end = to.length;
  for (let byte = 0; byte < width; byte++) for (let place = byte; place < end; place += width) to[place] = planes[next++]!;
}

/** Where the plaintexts of one size class begin among all, in the order of frames. */
function beginsOf(sizeClass: Uint8Array, wanted: 0 | 1 | 2): Uint32Array {
  const begins = new Uint32Array(sizeClass.length);
  let found = 0;
  let at = 0;
  for (let i = 0; i < sizeClass.length; i++) {
    const kind = sizeClass[i] as 0 | 1 | 2;
    if (kind === wanted) begins[found++] = at;
    at += RECORD_BYTES[kind];
  }
  return begins.subarray(0, found);
}

function gatherPlain(rows: Uint8Array, sizeClass: Uint8Array, to: Uint8Array): void {
  let next = 0;
  for (const kind of CLASSES) {
    const begins = beginsOf(sizeClass, kind);
    for (let byte = 0; byte < RECORD_BYTES[kind]; byte++) for (let i = 0; i < begins.length; i++) to[next++] = rows[begins[i]! + byte]!;
  }
}

function scatterPlain(planes: Uint8Array, sizeClass: Uint8Array, to: Uint8Array): void {
  let next = 0;
  for (const kind of CLASSES) {
    const begins = beginsOf(sizeClass, kind);
    for (let byte = 0; byte < RECORD_BYTES[kind]; byte++) for (let i = 0; i < begins.length; i++) to[begins[i]! + byte] = planes[next++]!;
  }
}

/** Whether every column has the length that its frames need. */
export function areWhole(columns: FrameColumns | undefined): columns is FrameColumns {
  if (typeof columns !== 'object' || columns === null) return false;
  const { count, plaintext, sizeClass } = columns;
  if (!(sizeClass instanceof Uint8Array) || sizeClass.length !== count) return false;
  let bytes = 0;
  for (const kind of sizeClass) bytes += RECORD_BYTES[kind as 0 | 1 | 2] ?? Number.NaN;
  if (!(plaintext instanceof Uint8Array) || plaintext.length !== bytes) return false;
  return Object.entries(WIDTHS).every(([name, width]) => {
    const column = columns[name as keyof typeof WIDTHS];
    return column instanceof Uint8Array && column.length === count * width;
  });
}

/** Schema 1 had all 16 bytes of each tag. @returns data of schema 2, or what was given when it is none of schema 1 */
export function withShortTags(data: unknown): unknown {
  const event = data as Framed;
  const { count, tag } = event?.frames ?? {};
  if (!(tag instanceof Uint8Array) || tag.length !== count * 16) return data;
  const short = Buffer.alloc(count * WIDTHS.tag);
  for (let i = 0; i < count; i++) short.set(tag.subarray(i * 16, i * 16 + WIDTHS.tag), i * WIDTHS.tag);
  return { ...event, frames: { ...event.frames, tag: short } };
}
