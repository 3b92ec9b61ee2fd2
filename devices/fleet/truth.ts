import { createHash } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { finished } from 'node:stream/promises';
import { instantText } from './csv-rows.ts';

const NONE = -1;
const LINES_PER_WRITE = 2_000;

export interface TruthSums {
  readonly wh: number;
  readonly readings: number;
  readonly channels: readonly { readonly channel: number; readonly wh: number; readonly readings: number }[];
}

/** One reading as both sides of a reconciliation write it. @param end UTC ms */
export function truthLine(meterId: string, channel: number, end: number, wh: number): string {
  return `${meterId},${channel},${instantText(end)},${wh}\n`;
}

/**
 * What meters measured, kept apart from the meters: 4 bytes a slot, one column per meter and channel. Lost
 * intervals hold nothing.
 */
export class TruthLedger {
  readonly #start: number;
  readonly #intervalMs: number;
  readonly #columns = new Map<string, Column>();
  #wh: number[] = [];
  #readings: number[] = [];

  /** @param start UTC ms, begin of the first interval */
  constructor(start: number, intervalMinutes: number) {
    this.#start = start;
    this.#intervalMs = intervalMinutes * 60_000;
  }

  get readings(): number {
    return this.#readings.reduce((sum, count) => sum + count, 0);
  }

  /** Measured again with the same value (after a restart): nothing changes. @param end UTC ms */
  record(meterId: string, channel: number, end: number, wh: number): void {
    const index = (end - this.#start) / this.#intervalMs - 1;
    const key = `${meterId},${channel}`;
    let column = this.#columns.get(key);
    if (column === undefined) {
      column = { meterId, channel, values: new Int32Array(256).fill(NONE) };
      this.#columns.set(key, column);
    }
    if (index >= column.values.length) column.values = grown(column.values, index + 1);
    if (column.values[index] !== NONE) return;
    column.values[index] = wh;
    this.#wh[channel] = (this.#wh[channel] ?? 0) + wh;
    this.#readings[channel] = (this.#readings[channel] ?? 0) + 1;
  }

  sums(): TruthSums {
    const channels = [...this.#wh.keys()].map((channel) => ({
      channel,
      wh: this.#wh[channel] ?? 0,
      readings: this.#readings[channel] ?? 0,
    }));
    return { wh: channels.reduce((sum, { wh }) => sum + wh, 0), readings: this.readings, channels };
  }

  /** Lines sorted by meter, channel and end. */
  *lines(): Generator<string> {
    const columns = [...this.#columns.values()].sort((a, b) =>
      a.meterId < b.meterId ? -1 : a.meterId > b.meterId ? 1 : a.channel - b.channel,
    );
    const instants: string[] = [];
    for (const { meterId, channel, values } of columns) {
      for (const [index, wh] of values.entries()) {
        if (wh === NONE) continue;
        instants[index] ??= instantText(this.#end(index));
        yield `${meterId},${channel},${instants[index]},${wh}\n`;
      }
    }
  }

  /** SHA-256 over all lines, hex; writes them to a file where one is named. */
  async digest(file?: string): Promise<string> {
    const hash = createHash('sha256');
    const out = file === undefined ? undefined : createWriteStream(file, { mode: 0o600 });
    const done = out === undefined ? undefined : finished(out);
    let block: string[] = [];
    const write = async (): Promise<void> => {
      const text = block.join('');
      block = [];
      hash.update(text);
      if (out !== undefined && !out.write(text))
        await Promise.race([new Promise<void>((resolve) => out.once('drain', () => resolve())), done]);
    };
    for (const line of this.lines()) if (block.push(line) === LINES_PER_WRITE) await write();
    await write();
    out?.end();
    await done;
    return hash.digest('hex');
  }

  save(): SavedTruth {
    return { start: this.#start, columns: [...this.#columns.values()].map((column) => ({ ...column, values: trimmed(column.values) })) };
  }

  restore(saved: SavedTruth): void {
    for (const { meterId, channel, values } of saved.columns) {
      for (const [index, wh] of values.entries()) {
        if (wh !== NONE) this.record(meterId, channel, this.#end(index), wh);
      }
    }
  }

  #end(index: number): number {
    return this.#start + (index + 1) * this.#intervalMs;
  }
}

export interface SavedTruth {
  readonly start: number;
  readonly columns: readonly { readonly meterId: string; readonly channel: number; readonly values: Int32Array }[];
}

interface Column {
  readonly meterId: string;
  readonly channel: number;
  values: Int32Array;
}

function grown(values: Int32Array, needed: number): Int32Array {
  const out = new Int32Array(Math.max(needed, values.length * 2)).fill(NONE);
  out.set(values);
  return out;
}

function trimmed(values: Int32Array): Int32Array {
  let end = values.length;
  while (end > 0 && values[end - 1] === NONE) end -= 1;
  return values.slice(0, end);
}
