import { dateOfEnd, dayStart } from '../calendar.ts';
import type { BlockQuality, ImportedBlock, ImportSink } from '../import.ts';
import type { Problems } from '../problem.ts';
import type { Lane, Slot } from '../slots.ts';
import { SCALED_MARK } from './readings-writer.ts';

const MINUTES_PER_DAY = 1_440;
const INTERVALS = [5, 15, 30];

interface Row {
  readonly slot: Slot;
  readonly line: number;
}

/**
 * Gathers rows to blocks of a UTC day. Rows of one lane stand together and their ends rise, as in what we write; so one
 * lane is in memory at a time, and a slot that is there twice is found.
 */
export class CsvBlocks {
  readonly #sink: ImportSink;
  readonly #problems: Problems;
  readonly #seen = new Set<string>();
  #lane: Lane | undefined;
  #key = '';
  #rows: Row[] = [];

  constructor(sink: ImportSink, problems: Problems) {
    this.#sink = sink;
    this.#problems = problems;
  }

  readonly take = (lane: Lane, slot: Slot, line: number): void => {
    const key = `${lane.usagePoint} ${lane.meterId} ${lane.channel} ${lane.minutes}`;
    if (key !== this.#key) {
      this.end();
      if (this.#seen.has(key))
        this.#problems.add(line, 1, 'rows of this meter and channel stand apart', 'sort the file by meter, channel and end');
      this.#seen.add(key);
      this.#key = key;
      this.#lane = lane;
    }
    if ((this.#rows.at(-1)?.slot.end ?? -1) >= slot.end)
      this.#problems.add(line, 1, 'the interval is not later than the one before', 'sort by end, and keep each interval once');
    else this.#rows.push({ slot, line });
  };

  /** The lane is complete. */
  end(): void {
    const lane = this.#lane;
    const rows = this.#rows;
    this.#lane = undefined;
    this.#key = '';
    this.#rows = [];
    if (lane === undefined || rows.length === 0) return;
    const minutes = lane.minutes === 0 ? this.#smallestDistance(rows) : lane.minutes;
    const off = minutes === undefined ? undefined : rows.find(({ slot }) => slot.end % (minutes * 60) !== 0);
    if (off !== undefined)
      this.#problems.add(off.line, 1, `an end off the grid of ${minutes} minutes`, 'give ends on the grid of the intervals');
    if (minutes === undefined || off !== undefined) return;
    for (const day of Map.groupBy(rows, ({ slot }) => dateOfEnd(slot.end, 0)).values()) this.#sink.block(blockOf(lane, minutes, day));
  }

  /** The plain shape doesn't tell the interval length. */
  #smallestDistance(rows: readonly Row[]): number | undefined {
    const seconds = rows.reduce(
      (least, { slot }, i) => (i === 0 ? least : Math.min(least, slot.end - rows[i - 1]!.slot.end)),
      Number.POSITIVE_INFINITY,
    );
    const minutes = INTERVALS.find((interval) => interval * 60 === seconds);
    if (minutes === undefined)
      this.#problems.add(rows[0]!.line, 1, 'ends of no interval length of 5, 15 or 30 minutes', 'use the shape with a minutes column');
    return minutes;
  }
}

function blockOf({ usagePoint, meterId, channel, unit, minutes: stated }: Lane, minutes: number, rows: readonly Row[]): ImportedBlock {
  const date = dateOfEnd(rows[0]!.slot.end, 0);
  const start = dayStart(date, 0);
  const slots = new Array<Slot | undefined>(MINUTES_PER_DAY / minutes).fill(undefined);
  for (const { slot } of rows) slots[(slot.end - start) / (minutes * 60) - 1] = slot;
  const vocabulary = stated === 0 ? 'none' : 'slot-source';
  const quality: BlockQuality[] = [];
  slots.forEach((slot, i) => {
    const flag = vocabulary === 'none' ? '' : slot === undefined ? 'missing' : `${slot.source}${slot.scaled ? SCALED_MARK : ''}`;
    const reasonText = slot?.edit?.reason ?? '';
    const last = quality.at(-1);
    if (last?.flag === flag && last.reasonText === reasonText) quality[quality.length - 1] = { ...last, last: i };
    else quality.push({ first: i, last: i, flag, method: null, reasonCode: null, reasonText });
  });
  const identity = { line: rows[0]!.line, usagePoint, meter: meterId, register: String(channel), unit };
  return { ...identity, date, start, minutes, values: slots.map((slot) => slot?.energyWh ?? null), quality, vocabulary };
}
