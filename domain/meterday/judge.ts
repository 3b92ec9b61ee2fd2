import { type ChannelOutcome, type EstimatedChannel, NO_COUNTS, RECORD_FLAG, type ValidatedChannel } from '../../events/index.ts';
import { type ChannelDay, MOST_SLOTS, makeChannelDay, resetChannelDay } from '../vee/channel-day.ts';
import { estimate } from '../vee/estimate.ts';
import { dayFinding, ruleBit } from '../vee/findings.ts';
import { noHistory } from '../vee/history.ts';
import { awaitsEstimate } from '../vee/hold.ts';
import { markOutage } from '../vee/place.ts';
import { revalidate, validate } from '../vee/validate.ts';
import { u16Column, u32At, u32Column } from './columns.ts';
import type { CloseDay, FinalizeDay } from './command.ts';
import { hasDisputed, isEstimate, outcomeOf, SOURCE } from './effective.ts';
import { slotOf } from './merge.ts';
import { HEAD_SIZE } from './records.ts';
import type { ChannelState, Judgement, OpenDay } from './state.ts';

/** What was found about one channel: the events' form of it, and how the channel stands with it. */
export interface Judged {
  readonly validated: ValidatedChannel;
  /** Only what differs from the estimates so far; undefined when nothing does. */
  readonly estimated: EstimatedChannel | undefined;
  readonly outcome: ChannelOutcome;
  /** Registers contradict an estimate, and no person has spoken about it. */
  readonly disputed: boolean;
}

/** Working columns of the rules, refilled for every channel: nothing is allocated per reading. */
const work = makeChannelDay();
/** Findings before estimation, and the estimates; longer than any day. */
const errors = new Uint32Array(MOST_SLOTS);
const warnings = new Uint32Array(MOST_SLOTS);
const estimates = { estimates: new Uint32Array(MOST_SLOTS), sources: new Uint8Array(MOST_SLOTS), confidence: new Uint8Array(MOST_SLOTS) };

/**
 * Runs validation and estimation over what is recorded of a channel. Edits count as they stand.
 * @param closing by which policy, when, and what the schedule knows of the day
 */
export function judgeChannel(
  day: OpenDay,
  channel: ChannelState,
  { policy, history, disconnected = [], hold, at }: CloseDay | FinalizeDay,
): Judged {
  const { slots } = day;
  fill(work, day, channel);
  work.asOf = Math.floor(at / 1000);
  if (disconnected.length > 0) work.disconnected = disconnected.map((span) => slotsWithin(day, span));
  validate(work, policy);
  errors.set(work.errors);
  warnings.set(work.warnings);
  let inputs = '';
  if (wantsEstimates(work)) {
    ({ inputs } = estimate(work, history?.[channel.channel] ?? noHistory(weekdayOf(day.frame.day)), policy));
    revalidate(work, policy);
    for (let slot = 0; slot < slots; slot++) warnings[slot]! |= work.warnings[slot]!;
  }
  settle(work, errors, warnings);
  takeEstimates(work, channel, slots);
  const { dayErrors, dayWarnings, bracket } = work;
  const judged = { errors, warnings, dayErrors, dayWarnings, bracket, ...estimates };
  const layers = { ...channel, judged };
  return {
    validated: findings(channel.channel, judged, slots),
    estimated: differences(channel, judged, inputs, slots),
    outcome: outcomeOf(layers, slots, hold),
    disputed: hasDisputed(layers, slots),
  };
}

/** Slots that lie in a span as a whole. */
function slotsWithin({ frame }: OpenDay, { from, until }: { readonly from: number; readonly until: number }) {
  const step = frame.minutes * 60;
  return { from: Math.ceil((from - frame.start) / step), until: Math.floor((until - frame.start) / step) };
}

function wantsEstimates(work: ChannelDay): boolean {
  for (let slot = 0; slot < work.n; slot++) if (awaitsEstimate(work, slot)) return true;
  return false;
}

/** Between registers that the measurements contradict and the estimates do not, nothing is wrong any more. */
const MENDED_BY_ESTIMATES = ruleBit('V15');

/** Errors are what holds a measurement or made an estimate take its place; what a register proves all the same is a warning. */
function settle(work: ChannelDay, errors: Uint32Array, warnings: Uint32Array): void {
  for (let slot = 0; slot < work.n; slot++) {
    const source = work.sources[slot]!;
    const found = (errors[slot]! | work.errors[slot]!) >>> 0;
    if (found === 0) continue;
    const holds = source === SOURCE.held || isEstimate(source);
    const error = holds ? (found & ~(MENDED_BY_ESTIMATES & ~work.errors[slot]!)) >>> 0 : 0;
    errors[slot] = error;
    warnings[slot]! |= found & ~error;
  }
}

/** A channel as it is recorded, laid out for the rules. Edits count as they stand. */
export function fill(work: ChannelDay, day: OpenDay, channel: ChannelState): void {
  const { frame, slots } = day;
  const { asset, capacity, registerBefore, perCount } = channel;
  resetChannelDay(work, { start: frame.start, end: frame.end, minutes: frame.minutes, asset, capacity, registerBefore });
  work.whPerCount = perCount;
  if (channel.offGrid) work.dayErrors = dayFinding(work.dayErrors, 'V02');
  work.counts.set(channel.counts);
  fillRegisters(work, day, channel);
  work.flags.set(channel.flags);
  work.annotations.set(channel.annotations);
  for (let slot = 0; slot < slots; slot++) {
    if (channel.counts[slot] !== NO_COUNTS) work.sources[slot] = SOURCE.measured;
    if (channel.flags[slot]! & RECORD_FLAG.outage) work.outage[slot] = 2;
    if (channel.flags[slot]! & RECORD_FLAG.reset) work.newRegister[slot] = 1;
  }
  for (const { slot, counts } of channel.versions) if (counts !== NO_COUNTS) work.conflicts[slot]!++;
  for (const { from, until } of day.outages) markOutage(work, from, until);
  layEdits(work, channel, slots);
}

/**
 * Registers as the meter said them, at the ends of its frames: those in between were walked back from them, and prove nothing.
 * At the day's end a frame may reach over midnight.
 */
function fillRegisters(work: ChannelDay, { frame, slots }: OpenDay, { registers, heads }: ChannelState): void {
  if (heads.length === 0) {
    work.registers.set(registers);
    return;
  }
  for (let at = 0; at < heads.length; at += HEAD_SIZE) {
    const slot = slotOf(frame, slots, u32At(heads, at / 4));
    if (slot >= 0) work.registers[slot] = registers[slot]!;
  }
  work.registers[slots - 1] = registers[slots - 1]!;
}

/** What a person set by hand is a value like a measured one to the rules; an estimate by a person waits for a measurement. */
function layEdits(work: ChannelDay, { edited }: ChannelState, slots: number): void {
  if (edited === undefined) return;
  for (let slot = 0; slot < slots; slot++) {
    if (edited.edit[slot] === 0) continue;
    const source = edited.sources[slot]!;
    if (isEstimate(source) && work.counts[slot] !== NO_COUNTS) continue;
    work.counts[slot] = edited.counts[slot]!;
    work.sources[slot] = source;
    work.confidence[slot] = edited.confidence[slot]!;
  }
}

function takeEstimates(work: ChannelDay, { edited }: ChannelState, slots: number): void {
  for (let slot = 0; slot < slots; slot++) {
    const source = work.sources[slot]!;
    const made = isEstimate(source) && (edited?.edit[slot] ?? 0) === 0;
    estimates.estimates[slot] = made ? work.counts[slot]! : NO_COUNTS;
    estimates.sources[slot] = made ? source : 0;
    estimates.confidence[slot] = made ? work.confidence[slot]! : 0;
  }
}

function findings(channel: number, judged: Judgement, n: number): ValidatedChannel {
  const { errors, warnings, dayErrors, dayWarnings, bracket } = judged;
  const slots: number[] = [];
  for (let slot = 0; slot < n; slot++) if (errors[slot] !== 0 || warnings[slot] !== 0) slots.push(slot);
  return {
    channel,
    slots: u16Column(slots),
    errors: u32Column(slots.map((slot) => errors[slot]!)),
    warnings: u32Column(slots.map((slot) => warnings[slot]!)),
    ...{ dayErrors, dayWarnings, bracket },
  };
}

function differences({ channel, judged: before }: ChannelState, after: Judgement, inputs: string, n: number): EstimatedChannel | undefined {
  const { estimates, sources, confidence } = after;
  const slots: number[] = [];
  for (let slot = 0; slot < n; slot++) {
    const known = before?.estimates[slot] ?? NO_COUNTS;
    const same = known === estimates[slot] && (before?.sources[slot] ?? 0) === sources[slot];
    if (!same || (before?.confidence[slot] ?? 0) !== confidence[slot]) slots.push(slot);
  }
  if (slots.length === 0) return undefined;
  return {
    channel,
    slots: u16Column(slots),
    counts: u32Column(slots.map((slot) => estimates[slot]!)),
    sources: Uint8Array.from(slots, (slot) => sources[slot]!),
    confidence: Uint8Array.from(slots, (slot) => confidence[slot]!),
    inputs,
  };
}

/** ISO weekday of a local date, 1 = Monday. */
function weekdayOf(day: string): number {
  return new Date(`${day}T00:00:00Z`).getUTCDay() || 7;
}
