import type {
  CollectedChannel,
  DayFrame,
  EstimatedChannel,
  MeterDayEvent,
  ProfileFault,
  SlotsEdited,
  ValidatedChannel,
} from '../../events/index.ts';
import { u16At, u16Column } from './columns.ts';
import { HEAD_SIZE, RECORD_SIZE, recordEnd, recordRegister } from './records.ts';

/**
 * The history of a day as it belongs to another frame of the same day: records and slots outside are left out, slots are numbered
 * anew. How the day stood is kept where the frame has the same bounds and dropped where it has not: then energy has moved.
 */
export function cutHistory(history: readonly MeterDayEvent[], frame: DayFrame): MeterDayEvent[] {
  const flat = history.flatMap((event) => (event.type === 'DayResealed' ? event.data.history : [event]));
  const first = flat.find((event) => event.type === 'ReadingsCollected');
  if (first === undefined) return [];
  const from = first.data.frame;
  const shift = (frame.start - from.start) / (frame.minutes * 60);
  const slots = (frame.end - frame.start) / (frame.minutes * 60);
  const whole = shift === 0 && frame.end === from.end;
  return flat.flatMap((event) => cutEvent(event, frame, { shift, slots, whole }));
}

interface Cut {
  /** Slots left out at the front. */
  readonly shift: number;
  readonly slots: number;
  readonly whole: boolean;
}

function cutEvent(event: MeterDayEvent, frame: DayFrame, cut: Cut): MeterDayEvent[] {
  switch (event.type) {
    case 'ReadingsCollected': {
      const channels = event.data.channels.map((channel) => (cut.whole ? channel : cutChannel(channel, frame)));
      return [{ ...event, data: { ...event.data, frame, channels } }];
    }
    case 'ProfileChainBroken':
    case 'SealMismatch':
      return cutFault(event.data, frame).map((data) => ({ ...event, data }));
    case 'DayValidated':
      return [{ ...event, data: { ...event.data, channels: event.data.channels.map((found) => cutFindings(found, cut)) } }];
    case 'SlotsEstimated':
      return [{ ...event, data: { ...event.data, channels: event.data.channels.map((found) => cutEstimates(found, cut)) } }];
    case 'EditProposed':
    case 'SlotsEdited':
      return [{ ...event, data: cutEdit(event.data, cut) }];
    case 'DayProvisional':
    case 'DayFinalized':
    case 'DayRestated':
    case 'DaySettled':
      return cut.whole ? [event] : [];
    case 'DayVerified':
    case 'EditRejected':
      return [event];
    case 'DayResealed':
      return [];
  }
}

function cutChannel(channel: CollectedChannel, { start, end }: DayFrame): CollectedChannel {
  const { records, annotations, heads } = channel;
  const places = indexes(records.length / RECORD_SIZE);
  const kept = places.filter((i) => recordEnd(records, i) > start && recordEnd(records, i) <= end);
  const before = places.find((i) => recordEnd(records, i) === start);
  const keptHeads = indexes(heads.length / HEAD_SIZE).filter((i) => {
    const at = i * HEAD_SIZE;
    const head = (heads[at]! | (heads[at + 1]! << 8) | (heads[at + 2]! << 16) | (heads[at + 3]! << 24)) >>> 0;
    return head > start && head <= end;
  });
  return {
    ...channel,
    records: picked(records, RECORD_SIZE, kept),
    annotations: picked(annotations, 4, kept),
    heads: picked(heads, HEAD_SIZE, keptHeads),
    registerBefore: before === undefined ? channel.registerBefore : recordRegister(records, before),
  };
}

function cutFault(fault: ProfileFault, { start, end }: DayFrame): ProfileFault[] {
  const from = Math.max(fault.from, start);
  const until = Math.min(fault.until, end);
  return from < until ? [{ ...fault, from, until }] : [];
}

/** A bracket over another span is another bracket: it is found again when the day is judged. */
function cutFindings(found: ValidatedChannel, cut: Cut): ValidatedChannel {
  if (cut.whole) return found;
  const { kept, slots } = keptSlots(found.slots, cut);
  const columns = { errors: picked(found.errors, 4, kept), warnings: picked(found.warnings, 4, kept) };
  return { ...found, slots, ...columns, dayErrors: 0, dayWarnings: 0, bracket: -1 };
}

function cutEstimates(found: EstimatedChannel, cut: Cut): EstimatedChannel {
  const { kept, slots } = keptSlots(found.slots, cut);
  return { ...found, slots, ...cutValues(found, kept) };
}

function cutEdit<E extends SlotsEdited>(edit: E, cut: Cut): E {
  const { kept, slots } = keptSlots(edit.slots, cut);
  return { ...edit, slots, ...cutValues(edit, kept) };
}

type ValueColumns = Pick<EstimatedChannel, 'counts' | 'sources' | 'confidence'>;

function cutValues({ counts, sources, confidence }: ValueColumns, kept: readonly number[]): ValueColumns {
  return { counts: picked(counts, 4, kept), sources: picked(sources, 1, kept), confidence: picked(confidence, 1, kept) };
}

function keptSlots(column: Uint8Array, { shift, slots }: Cut): { kept: number[]; slots: Uint8Array } {
  const kept = indexes(column.length / 2).filter((i) => u16At(column, i) >= shift && u16At(column, i) < shift + slots);
  return { kept, slots: u16Column(kept.map((i) => u16At(column, i) - shift)) };
}

function picked(column: Uint8Array, width: number, places: readonly number[]): Uint8Array {
  const out = new Uint8Array(places.length * width);
  for (const [n, i] of places.entries()) out.set(column.subarray(i * width, (i + 1) * width), n * width);
  return out;
}

function indexes(length: number): number[] {
  return Array.from({ length }, (_, i) => i);
}
