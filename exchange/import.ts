import { CsvBlocks } from './csv/blocks.ts';
import { CsvReadingsReader } from './csv/readings-reader.ts';
import { type LineSink, LineSplitter } from './lines.ts';
import { NemBlocks } from './nem/blocks.ts';
import { MARKET_OFFSET_MINUTES } from './nem/from-slots.ts';
import { NemReader } from './nem/reader.ts';
import { type Problem, Problems } from './problem.ts';

/** Where a value comes from, for slots `first` to `last` (from 0). */
export interface BlockQuality {
  readonly first: number;
  readonly last: number;
  /** In the words of the block's vocabulary; '' in `none`. */
  readonly flag: string;
  /** Number of AEMO's method; null where there is none. */
  readonly method: number | null;
  readonly reasonCode: number | null;
  readonly reasonText: string;
}

/** One day of one register, ready to be mapped to a check meter or to edits: checked in itself, not yet against the asset. */
export interface ImportedBlock {
  /** Of the file; its first, where several make the block. */
  readonly line: number;
  /** NMI or id of the usage point; '' = the file has only meters. */
  readonly usagePoint: string;
  /** Id or serial number; '' = not given. */
  readonly meter: string;
  /** NMI suffix, or number of the channel. */
  readonly register: string;
  readonly unit: 'Wh' | 'varh' | 'VAh';
  /** At the offset of the file: market time for NEM12, UTC for CSV. */
  readonly date: string;
  /** UTC seconds; slot i ends at start + (i + 1) * minutes * 60. */
  readonly start: number;
  readonly minutes: number;
  /** Integers of `unit`; null = no data. */
  readonly values: readonly (number | null)[];
  /** Runs that follow each other and cover the day. */
  readonly quality: readonly BlockQuality[];
  /** `aemo`: A E F N S; `slot-source`: SLOT_SOURCES, with +ES; `none`: the file says nothing of quality. */
  readonly vocabulary: 'aemo' | 'slot-source' | 'none';
}

/** One read of a register over a period (NEM13). */
export interface ImportedRead {
  readonly line: number;
  readonly usagePoint: string;
  readonly meter: string;
  readonly register: string;
  readonly unit: 'Wh' | 'varh' | 'VAh';
  /** 12 or 14 digits, market time. */
  readonly from: string;
  readonly until: string;
  readonly quantity: number;
  readonly quality: Omit<BlockQuality, 'first' | 'last'>;
}

/** A channel that holds no energy (volts, power factor): read, and not for the register of truth. */
export interface SetAside {
  readonly line: number;
  readonly usagePoint: string;
  readonly register: string;
  readonly unit: string;
}

/** Takes what is read. Nothing of it counts before the outcome says that all is well. */
export interface ImportSink {
  block(block: ImportedBlock): void;
  read(read: ImportedRead): void;
  setAside(channel: SetAside): void;
}

export type CheckOutcome =
  | { readonly ok: true; readonly format: ImportFormat }
  | { readonly ok: false; readonly problems: readonly Problem[]; readonly count: number };

export type ImportOutcome =
  | {
      readonly ok: true;
      readonly format: ImportFormat;
      readonly blocks: readonly ImportedBlock[];
      readonly reads: readonly ImportedRead[];
      readonly setAside: readonly SetAside[];
    }
  | Exclude<CheckOutcome, { ok: true }>;

export type ImportFormat = 'NEM12' | 'NEM13' | 'CSV';
type Chunks = Iterable<Uint8Array> | AsyncIterable<Uint8Array>;

/**
 * Reads a whole file and returns all of it or none: the blocks, or what is wrong, up to 100 problems listed and all counted.
 * Format by the first line. Never throws for what the file holds.
 */
export async function importFile(chunks: Chunks): Promise<ImportOutcome> {
  const blocks: ImportedBlock[] = [];
  const reads: ImportedRead[] = [];
  const setAside: SetAside[] = [];
  const outcome = await checkFile(chunks, {
    block: (block) => blocks.push(block),
    read: (read) => reads.push(read),
    setAside: (channel) => setAside.push(channel),
  });
  return outcome.ok ? { ...outcome, blocks, reads, setAside } : outcome;
}

/** The same in the memory of a day, for a file of any size: whoever applies as it goes has to check the file once before. */
export async function checkFile(chunks: Chunks, sink: ImportSink): Promise<CheckOutcome> {
  const problems = new Problems();
  const reader = new FormatReader(sink, problems);
  const lines = new LineSplitter(reader, problems);
  for await (const chunk of chunks) lines.push(chunk);
  lines.end();
  if (problems.count > 0) return { ok: false, problems: problems.listed, count: problems.count };
  return { ok: true, format: reader.format };
}

/** Chooses the reader by the first line that holds something. */
class FormatReader implements LineSink {
  format: ImportFormat = 'CSV';
  readonly #sink: ImportSink;
  readonly #problems: Problems;
  #reader: LineSink | undefined;
  #blocks: CsvBlocks | undefined;

  constructor(sink: ImportSink, problems: Problems) {
    this.#sink = sink;
    this.#problems = problems;
  }

  line(number: number, text: string | null): void {
    if (this.#reader === undefined && text?.trim() === '') return;
    this.#reader ??= this.#readerFor(text ?? '');
    this.#reader.line(number, text);
  }

  end(lines: number): void {
    if (this.#reader === undefined) this.#problems.add(1, 1, 'the file is empty', 'get it again');
    this.#reader?.end(lines);
    this.#blocks?.end();
  }

  #readerFor(first: string): LineSink {
    if (/^\s*\d+\s*,/.test(first)) {
      this.format = /^[^,]*,\s*NEM13/i.test(first) ? 'NEM13' : 'NEM12';
      return new NemReader(new NemBlocks(this.#sink, MARKET_OFFSET_MINUTES), this.#problems);
    }
    this.#blocks = new CsvBlocks(this.#sink, this.#problems);
    return new CsvReadingsReader(this.#blocks.take, this.#problems);
  }
}
