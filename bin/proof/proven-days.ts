import { isMethod, outcomeOf, sameOutcome } from '../../domain/meterday/effective.ts';
import { meterDay } from '../../domain/meterday/meterday.ts';
import type { MeterDayState, OpenDay } from '../../domain/meterday/state.ts';
import { type BillStatement, NO_COUNTS } from '../../events/index.ts';
import { isOutcome } from '../../lambdas/bill-proof/day-evidence.ts';
import { localDay, meterDayStream, slotCount } from '../../lambdas/shared/days/local-days.ts';
import type { OpenedCommit } from './open-commits.ts';
import { ProofFault } from './proof-fault.ts';

type Input = BillStatement['inputs'][number];

/** A day as it was billed. */
export interface BilledDay {
  readonly stream: string;
  readonly state: OpenDay;
  /** When its last commit was recorded, UTC ms. */
  readonly recordedAt: number;
}

/**
 * The days that a bill names, each from its own commits: all that there are from its beginning up to the revision that was billed, and
 * nothing besides. @throws ProofFault
 */
export function billedDays({ inputs, period }: BillStatement, commits: readonly OpenedCommit[]): readonly BilledDay[] {
  const byStream = Map.groupBy(commits, ({ envelope }) => envelope.stream);
  const inOrder = inputs.flatMap(({ stream }) => byStream.get(stream) ?? []);
  if (inOrder.length !== commits.length || inOrder.some((commit, i) => commit !== commits[i]))
    throw new ProofFault('streams', 'there are commits of days that the bill does not name, or in another order');
  const days = inputs.map((input) => billedDay(input, byStream.get(input.stream) ?? [], period.accountId));
  for (const parts of Map.groupBy(days, ({ state: { frame } }) => `${frame.meterId} ${frame.day}`).values()) checkParts(parts);
  return days;
}

function billedDay(input: Input, commits: readonly OpenedCommit[], account: string): BilledDay {
  const { stream, revision } = input;
  checkChain(stream, commits);
  const state = stateIn(commits, revision);
  if (state?.outcome?.revision !== revision || !state.final)
    throw new ProofFault('streams', `${stream}: revision ${revision}, which the bill names, is not the last there, or not final`);
  const { meterId, day, part, subject } = state.frame;
  if (subject !== account || meterDayStream(meterId, day, part) !== stream)
    throw new ProofFault('streams', `${stream}: the day is another's than the bill's`);
  checkSpan(stream, state);
  checkEnergy(stream, state);
  return { stream, state, recordedAt: commits.at(-1)!.envelope.recordedAt };
}

/** A day is written as days are, and its intervals fill its part of it: what lies outside, the meter's seal does not cover. */
function checkSpan(stream: string, { frame, slots }: OpenDay): void {
  if (spanFault(frame, slots)) throw new ProofFault('streams', `${stream}: its intervals are not those of the day, or of a part of it`);
}

function spanFault({ day, zone, start, end, minutes }: OpenDay['frame'], slots: number): boolean {
  try {
    const local = localDay(day, zone);
    return local.day !== day || start < local.start || end > local.end || slotCount(start, end, minutes) !== slots;
  } catch (error) {
    if (error instanceof RangeError) return true;
    throw error;
  }
}

/** Parts of a meter's day lie one behind the other, at one interval: of two in one place the seal is held against one alone. */
function checkParts(parts: readonly BilledDay[]): void {
  const frames = parts.map(({ state: { frame } }) => frame).sort((a, b) => a.start - b.start);
  const bad = frames
    .slice(1)
    .some(({ start, minutes, zone }, i) => start < frames[i]!.end || minutes !== frames[i]!.minutes || zone !== frames[i]!.zone);
  if (bad) throw new ProofFault('streams', `${parts[0]!.stream}: parts of the day lie over each other, or have other intervals`);
}

/** From the beginning, or from where the day was sealed again for the account. */
function checkChain(stream: string, commits: readonly OpenedCommit[]): void {
  const [first] = commits;
  if (first === undefined) throw new ProofFault('streams', `${stream}: the bill names it, and none of its commits is here`);
  if (first.envelope.version !== 0 && first.events[0]?.type !== 'DayResealed')
    throw new ProofFault('chain', `${stream}: its beginning is missing`);
  for (const [i, { envelope }] of commits.entries()) {
    const before = commits[i - 1];
    if (before === undefined) continue;
    if (envelope.version !== before.envelope.version + before.envelope.count || !envelope.prev.equals(before.hash))
      throw new ProofFault('chain', `${stream}: the commit at version ${envelope.version} does not continue the one before it`);
  }
}

/** As `provenDay` folds it: up to the outcome that was billed, which must lie in the last commit. */
function stateIn(commits: readonly OpenedCommit[], revision: number): OpenDay | undefined {
  let state: MeterDayState = meterDay.initial;
  for (const { events } of commits.slice(0, -1)) for (const event of events) state = meterDay.evolve(state, event);
  for (const event of commits.at(-1)!.events) {
    state = meterDay.evolve(state, event);
    if (state.status === 'open' && isOutcome(event, revision)) return state;
  }
  return undefined;
}

/** What the day says of each channel is the sum over its intervals, measured, estimated and edited. */
function checkEnergy(stream: string, { channels, slots, outcome }: OpenDay): void {
  const known = channels.flatMap((channel) => channel ?? []);
  if (known.some(({ judged }) => judged?.sources.some((source, slot) => judged.estimates[slot] !== NO_COUNTS && !isMethod(source))))
    throw new ProofFault('energy', `${stream}: it has an estimate that calls itself something else`);
  const sums = known.map((channel) => outcomeOf(channel, slots, true));
  if (!sameOutcome(sums, outcome!.channels)) throw new ProofFault('energy', `${stream}: its energy is not the sum of its intervals`);
}
