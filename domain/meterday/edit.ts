import { JoulekeepError, type MeterDayEvent, NO_COUNTS, SCALED, SLOT_SOURCES, type SlotsEdited } from '../../events/index.ts';
import { u16At, u16Column, u32At, u32Column } from './columns.ts';
import type { AcceptSlots, AgreeReading, EditValues, EstimateSlots, MeterDayCommand, UndoEdit } from './command.ts';
import { editLayer } from './edit-layer.ts';
import { emptyView, isEstimate, type Layers, SOURCE, viewSlot } from './effective.ts';
import { standingOf, stated } from './outcome.ts';
import type { ChannelState, OpenDay } from './state.ts';

type Edit = EstimateSlots | AcceptSlots | EditValues | AgreeReading;

const MOST_COUNTS = 0xffff_fffe;
const KINDS = { EstimateSlots: 'estimate', AcceptSlots: 'accept', EditValues: 'values', AgreeReading: 'agreed' } as const;

/**
 * A person's change. A day that is final waits for a second person (EditProposed), any other takes it at once.
 * @throws ERR_EDIT_INVALID for slots, values or sources the day can't have; ERR_SLOT_BILLABLE for an estimate over a billable
 * measurement; ERR_NOTHING_TO_ACCEPT
 */
export function decideEdit(command: Edit, day: OpenDay): MeterDayEvent[] {
  const channel = channelOf(day, command.channel);
  checkSlots(day, command.slots);
  if (command.reason === '') throw invalid('an edit names its reason');
  const values = valuesOf(command, channel);
  if (command.type === 'EstimateSlots') checkNotBillable(channel, command.slots);
  if (alreadySo(day, channel, command, values)) return [];
  const { reason, note, by, at } = command;
  return record(day, {
    edit: day.lastEdit + 1,
    kind: KINDS[command.type],
    channel: command.channel,
    slots: u16Column(command.slots),
    counts: u32Column(values.counts),
    sources: Uint8Array.from(values.sources),
    confidence: Uint8Array.from(values.confidence),
    ...{ reason, note, by, at },
  });
}

/** Takes an edit back by another event. `[]` when it was. @throws ERR_EDIT_UNKNOWN */
export function decideUndo({ edit, reason, note, by, at }: UndoEdit, day: OpenDay): MeterDayEvent[] {
  const undone = day.edits.find((known) => known.edit === edit);
  if (undone === undefined || undone.kind === 'undo') throw new JoulekeepError('ERR_EDIT_UNKNOWN', `no edit ${edit} is in force`);
  if (day.edits.some(({ undoes }) => undoes === edit)) return [];
  if ([...day.proposals.values()].some(({ undoes }) => undoes === edit)) return [];
  const channel = channelOf(day, undone.channel);
  const taken = { ...undone, edit: day.lastEdit + 1, kind: 'undo' as const, undoes: edit };
  const layers: Layers = { ...channel, edited: editLayer([...day.edits, taken], undone.channel, day.slots) };
  const places = Array.from({ length: undone.sources.length }, (_, i) => u16At(undone.slots, i));
  const view = emptyView();
  const views = places.map((slot) => {
    viewSlot(layers, slot, true, view);
    return { ...view };
  });
  return record(day, {
    edit: taken.edit,
    kind: 'undo',
    channel: undone.channel,
    slots: undone.slots,
    counts: u32Column(views.map(({ counts }) => counts)),
    sources: Uint8Array.from(views, ({ source }) => source),
    confidence: Uint8Array.from(views, ({ confidence }) => confidence),
    undoes: edit,
    ...{ reason, note, by, at },
  });
}

/** @throws ERR_EDIT_UNKNOWN; ERR_SECOND_PERSON when it is the same; ERR_SLOT_BILLABLE when a measurement came meanwhile */
export function decideApproval({ edit, by, at }: Extract<MeterDayCommand, { type: 'ApproveEdit' }>, day: OpenDay): MeterDayEvent[] {
  const proposal = day.proposals.get(edit);
  if (proposal === undefined) {
    if (day.edits.some((known) => known.edit === edit)) return [];
    throw new JoulekeepError('ERR_EDIT_UNKNOWN', `no edit ${edit} waits`);
  }
  if (proposal.by === by) throw new JoulekeepError('ERR_SECOND_PERSON', `edit ${edit} of a final day needs a second person`);
  if (proposal.kind === 'estimate') checkNotBillable(channelOf(day, proposal.channel), slotsOf(proposal));
  return applied(day, { ...proposal, approvedBy: by, at }, by);
}

/** Nothing where nothing waits any more. @throws ERR_OTHERS_EDIT when somebody else proposed it, and `by` may not decide */
export function decideRejection(
  { edit, by, mayDecide, at }: Extract<MeterDayCommand, { type: 'RejectEdit' }>,
  day: OpenDay,
): MeterDayEvent[] {
  const proposal = day.proposals.get(edit);
  if (proposal === undefined) return [];
  if (!mayDecide && proposal.by !== by) throw new JoulekeepError('ERR_OTHERS_EDIT', `edit ${edit} was proposed by somebody else`);
  return [{ type: 'EditRejected', data: { edit, by, at } }];
}

function record(day: OpenDay, edit: SlotsEdited): MeterDayEvent[] {
  return day.final ? [{ type: 'EditProposed', data: edit }] : applied(day, edit, edit.by);
}

/** The edit, and how the day stands with it. */
function applied(day: OpenDay, edit: SlotsEdited & { readonly approvedBy?: string }, by: string): MeterDayEvent[] {
  const layer = editLayer([...day.edits, edit], edit.channel, day.slots);
  const layers = day.channels.map((channel) => (channel?.channel === edit.channel ? { ...channel, edited: layer } : channel));
  const standing = standingOf(day, layers, true);
  const after = day.outcome === undefined ? [] : stated(day, standing, false, { reason: edit.reason, by, at: edit.at });
  return [{ type: 'SlotsEdited', data: edit }, ...after];
}

interface Values {
  readonly counts: readonly number[];
  readonly sources: readonly number[];
  readonly confidence: readonly number[];
}

function valuesOf(command: Edit, channel: ChannelState): Values {
  const all = <T>(value: T) => command.slots.map(() => value);
  switch (command.type) {
    case 'AcceptSlots': {
      const counts = command.slots.map((slot) => channel.counts[slot]!);
      if (counts.includes(NO_COUNTS)) throw new JoulekeepError('ERR_NOTHING_TO_ACCEPT', 'a slot has no measured value');
      return { counts, sources: all(SOURCE.measured), confidence: all(100) };
    }
    case 'EstimateSlots': {
      const { counts, sources, confidence } = command;
      checkValues(counts, command.slots.length);
      if (sources.length !== counts.length || confidence.length !== counts.length) throw invalid('a column is too short');
      if (!sources.every((source) => isEstimate(source) && (source & ~SCALED) < SLOT_SOURCES.length))
        throw invalid('no method of estimation');
      return { counts, sources, confidence };
    }
    case 'EditValues':
    case 'AgreeReading':
      checkValues(command.counts, command.slots.length);
      return { counts: command.counts, sources: all(SOURCE.E11), confidence: all(100) };
  }
}

function alreadySo(day: OpenDay, channel: ChannelState, command: Edit, values: Values): boolean {
  const kind = KINDS[command.type];
  const waits = [...day.proposals.values()].some((proposal) => proposal.kind === kind && sameEdit(proposal, command, values));
  if (waits) return true;
  const { edited } = channel;
  if (edited === undefined) return false;
  return command.slots.every((slot, i) => {
    const stands = edited.edit[slot] !== 0 && edited.counts[slot] === values.counts[i] && edited.sources[slot] === values.sources[i];
    return stands && day.edits.find(({ edit }) => edit === edited.edit[slot])?.kind === kind;
  });
}

function sameEdit(proposal: SlotsEdited, { channel, slots }: Edit, { counts }: Values): boolean {
  if (proposal.channel !== channel || proposal.sources.length !== slots.length) return false;
  return slots.every((slot, i) => u16At(proposal.slots, i) === slot && u32At(proposal.counts, i) === counts[i]);
}

/** An estimate never stands above a billable measurement. */
function checkNotBillable(channel: ChannelState, slots: readonly number[]): void {
  const view = emptyView();
  for (const slot of slots) {
    viewSlot({ ...channel, edited: undefined }, slot, true, view);
    if (view.source === SOURCE.measured) throw new JoulekeepError('ERR_SLOT_BILLABLE', `slot ${slot} has a billable measurement`);
  }
}

function slotsOf(edit: SlotsEdited): number[] {
  return Array.from({ length: edit.sources.length }, (_, i) => u16At(edit.slots, i));
}

function channelOf(day: OpenDay, channel: number): ChannelState {
  const known = day.channels[channel];
  if (known === undefined) throw invalid(`the day has no channel ${channel}`);
  return known;
}

function checkSlots(day: OpenDay, slots: readonly number[]): void {
  const rising = slots.every((slot, i) => Number.isInteger(slot) && slot >= 0 && slot < day.slots && (i === 0 || slot > slots[i - 1]!));
  if (slots.length === 0 || !rising) throw invalid('slots of the day expected, rising');
}

function checkValues(counts: readonly number[], length: number): void {
  const fit = counts.length === length && counts.every((value) => Number.isInteger(value) && value >= 0 && value <= MOST_COUNTS);
  if (!fit) throw invalid('one whole number of counts per slot expected');
}

function invalid(why: string): JoulekeepError {
  return new JoulekeepError('ERR_EDIT_INVALID', why);
}
