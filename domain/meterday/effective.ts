import { type ChannelOutcome, NO_COUNTS, SCALED, SLOT_SOURCES, type SlotSource } from '../../events/index.ts';
import { inDispute } from '../vee/hold.ts';
import { slotOf } from './merge.ts';
import type { ChannelState, EditLayer, Judgement, OpenDay, SlotView } from './state.ts';

export const SOURCE = Object.fromEntries(SLOT_SOURCES.map((name, i) => [name, i])) as Readonly<Record<SlotSource, number>>;

/** A channel with the judgement and the edits that are to count, which may be newer than the state's. */
export type Layers = Pick<ChannelState, 'channel' | 'asset' | 'perCount' | 'counts'> & {
  readonly judged: Judgement | undefined;
  readonly edited: EditLayer | undefined;
};

/**
 * One slot as it counts, into `view`. A person's word stands above all but an estimate by a person, which gives way to a billable
 * measurement like any other estimate.
 * @param hold false = findings don't hold anything (proof harness)
 */
export function viewSlot({ counts, judged, edited }: Layers, slot: number, hold: boolean, view: SlotView): void {
  const measured = counts[slot]!;
  const failed = hold && judged !== undefined && judged.errors[slot] !== 0;
  const billable = measured !== NO_COUNTS && !failed;
  view.confidence = 100;
  view.edited = false;
  if (edited !== undefined && edited.edit[slot] !== 0 && !(billable && isEstimate(edited.sources[slot]!))) {
    view.counts = edited.counts[slot]!;
    view.source = edited.sources[slot]!;
    view.confidence = edited.confidence[slot]!;
    view.edited = true;
  } else if (billable) {
    view.counts = measured;
    view.source = SOURCE.measured;
  } else if (judged !== undefined && judged.estimates[slot] !== NO_COUNTS) {
    view.counts = judged.estimates[slot]!;
    view.source = judged.sources[slot]!;
    view.confidence = judged.confidence[slot]!;
  } else {
    view.counts = NO_COUNTS;
    view.source = measured === NO_COUNTS ? SOURCE.missing : SOURCE.held;
    view.confidence = 0;
  }
}

export const emptyView = (): SlotView => ({ counts: NO_COUNTS, source: 0, confidence: 0, edited: false });

/** An estimate by a method, not by hand. */
export function isEstimate(source: number): boolean {
  return isMethod(source) && (source & ~SCALED) !== SOURCE.E11;
}

/** An estimate, by whatever method or hand: neither measured nor none. */
export function isMethod(source: number): boolean {
  const method = source & ~SCALED;
  return method >= SOURCE.E0 && method < SLOT_SOURCES.length;
}

const view = emptyView();

export function outcomeOf(layers: Layers, slots: number, hold: boolean): ChannelOutcome {
  const { asset, channel, perCount } = layers;
  const tally = { measured: 0, estimated: 0, edited: 0, held: 0, missing: 0 };
  let counts = 0;
  for (let slot = 0; slot < slots; slot++) {
    viewSlot(layers, slot, hold, view);
    if (view.counts !== NO_COUNTS) counts += view.counts;
    if (view.edited) tally.edited++;
    else if (view.source === SOURCE.measured) tally.measured++;
    else if (view.source === SOURCE.missing) tally.missing++;
    else if (view.source === SOURCE.held) tally.held++;
    else tally.estimated++;
  }
  return { channel, direction: asset.direction, unit: asset.unit, perCount, energyWh: counts * perCount, ...tally };
}

/**
 * Whether the day contradicts itself: a slot that failed, a register that disagrees, a profile that was altered.
 * @param disputed whether a channel has estimates that its registers contradict
 */
export function contradicts(
  day: OpenDay,
  channels: readonly (Layers | undefined)[],
  outcomes: readonly ChannelOutcome[],
  disputed: boolean,
): boolean {
  if (disputed || outcomes.some(({ held }) => held > 0)) return true;
  return day.faults.some((fault) => !settledByHand(day, channels[fault.channel], fault));
}

/** Whether there is an estimate that registers contradict and about which no person has spoken. */
export function hasDisputed(layers: Layers, slots: number): boolean {
  const { judged } = layers;
  if (judged === undefined) return false;
  for (let slot = 0; slot < slots; slot++) {
    if (judged.estimates[slot] === NO_COUNTS || !inDispute(judged.errors[slot]!)) continue;
    viewSlot(layers, slot, true, view);
    if (!view.edited && isEstimate(view.source)) return true;
  }
  return false;
}

/** A person has spoken about every slot of the span. */
function settledByHand(day: OpenDay, layers: Layers | undefined, span: { readonly from: number; readonly until: number }): boolean {
  if (layers?.edited === undefined) return false;
  const step = day.frame.minutes * 60;
  let slots = 0;
  for (let end = span.from + step; end <= span.until; end += step) {
    const slot = slotOf(day.frame, day.slots, end);
    if (slot < 0) continue;
    if (layers.edited.edit[slot] === 0) return false;
    slots++;
  }
  return slots > 0;
}

export function sameOutcome(a: readonly ChannelOutcome[], b: readonly ChannelOutcome[]): boolean {
  if (a.length !== b.length) return false;
  return a.every((one, i) => {
    const other = b[i]!;
    return FIELDS.every((field) => one[field] === other[field]);
  });
}

const FIELDS = ['channel', 'direction', 'unit', 'perCount', 'energyWh', 'measured', 'estimated', 'edited', 'held', 'missing'] as const;
