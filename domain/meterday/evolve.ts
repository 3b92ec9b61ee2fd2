import type {
  DayOutcome,
  DayResealed,
  DomainEvent,
  EstimatedChannel,
  MeterDayEvent,
  ReadingsCollected,
  SlotsEdited,
  ValidatedChannel,
} from '../../events/index.ts';
import { NO_COUNTS } from '../../events/index.ts';
import { u16At, u32At } from './columns.ts';
import { editLayer } from './edit-layer.ts';
import { mergeRecords, noJudgement, openChannel } from './merge.ts';
import type { MeterDayState, OpenDay } from './state.ts';

/** Why a final day is stated again when nobody asked for it. */
export const LATE_DATA = 'late-data';

export const initial: MeterDayState = { status: 'empty' };

/** Folds one event, in place but for the first. What it doesn't know changes nothing. */
export function evolve(state: MeterDayState, event: DomainEvent): MeterDayState {
  if (event.type === 'DayResealed') return resealed(state, event.data);
  if (state.status === 'empty') return event.type === 'ReadingsCollected' ? collect(openDay(event.data), event.data) : state;
  return evolveOpen(state, event as MeterDayEvent);
}

function evolveOpen(day: OpenDay, event: MeterDayEvent): OpenDay {
  switch (event.type) {
    case 'ReadingsCollected':
      return collect(day, event.data);
    case 'DayVerified':
      day.verified = event.data;
      day.stale = true;
      return day;
    case 'ProfileChainBroken':
    case 'SealMismatch':
      day.faults.push(event.data);
      day.stale = true;
      return day;
    case 'DayValidated':
      day.policy = event.data.policy;
      day.stale = false;
      for (const channel of event.data.channels) validated(day, channel);
      return day;
    case 'SlotsEstimated':
      for (const channel of event.data.channels) estimated(day, channel);
      return day;
    case 'EditProposed':
      day.proposals.set(event.data.edit, event.data);
      day.lastEdit = Math.max(day.lastEdit, event.data.edit);
      return day;
    case 'EditRejected':
      day.proposals.delete(event.data.edit);
      return day;
    case 'SlotsEdited':
      return edited(day, event.data);
    case 'DayProvisional':
      return stands(day, event.data, day.final);
    case 'DayFinalized':
    case 'DayRestated':
      return stands(day, event.data, true);
    case 'DaySettled':
      day.settled.set(event.data.run, event.data.revision);
      return day;
    default:
      return day;
  }
}

/** What a final day said before it was cut stays in force until it is stated again. */
function resealed(before: MeterDayState, { frame, history, reason }: DayResealed): MeterDayState {
  let again: MeterDayState = initial;
  for (const past of history) again = evolve(again, past);
  if (again.status === 'empty') return again;
  again.frame = frame;
  again.stale ||= again.outcome === undefined;
  again.cause = reason;
  if (before.status === 'empty') return again;
  again.revision = Math.max(again.revision, before.revision);
  again.outcome ??= before.outcome;
  again.final ||= before.final;
  return again;
}

function openDay({ frame }: ReadingsCollected): OpenDay {
  return {
    status: 'open',
    frame,
    slots: Math.round((frame.end - frame.start) / (frame.minutes * 60)),
    channels: [],
    through: new Map(),
    homes: [],
    seals: [],
    outages: [],
    verified: undefined,
    faults: [],
    policy: '',
    stale: true,
    edits: [],
    proposals: new Map(),
    lastEdit: 0,
    outcome: undefined,
    revision: 0,
    cause: LATE_DATA,
    final: false,
    settled: new Map(),
  };
}

function collect(day: OpenDay, readings: ReadingsCollected): OpenDay {
  const { segment, version, since = 0 } = readings.through;
  let home = day.homes.findIndex((known) => known.segment === segment && known.since === since);
  if (home < 0) home = day.homes.push({ segment, since }) - 1;
  for (const collected of readings.channels) {
    let channel = day.channels[collected.channel];
    if (channel === undefined) {
      channel = openChannel(collected, day.slots);
      day.channels[collected.channel] = channel;
    }
    mergeRecords(day, channel, collected, home);
  }
  day.through.set(segment, Math.max(version, day.through.get(segment) ?? -1));
  if (readings.seals.length > 0) day.seals = [...day.seals, ...readings.seals];
  if (readings.outages.length > 0) day.outages = [...day.outages, ...readings.outages];
  day.stale = true;
  return day;
}

function validated(day: OpenDay, found: ValidatedChannel): void {
  const channel = day.channels[found.channel];
  if (channel === undefined) return;
  const judged = channel.judged ?? noJudgement(day.slots);
  judged.errors.fill(0);
  judged.warnings.fill(0);
  for (let i = 0; i < found.slots.length / 2; i++) {
    judged.errors[u16At(found.slots, i)] = u32At(found.errors, i);
    judged.warnings[u16At(found.slots, i)] = u32At(found.warnings, i);
  }
  const { dayErrors, dayWarnings, bracket } = found;
  channel.judged = { ...judged, dayErrors, dayWarnings, bracket };
}

function estimated(day: OpenDay, found: EstimatedChannel): void {
  const channel = day.channels[found.channel];
  if (channel === undefined) return;
  channel.judged ??= noJudgement(day.slots);
  const { estimates, sources, confidence } = channel.judged;
  for (let i = 0; i < found.sources.length; i++) {
    const slot = u16At(found.slots, i);
    const counts = u32At(found.counts, i);
    estimates[slot] = counts;
    sources[slot] = counts === NO_COUNTS ? 0 : found.sources[i]!;
    confidence[slot] = counts === NO_COUNTS ? 0 : found.confidence[i]!;
  }
}

function edited(day: OpenDay, edit: SlotsEdited & { readonly approvedBy?: string }): OpenDay {
  day.proposals.delete(edit.edit);
  day.lastEdit = Math.max(day.lastEdit, edit.edit);
  day.edits.push(edit);
  const channel = day.channels[edit.channel];
  if (channel !== undefined) channel.edited = editLayer(day.edits, edit.channel, day.slots);
  return day;
}

/** What one count is worth is part of how a day stands: a corrected multiplier shows here first. */
function stands(day: OpenDay, outcome: DayOutcome, final: boolean): OpenDay {
  const { revision, channels, held, at } = outcome;
  day.outcome = { revision, channels, held, at };
  day.revision = revision;
  day.cause = LATE_DATA;
  day.final = final;
  for (const { channel, perCount } of channels) {
    const known = day.channels[channel];
    if (known !== undefined) known.perCount = perCount;
  }
  return day;
}
