import { formatDecimal } from '../decimal.ts';
import { CONTROL } from '../lines.ts';
import { Problems } from '../problem.ts';
import { refused } from '../refused.ts';
import type { Nem12Channel, Nem12Day, Nem13Read, Nem13RegisterRead, NemHeader, NemQuality, NemRegister, NemVisitor } from './model.ts';
import { qualityMethod } from './quality.ts';
import { NemReader } from './reader.ts';

type Cell = string | number | null;

const IGNORED: NemVisitor = { header() {}, channel() {}, day() {}, read() {} };

/**
 * Writes a NEM12 or NEM13 file line by line, in the order of the calls. Everything written is read again at once, so that
 * nothing leaves that this reader would refuse. @throws ERR_EXPORT_REFUSED, at `end` at the latest
 */
export class NemWriter implements NemVisitor {
  readonly #write: (line: string) => void;
  readonly #problems = new Problems(1);
  readonly #reader = new NemReader(IGNORED, this.#problems);
  #lines = 0;
  #unit = { decimals: 0 };

  /** @param write takes a line with its end (CRLF) */
  constructor(write: (line: string) => void) {
    this.#write = write;
  }

  header({ version, created, from, to }: NemHeader): void {
    this.#record([100, version, created, from, to]);
  }

  channel(channel: Nem12Channel): void {
    this.#unit = channel.unit;
    this.#record([200, ...registerCells(channel), channel.unit.name, channel.minutes, compact(channel.nextRead)]);
  }

  day({ date, values, quality, updatedAt, loadedAt, transactions }: Nem12Day): void {
    const [only, ...more] = quality;
    if (only === undefined) throw refused(`${date}: a day without quality`);
    const { decimals } = this.#unit;
    const cells = values.map((value, i) => {
      if ((value === null) !== (quality.find(({ last }) => i <= last)?.flag === 'N'))
        throw refused(`${date}, interval ${i + 1}: no value is for quality N, and the other way about`);
      return formatDecimal(value ?? 0, decimals);
    });
    const whole = more.length === 0 ? qualityCells(only) : [...wholeCells(quality), null, null];
    this.#record([300, compact(date), ...cells, ...whole, updatedAt, loadedAt]);
    if (more.length > 0) for (const run of quality) this.#record([400, run.first + 1, run.last + 1, ...qualityCells(run)]);
    for (const { code, serviceOrder, readAt, indexRead } of transactions) this.#record([500, code, serviceOrder, readAt, indexRead]);
  }

  read(read: Nem13Read): void {
    const { direction, previous, current, quantity, unit, nextRead, updatedAt, loadedAt } = read;
    const reads = [...registerReadCells(previous), ...registerReadCells(current)];
    const amount = formatDecimal(quantity, unit.decimals);
    this.#record([250, ...registerCells(read), direction, ...reads, amount, unit.name, compact(nextRead), updatedAt, loadedAt]);
    for (const { previousCode, previousServiceOrder, currentCode, currentServiceOrder } of read.transactions)
      this.#record([550, previousCode, previousServiceOrder, currentCode, currentServiceOrder]);
  }

  end(): void {
    this.#record([900]);
    this.#reader.end(this.#lines);
    this.#check();
  }

  #record(cells: readonly Cell[]): void {
    const line = cells.map(bare).join(',');
    this.#reader.line(++this.#lines, line);
    this.#check();
    this.#write(`${line}\r\n`);
  }

  #check(): void {
    const [problem] = this.#problems.listed;
    if (problem !== undefined) throw refused(`line ${problem.line}: ${problem.reason}`);
  }
}

/** MDFF has no quoting: what would need it can't be written. */
function bare(cell: Cell): string {
  const text = cell === null ? '' : String(cell);
  if (text.includes(',') || CONTROL.test(text) || !text.isWellFormed())
    throw refused(`${JSON.stringify(text)}: no comma and no control character fits in MDFF`);
  return text;
}

function compact(date: string): string {
  return date.replaceAll('-', '');
}

function registerCells({ nmi, configuration, registerId, suffix, stream, serial }: NemRegister): Cell[] {
  return [nmi, configuration, registerId, suffix, stream, serial];
}

/** @source MDFF NEM12 & NEM13: substitutes carry a reason, and reason 0 its text */
function qualityCells(quality: NemQuality): Cell[] {
  const { flag, reasonCode, reasonText } = quality;
  if ((flag === 'S' || flag === 'F') && reasonCode === null) throw refused(`quality ${qualityMethod(quality)} needs a reason code`);
  if (reasonCode === 0 && reasonText === '') throw refused('reason code 0 needs a description');
  return [qualityMethod(quality), reasonCode, reasonText];
}

/** What a 300 record says when 400 records follow: V, unless only their reasons differ. */
function wholeCells(runs: readonly NemQuality[]): Cell[] {
  const kinds = new Set(runs.map(qualityMethod));
  return [kinds.size === 1 ? [...kinds][0]! : 'V'];
}

function registerReadCells({ register, at, quality }: Nem13RegisterRead): Cell[] {
  return [register, at, ...qualityCells(quality)];
}
