import { randomBytes } from 'node:crypto';
import { MeterIndex } from '../../../domain/telemetry/meter-index.ts';
import type { Directory } from '../../../platform/ports/platform.ts';

const HEAD = 'known-meters/head';
const CHUNK = 'known-meters/chunk/';
const ENTRY = 12;

/** Makes meters, or their new segment, known to every ingest worker. Later announcements win. */
export async function announce(directory: Directory, entries: readonly { meterId: string; segment: string }[]): Promise<void> {
  const chunk = Buffer.alloc(entries.length * ENTRY);
  for (const [i, { meterId, segment }] of entries.entries()) {
    chunk.write(meterId, i * ENTRY, 'hex');
    chunk.writeUInt32BE(Number(segment), i * ENTRY + 8);
  }
  const name = await nextChunkName(directory);
  const routes = entries.map(({ meterId, segment }) => ({ key: `route/${meterId}`, value: Buffer.from(segment) }));
  await directory.put([...routes, { key: CHUNK + name, value: chunk }]);
  await directory.put([{ key: HEAD, value: Buffer.from(name) }]);
}

/** Chunk names sort in the order of announcement; two writers at once differ in the random part. */
async function nextChunkName(directory: Directory): Promise<string> {
  const head = await directory.get(HEAD);
  const next = head === undefined ? 0 : Number(head.toString().slice(0, 10)) + 1;
  return `${String(next).padStart(10, '0')}-${randomBytes(4).toString('hex')}`;
}

/**
 * Every meter of ours, exactly, in typed arrays: the first thing a frame is held against. An unknown meter costs one
 * probe in memory, never a look-up outside. 12 bytes a meter and table overhead.
 */
export class KnownMeters {
  readonly #directory: Directory;
  readonly #index = new MeterIndex(1024);
  /** By number of the meter. */
  #segments = new Uint32Array(1024);
  #count = 0;
  readonly #chunks = new Set<string>();
  #head = '';

  constructor(directory: Directory) {
    this.#directory = directory;
  }

  get count(): number {
    return this.#count;
  }

  /** One small read; loads what was announced since the last call. */
  async refresh(): Promise<void> {
    const head = (await this.#directory.get(HEAD))?.toString() ?? '';
    if (head === this.#head) return;
    for await (const { key, value } of this.#directory.list(CHUNK)) {
      if (this.#chunks.has(key)) continue;
      this.#load(value);
      this.#chunks.add(key);
    }
    this.#head = head;
  }

  /** @returns dense number of the meter in this worker, -1 when unknown */
  find(high: number, low: number): number {
    return this.#index.get(high, low);
  }

  segmentOf(entry: number): number {
    return this.#segments[entry]!;
  }

  /** For the rare case: looks through all of them. */
  meterId(entry: number): string {
    return this.#index.meterIdOf(entry)!;
  }

  #load(chunk: Buffer): void {
    for (let at = 0; at < chunk.length; at += ENTRY) {
      const high = chunk.readUInt32BE(at);
      const low = chunk.readUInt32BE(at + 4);
      const segment = chunk.readUInt32BE(at + 8);
      const known = this.#index.get(high, low);
      if (known >= 0) this.#segments[known] = segment;
      else this.#add(high, low, segment);
    }
  }

  #add(high: number, low: number, segment: number): void {
    if (this.#count === this.#segments.length) {
      const larger = new Uint32Array(this.#count * 2);
      larger.set(this.#segments);
      this.#segments = larger;
    }
    this.#segments[this.#count] = segment;
    this.#index.set(high, low, this.#count++);
  }
}

/** Segment of one meter, by the directory. @returns undefined when unknown */
export async function segmentOf(directory: Directory, meterId: string): Promise<string | undefined> {
  return (await directory.get(`route/${meterId}`))?.toString();
}

export function segmentName(number: number): string {
  return String(number).padStart(5, '0');
}
