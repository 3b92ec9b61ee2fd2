import { createReadStream } from 'node:fs';
import { open } from 'node:fs/promises';
import { pipeline } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { FleetInputError, quoted } from './fleet-input-error.ts';

export const HALF_HOUR_MS = 1_800_000;
/** A cell that was blank: the interval was lost. */
export const LOST = -1;

export interface HalfHourRow {
  /** Column names behind `start_utc`, the same array in every row. */
  readonly homes: readonly string[];
  /** UTC ms at which the half-hour begins. */
  readonly start: number;
  /** Wh per home, `LOST` where blank. Reused by the next row. */
  readonly values: Int32Array;
}

const MAX_LINE_CHARACTERS = 1 << 20;
/** What one delta of a frame can carry; no home draws 131 kW over half an hour. */
const MAX_WH = 65_534;

/**
 * Rows of a table `start_utc,<home>,<home>...` with integer Wh per half-hour, one after the other: the file is
 * never held as a whole. Plain or gzip, told apart by its first bytes.
 * @throws ERR_FLEET_INPUT naming file, line, column and what to do
 */
export async function* halfHourRows(file: string): AsyncGenerator<HalfHourRow> {
  let lineNumber = 0;
  let table: Table | undefined;
  for await (const line of lines(file)) {
    lineNumber += 1;
    if (line === '' && table !== undefined) continue;
    if (table === undefined) table = new Table(file, line);
    else yield table.row(line, lineNumber);
  }
  if (table === undefined) throw new FleetInputError(`${file}: the file is empty. Give a table that begins with "start_utc,<home>,...".`);
  if (table.rows === 0) throw new FleetInputError(`${file}: line 2: no rows follow the header. Add one row per half-hour.`);
}

class Table {
  readonly #file: string;
  readonly #homes: readonly string[];
  readonly #values: Int32Array;
  #next: number | undefined;
  rows = 0;

  constructor(file: string, header: string) {
    const names = header.replace(/^\uFEFF/, '').split(',');
    if (names[0] !== 'start_utc') {
      throw new FleetInputError(`${file}: line 1, column 1: ${quoted(names[0]!)} should be "start_utc". Put the header row first.`);
    }
    if (names.length < 2) throw new FleetInputError(`${file}: line 1, column 2: there is no home. Add one column per home.`);
    const seen = new Set<string>();
    for (const [index, name] of names.entries()) {
      const place = `${file}: line 1, column ${index + 1}`;
      if (name.trim() === '') throw new FleetInputError(`${place}: the column has no name. Name every home.`);
      if (seen.has(name)) throw new FleetInputError(`${place}: ${quoted(name)} stands there twice. Name every home once.`);
      seen.add(name);
    }
    this.#file = file;
    this.#homes = names.slice(1);
    this.#values = new Int32Array(this.#homes.length);
  }

  row(line: string, lineNumber: number): HalfHourRow {
    const comma = line.indexOf(',');
    const start = this.#start(comma < 0 ? line : line.slice(0, comma), lineNumber);
    let cell = 0;
    let from = comma < 0 ? line.length + 1 : comma + 1;
    while (from <= line.length) {
      let to = line.indexOf(',', from);
      if (to < 0) to = line.length;
      if (cell < this.#values.length) this.#values[cell] = this.#wh(line, from, to, cell, lineNumber);
      cell += 1;
      from = to + 1;
    }
    if (cell !== this.#homes.length) {
      const column = Math.min(cell, this.#homes.length) + 2;
      throw new FleetInputError(
        `${this.#file}: line ${lineNumber}, column ${column}: the row has ${cell} values for ${this.#homes.length} homes. ` +
          'Give one value per home, blank where the reading was lost.',
      );
    }
    this.rows += 1;
    return { homes: this.#homes, start, values: this.#values };
  }

  #start(text: string, lineNumber: number): number {
    const place = `${this.#file}: line ${lineNumber}, column 1 (start_utc)`;
    const start = parseInstant(text);
    if (start === undefined || start < 0 || start % HALF_HOUR_MS !== 0) {
      throw new FleetInputError(`${place}: ${quoted(text)} is not a half-hour in UTC. Write it like 2013-01-01T00:30Z.`);
    }
    if (this.#next !== undefined && start !== this.#next) {
      throw new FleetInputError(
        `${place}: ${quoted(text)} should be ${instantText(this.#next)}. Rows go up by 30 minutes in UTC: ` +
          'sort them, and fill a missing row with blanks.',
      );
    }
    this.#next = start + HALF_HOUR_MS;
    return start;
  }

  #wh(line: string, from: number, to: number, cell: number, lineNumber: number): number {
    if (from === to) return LOST;
    let wh = 0;
    for (let i = from; i < to; i++) {
      const digit = line.charCodeAt(i) - 48;
      if (digit < 0 || digit > 9) {
        throw this.#badCell(line.slice(from, to), cell, lineNumber, 'is not a whole number of Wh. Write digits only');
      }
      wh = wh * 10 + digit;
    }
    if (to - from > 9 || wh > MAX_WH) {
      throw this.#badCell(line.slice(from, to), cell, lineNumber, `is more than ${MAX_WH} Wh in half an hour. Correct it`);
    }
    return wh;
  }

  #badCell(text: string, cell: number, lineNumber: number, fault: string): FleetInputError {
    const place = `${this.#file}: line ${lineNumber}, column ${cell + 2} (${quoted(this.#homes[cell]!).slice(1, -1)})`;
    return new FleetInputError(`${place}: ${quoted(text)} ${fault}, or leave the cell blank where the reading was lost.`);
  }
}

function parseInstant(text: string): number | undefined {
  const match = /^(\d{4}-\d\d-\d\dT\d\d:\d\d)(?::00)?Z$/.exec(text);
  if (match === null) return undefined;
  const instant = Date.parse(`${match[1]}:00Z`);
  // 24:00 and the like parse, but are not how an instant is written
  return Number.isFinite(instant) && instantText(instant) === `${match[1]}Z` ? instant : undefined;
}

/** `2013-01-01T00:30Z` */
export function instantText(instant: number): string {
  return `${new Date(instant).toISOString().slice(0, 16)}Z`;
}

async function* lines(file: string): AsyncGenerator<string> {
  let rest = '';
  let count = 0;
  try {
    for await (const chunk of await openText(file)) {
      const parts = (rest + (chunk as string)).split('\n');
      rest = parts.pop()!;
      if (rest.length > MAX_LINE_CHARACTERS)
        throw new FleetInputError(`${file}: line ${count + parts.length + 1} never ends. Give a text table.`);
      for (const part of parts) {
        count += 1;
        yield part.endsWith('\r') ? part.slice(0, -1) : part;
      }
    }
  } catch (error) {
    throw error instanceof FleetInputError ? error : unreadable(file, count + 1, error);
  }
  if (rest !== '') yield rest;
}

async function openText(file: string): Promise<AsyncIterable<unknown>> {
  const handle = await open(file);
  const magic = Buffer.alloc(2);
  try {
    await handle.read(magic, 0, 2, 0);
  } finally {
    await handle.close();
  }
  const bytes = createReadStream(file);
  // a failure arrives through the iteration; the callback only keeps it from being thrown a second time
  const text = magic[0] === 0x1f && magic[1] === 0x8b ? pipeline(bytes, createGunzip(), () => {}) : bytes;
  text.setEncoding('utf8');
  return text;
}

function unreadable(file: string, line: number, cause: unknown): FleetInputError {
  const code = cause instanceof Error && 'code' in cause ? String(cause.code) : '';
  if (code === 'ENOENT') return new FleetInputError(`${file}: there is no such file. Check the path.`, cause);
  if (code === 'EISDIR') return new FleetInputError(`${file}: this is a folder. Name the table in it.`, cause);
  if (code.startsWith('Z_')) {
    return new FleetInputError(`${file}: line ${line}: the gzip data is damaged or ends early. Copy the file again.`, cause);
  }
  return new FleetInputError(
    `${file}: line ${line}: can't be read (${code || 'unknown fault'}). Check the file and its permissions.`,
    cause,
  );
}
