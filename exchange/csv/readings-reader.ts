import { SLOT_SOURCES, type SlotSource } from '../../events/index.ts';
import { isDate } from '../calendar.ts';
import { parseDecimal } from '../decimal.ts';
import type { LineSink } from '../lines.ts';
import { type Problems, quoted } from '../problem.ts';
import type { Lane, Slot } from '../slots.ts';
import { parseRow, type ReadCell } from './cells.ts';
import { FULL, PLAIN, SCALED_MARK } from './readings-writer.ts';

/** `minutes` is 0 in the plain shape, which doesn't tell. */
export type TakeRow = (lane: Lane, slot: Slot, line: number) => void;

/** Reads the two shapes of `readings-writer.ts`, row by row. Only rows without a problem are handed out. */
export class CsvReadingsReader implements LineSink {
  readonly #take: TakeRow;
  readonly #problems: Problems;
  #shape: typeof PLAIN | typeof FULL | 'unknown' | undefined;

  constructor(take: TakeRow, problems: Problems) {
    this.#take = take;
    this.#problems = problems;
  }

  line(number: number, text: string | null): void {
    if (text === null) this.#shape ??= 'unknown';
    if (text === null || text.trim() === '' || this.#shape === 'unknown') return;
    const cells = parseRow(text);
    if (typeof cells === 'number') this.#problems.add(number, cells, 'quotes that don’t match', 'double every quote inside a quoted cell');
    if (this.#shape === undefined) this.#begin(number, typeof cells === 'number' ? [] : cells);
    else if (typeof cells !== 'number') this.#row(number, cells, this.#shape);
  }

  end(): void {
    if (this.#shape === undefined) this.#problems.add(1, 1, 'the file is empty', 'get it again');
  }

  #begin(number: number, cells: readonly ReadCell[]): void {
    const names = cells.map(({ text }) => text.trim()).join(',');
    this.#shape = [PLAIN, FULL].find((shape) => shape.join(',') === names) ?? 'unknown';
    if (this.#shape === 'unknown')
      this.#problems.add(number, 1, 'columns of no known shape', `begin with ${PLAIN.join(',')} or ${FULL.join(',')}`);
  }

  #row(number: number, cells: readonly ReadCell[], shape: typeof PLAIN | typeof FULL): void {
    if (cells.length !== shape.length) {
      this.#problems.add(number, cells.at(-1)!.column, `${cells.length} cells`, `give ${shape.length}, as the first line names them`);
      return;
    }
    const parsed = new Cells(number, cells, this.#problems);
    const { lane, slot } = shape === PLAIN ? plainRow(parsed) : fullRow(parsed);
    if (!parsed.bad) this.#take(lane, slot, number);
  }
}

interface Row {
  readonly lane: Lane;
  readonly slot: Slot;
}

function plainRow(cells: Cells): Row {
  const meterId = cells.pattern(0, /^\S{1,64}$/, 'write the id of the meter');
  const lane: Lane = { usagePoint: '', meterId, channel: cells.channel(1), direction: 'import', unit: 'Wh', minutes: 0 };
  const bare = { source: 'measured', scaled: false, confidence: 100, revision: 0, final: false, register: null, edit: null } as const;
  return { lane, slot: { end: cells.end(2), energyWh: cells.integer(3), ...bare } };
}

function fullRow(cells: Cells): Row {
  const lane: Lane = {
    usagePoint: cells.text(0),
    meterId: cells.pattern(1, /^\S{1,64}$/, 'write the id of the meter'),
    channel: cells.channel(2),
    direction: cells.oneOf(3, ['import', 'export']),
    unit: cells.oneOf(4, ['Wh', 'varh', 'VAh']),
    minutes: Number(cells.oneOf(6, ['5', '15', '30'])),
  };
  const quality = cells.text(8);
  const scaled = quality.endsWith(SCALED_MARK);
  const source: SlotSource = cells.oneOf(8, SLOT_SOURCES, scaled ? quality.slice(0, -SCALED_MARK.length) : quality);
  const energyWh = (source === 'missing' || source === 'held') && cells.text(7) === '' ? null : cells.integer(7);
  if (quality === 'missing' && energyWh !== null)
    cells.fault(7, 'a value and quality missing', 'leave the value empty, or say where it comes from');
  const number = cells.optional(12);
  const edit = number === null ? null : { number, reason: cells.text(13) };
  if (number === null && cells.text(13) !== '') cells.fault(13, 'a reason without an edit', 'give the number of the edit');
  const final = cells.oneOf(14, ['final', 'provisional']) === 'final';
  const rest = { confidence: cells.integer(9) ?? 0, register: cells.optional(10), revision: cells.integer(11) ?? 0, final, edit };
  return { lane, slot: { end: cells.end(5), energyWh, source, scaled, ...rest } };
}

/** Cells of one row, each read by what it has to be. */
class Cells {
  bad = false;
  readonly #line: number;
  readonly #cells: readonly ReadCell[];
  readonly #problems: Problems;

  constructor(line: number, cells: readonly ReadCell[], problems: Problems) {
    this.#line = line;
    this.#cells = cells;
    this.#problems = problems;
  }

  text(i: number): string {
    return this.#cells[i]!.text;
  }

  fault(i: number, reason: string, remedy: string): void {
    this.bad = true;
    this.#problems.add(this.#line, this.#cells[i]!.column, reason, remedy);
  }

  pattern(i: number, pattern: RegExp, remedy: string): string {
    const text = this.text(i);
    if (!pattern.test(text)) this.fault(i, quoted(text), remedy);
    return text;
  }

  oneOf<T extends string>(i: number, allowed: readonly T[], text: string = this.text(i)): T {
    const value = allowed.find((candidate) => candidate === text);
    if (value === undefined) this.fault(i, quoted(text), `write one of ${allowed.join(', ')}`);
    return value ?? allowed[0]!;
  }

  channel(i: number): number {
    return Number(this.pattern(i, /^(?:\d|[1-9]\d|1\d\d|2[0-4]\d|25[0-5])$/, 'write the number of the channel, from 0'));
  }

  integer(i: number): number | null {
    const value = parseDecimal(this.text(i), 0);
    if (typeof value === 'number') return value;
    this.fault(
      i,
      value === 'empty' ? 'no value' : `${quoted(this.text(i))} is ${FAULT[value]}`,
      'write whole units, digits only: nothing is rounded here',
    );
    return null;
  }

  optional(i: number): number | null {
    return this.text(i) === '' ? null : this.integer(i);
  }

  /** UTC seconds. */
  end(i: number): number {
    const text = this.text(i);
    const match = /^(\d{4})-(\d\d)-(\d\d)T(?:[01]\d|2[0-3]):[0-5]\d(?::00)?Z$/.exec(text);
    if (match !== null && isDate(Number(match[1]), Number(match[2]), Number(match[3]))) return Date.parse(text) / 1000;
    this.fault(i, `${quoted(text)} is no instant`, 'write the end of the interval in UTC, e.g. 2013-06-01T00:30Z');
    return 0;
  }
}

const FAULT = { 'not-a-number': 'not a number', negative: 'negative', 'too-fine': 'not whole', 'too-large': 'too large' } as const;
