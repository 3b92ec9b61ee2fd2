import { dateOfEnd, dayStart } from '../calendar.ts';
import { formatDecimal } from '../decimal.ts';
import { refused } from '../refused.ts';
import type { Lane, LaneSlots, Slot, Window } from '../slots.ts';
import type { Nem12Channel, Nem12Day, Nem13Read, NemQuality, NemRegister, NemVisitor, QualityRun } from './model.ts';
import { nemUnit } from './units.ts';

const DAY = 86_400;
/** Market time: UTC+10 all year, so every day of a file has 24 hours. @source MDFF NEM12 & NEM13, date and time */
export const MARKET_OFFSET_MINUTES = 600;

const BEGIN_LATER = 'a register needs a reading before the begin: let it begin a day later';

/** How slots become a file. */
export interface NemTerms {
  /** Flag, method and reason of a slot: the caller has the table. */
  readonly quality: (slot: Slot) => NemQuality;
  readonly utcOffsetMinutes: number;
  /** 14 digits. */
  readonly updatedAt: string;
}

const NO_DATA: NemQuality = { flag: 'N', method: null, reasonCode: null, reasonText: '' };
/** First character of the NMI suffix. @source AEMO, National Metering Identifier procedure, data stream suffixes */
const SUFFIX = { Wh: { import: 'E', export: 'B' }, varh: { import: 'Q', export: 'K' }, VAh: { import: 'T', export: 'T' } } as const;
const UNIT = { Wh: 'kWh', varh: 'kVArh', VAh: 'kVAh' } as const;

/** Writes the channels of one usage point (or meter) as 200 and 300 records; slots without data say N. */
export function writeNem12(visitor: NemVisitor, lanes: readonly LaneSlots[], window: Window, terms: NemTerms): void {
  const registers = registersOf(lanes.map(({ lane }) => lane));
  lanes.forEach(({ lane, slots }, i) => {
    const channel: Nem12Channel = { ...registers[i]!, minutes: lane.minutes };
    visitor.channel(channel, 0);
    for (const day of daysOf(lane, slots, window, terms)) visitor.day(day, 0);
  });
}

/** Writes one read per channel over the whole window. A channel without a register at both ends can't be told this way. */
export function writeNem13(visitor: NemVisitor, lanes: readonly LaneSlots[], window: Window, terms: NemTerms): void {
  const registers = registersOf(lanes.map(({ lane }) => lane));
  lanes.forEach(({ lane, slots }, i) => {
    visitor.read(readOf(registers[i]!, lane, [...slots], window, terms), 0);
  });
}

function* daysOf(lane: Lane, slots: Iterable<Slot>, window: Window, terms: NemTerms): Generator<Nem12Day> {
  const byEnd = new Map<number, Slot>();
  for (const slot of slots) byEnd.set(slot.end, slot);
  const step = lane.minutes * 60;
  for (let start = window.from; start < window.until; start += DAY) {
    const values: (number | null)[] = [];
    const quality: QualityRun[] = [];
    for (let end = start + step; end <= start + DAY; end += step) {
      const slot = byEnd.get(end);
      const of = slot === undefined || slot.energyWh === null ? NO_DATA : terms.quality(slot);
      extend(quality, values.length, of);
      values.push(of.flag === 'N' ? null : slot!.energyWh);
    }
    const date = dateOfEnd(start + DAY, terms.utcOffsetMinutes);
    if (dayStart(date, terms.utcOffsetMinutes) !== start) throw refused('a NEM12 file has whole days of market time');
    yield { date, values, quality, updatedAt: terms.updatedAt, loadedAt: '', transactions: [] };
  }
}

function extend(runs: QualityRun[], slot: number, quality: NemQuality): void {
  const last = runs.at(-1);
  const same = last !== undefined && (['flag', 'method', 'reasonCode', 'reasonText'] as const).every((key) => last[key] === quality[key]);
  if (same) runs[runs.length - 1] = { ...last, last: slot };
  else runs.push({ first: slot, last: slot, ...quality });
}

function readOf(register: NemRegister, lane: Lane, slots: readonly Slot[], window: Window, terms: NemTerms): Nem13Read {
  const current = slots.at(-1);
  const [first] = slots;
  const step = lane.minutes * 60;
  const channel = `${lane.meterId} channel ${lane.channel}`;
  if (first?.end !== window.from + step)
    throw refused(`${channel}: no reading at the begin of the window, so no register difference; ${BEGIN_LATER}`);
  if (current?.end !== window.until)
    throw refused(`${channel}: no reading at the end of the window, so no register difference; let it end a day sooner`);
  // Before an estimate nobody knows what the register said.
  const measured = first.source === 'measured' ? first.energyWh : null;
  const before = (first.register ?? Number.NaN) - (measured ?? Number.NaN);
  const quantity = (current.register ?? Number.NaN) - before;
  if (!(before >= 0)) throw refused(`${channel}: the register is not known where the window begins; ${BEGIN_LATER}`);
  if (!(quantity >= 0)) throw refused(`${channel}: the register is not known where the window ends; let it end a day sooner`);
  const at = (instant: number) => stampAt(instant, terms.utcOffsetMinutes);
  const actual = terms.quality({ ...current, source: 'measured' });
  return {
    ...register,
    direction: lane.direction === 'import' ? 'E' : 'I',
    previous: { register: formatDecimal(before, register.unit.decimals), at: at(window.from), quality: actual },
    current: { register: formatDecimal(before + quantity, register.unit.decimals), at: at(window.until), quality: actual },
    quantity,
    updatedAt: terms.updatedAt,
    loadedAt: '',
    transactions: [],
  };
}

/** @param instant UTC seconds @returns 14 digits at the fixed offset */
export function stampAt(instant: number, utcOffsetMinutes: number): string {
  return new Date((instant + utcOffsetMinutes * 60) * 1000).toISOString().slice(0, 19).replaceAll(/[-T:]/g, '');
}

function registersOf(lanes: readonly Lane[]): NemRegister[] {
  const suffixes = lanes.map(({ unit, direction }, i) => {
    const same = lanes.slice(0, i).filter((before) => before.unit === unit && before.direction === direction).length;
    return `${SUFFIX[unit][direction]}${same + 1}`;
  });
  return lanes.map(({ usagePoint, meterId, channel, unit }, i) => ({
    nmi: usagePoint,
    configuration: suffixes.join(''),
    registerId: String(channel),
    suffix: suffixes[i]!,
    // Net active energy; reactive channels have no stream of their own.
    stream: unit === 'Wh' ? `N${suffixes[i]!.slice(1)}` : '',
    serial: meterId,
    unit: nemUnit(UNIT[unit])!,
    nextRead: '',
  }));
}
