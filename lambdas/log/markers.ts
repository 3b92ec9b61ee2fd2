import type { Directory } from '../../platform/ports/platform.ts';
import { type LogEntry, takenBackStream } from '../../protocol/log/entry.ts';
import type { LogFiles } from './log-files.ts';

/** How many entries of the log the marks speak of. */
const MARKED = 'log/marked';
const MARK = 'log/stream/';

/**
 * How far each stream is in the log, so that what the feed brings again finds no second place. Entries of a stream come in its order. Made
 * from the log, and never the truth: where the marks are behind, they are brought up from its entries first.
 */
export class LogMarkers {
  readonly #directory: Directory;

  constructor(directory: Directory) {
    this.#directory = directory;
  }

  /** Brings the marks up to a log of `size`. */
  async catchUp(files: LogFiles, size: number): Promise<void> {
    const marked = Number((await this.#directory.get(MARKED))?.toString() ?? 0);
    if (marked >= size) return;
    let piece: LogEntry[] = [];
    for await (const entry of files.entries(marked, size)) {
      piece.push(entry);
      if (piece.length < PIECE) continue;
      await this.#put(piece);
      piece = [];
    }
    await this.mark(piece, size);
  }

  /** Of these, in their order, what has no place in the log yet, each once. */
  async unplaced(entries: readonly LogEntry[]): Promise<LogEntry[]> {
    const streams = [...new Set(entries.map((entry) => markOf(entry)[0]))];
    const marks = await this.#directory.getMany(streams.map((stream) => MARK + stream));
    const last = new Map(streams.map((stream, at) => [stream, Number(marks[at]?.toString() ?? -1)]));
    return entries.filter((entry) => {
      const [stream, version] = markOf(entry);
      if (takenBackStream(entry) === undefined && version <= last.get(stream)!) return false;
      last.set(stream, version);
      return true;
    });
  }

  /** Notes that these are in the log, which has `size` entries with them. */
  async mark(entries: readonly LogEntry[], size: number): Promise<void> {
    await this.#put(entries);
    await this.#directory.put([{ key: MARKED, value: Buffer.from(String(size)) }]);
  }

  async #put(entries: readonly LogEntry[]): Promise<void> {
    const last = new Map(entries.map(markOf));
    await this.#directory.put([...last].map(([stream, version]) => ({ key: MARK + stream, value: Buffer.from(String(version)) })));
  }
}

/** How far a stream is in the log with this entry: one that was taken back is as far as it stands now. */
export function markOf(entry: LogEntry): readonly [stream: string, version: number] {
  const back = takenBackStream(entry);
  return back === undefined ? [entry.stream, entry.version] : [back, entry.version - 1];
}

/** Entries looked at in one go. */
const PIECE = 5_000;
