import { NO_COUNTS, SCALED, SLOT_SOURCES } from '../../events/index.ts';
import type { ChannelDay } from './channel-day.ts';
import { confidenceOf } from './confidence.ts';
import type { History } from './history.ts';
import { awaitsEstimate } from './hold.ts';
import { type ChosenMethod, climb, METHODS } from './ladder.ts';
import { zeroOutages } from './methods/e0-outage.ts';
import { scaleToTotal } from './methods/es-scaling.ts';
import type { Estimate, Gap } from './methods/gap.ts';
import type { VeePolicy } from './policy.ts';
import { NO_DIFFERENCE, nextRegister, spanDifference } from './registers.ts';
import { survey } from './survey.ts';

const MISSING = SLOT_SOURCES.indexOf('missing');

/** What estimation did with a day. */
export interface Estimation {
  /** Slots that got a value. */
  readonly estimated: number;
  /** What the methods looked at, one entry per gap, as SlotsEstimated records it. */
  readonly inputs: string;
  /** Spans in which the registers leave less than nothing, or more than the fuse lets through: their estimates are not scaled, and V15 holds. */
  readonly exceptions: number;
}

/**
 * Fills what is missing and replaces what is held, suspect and unproven: counts, sources and confidence of those slots. After
 * `validate`, before `revalidate`. Never touches a billable measurement, nor one that registers prove.
 */
export function estimate(day: ChannelDay, history: History, policy: VeePolicy): Estimation {
  const awaiting = new Uint8Array(day.n);
  for (let i = 0; i < day.n; i++) if (awaitsEstimate(day, i)) awaiting[i] = 1;
  return fill(day, awaiting, history, policy, climb);
}

/** The same for slots that a person chose, by the method a person chose; proven ones and gaps to which it does not apply stay as they are. */
export function estimateBy(
  method: ChosenMethod,
  slots: readonly number[],
  day: ChannelDay,
  history: History,
  policy: VeePolicy,
): Estimation {
  const awaiting = new Uint8Array(day.n);
  for (const slot of slots) if (slot < day.n && !day.proven[slot]) awaiting[slot] = 1;
  return fill(day, awaiting, history, policy, METHODS[method]);
}

type Way = (gap: Gap) => Estimate | undefined;

function fill(day: ChannelDay, awaiting: Uint8Array, history: History, policy: VeePolicy, way: Way): Estimation {
  survey(day);
  const before = day.sources.slice(0, day.n);
  for (let i = 0; i < day.n; i++) if (awaiting[i]) day.sources[i] = MISSING;
  const done = { estimated: zeroOutages(day, awaiting), inputs: [] as string[], exceptions: 0 };
  for (let from = 0; from < day.n; ) {
    const until = Math.min(day.n, nextRegister(day, from) + 1);
    const gaps = gapsIn(day, awaiting, history, policy, from, until);
    if (gaps.length > 0) fillSpan(gaps, from, until, awaiting, way, done);
    from = until;
  }
  for (let i = 0; i < day.n; i++) if (awaiting[i] && day.sources[i] === MISSING) day.sources[i] = before[i]!;
  return { ...done, inputs: done.inputs.join('; ') };
}

interface Progress {
  estimated: number;
  readonly inputs: string[];
  exceptions: number;
}

function fillSpan(gaps: readonly Gap[], from: number, until: number, awaiting: Uint8Array, way: Way, done: Progress): void {
  const { day } = gaps[0]!;
  const total = totalOf(day, awaiting, from, until);
  const scaled = total >= 0 ? scaledEstimates(gaps, total, way) : undefined;
  if (scaled !== undefined) {
    for (const [g, { estimate: made, counts }] of scaled.entries()) write(gaps[g]!, made, counts, SCALED, done);
    return;
  }
  if (total !== UNKNOWN) done.exceptions++;
  for (const gap of gaps) {
    const made = way(gap);
    if (made)
      write(
        gap,
        made,
        made.values.map((value) => Math.min(Math.round(value), day.capacity)),
        0,
        done,
      );
  }
}

const UNKNOWN = -1;
const IMPOSSIBLE = -2;

/** What registers leave for the slots that await an estimate. Outage zeros take no share. */
function totalOf(day: ChannelDay, awaiting: Uint8Array, from: number, until: number): number {
  const difference = spanDifference(day, from, until);
  if (difference === NO_DIFFERENCE) return UNKNOWN;
  let left = difference;
  for (let i = from; i < until; i++) if (!awaiting[i] && day.counts[i] !== NO_COUNTS) left -= day.counts[i]!;
  if (left >= 0) return left;
  return left > -day.registerStep ? 0 : IMPOSSIBLE;
}

/** ES over all gaps of a span at once. Where there are several, each is first given the part of the total that it would take unscaled. */
function scaledEstimates(gaps: readonly Gap[], total: number, way: Way): { estimate: Estimate; counts: Float64Array }[] | undefined {
  const parts = gaps.length === 1 ? [total] : partsOf(gaps, total, way);
  const estimates = gaps.map((gap, g) => way({ ...gap, total: parts[g]! }));
  if (!estimates.every((made) => made !== undefined)) return undefined;
  const weights = new Float64Array(estimates.reduce((slots, { values }) => slots + values.length, 0));
  let at = 0;
  for (const { values } of estimates) {
    weights.set(values, at);
    at += values.length;
  }
  const counts = scaleToTotal(weights, total, gaps[0]!.day.capacity);
  if (counts === undefined) return undefined;
  at = 0;
  return estimates.map((made) => {
    at += made.values.length;
    return { estimate: made, counts: counts.subarray(at - made.values.length, at) };
  });
}

function partsOf(gaps: readonly Gap[], total: number, way: Way): number[] {
  const sums = gaps.map((gap) => way(gap)?.values.reduce((sum, value) => sum + value, 0) ?? 0);
  const all = sums.reduce((sum, value) => sum + value, 0);
  const slots = gaps.reduce((sum, { from, until }) => sum + until - from, 0);
  return gaps.map(({ from, until }, g) => (all > 0 ? (total * sums[g]!) / all : (total * (until - from)) / slots));
}

/** Stretches of slots that await an estimate, inside [from, until). */
function gapsIn(day: ChannelDay, awaiting: Uint8Array, history: History, policy: VeePolicy, from: number, until: number): Gap[] {
  const gaps: Gap[] = [];
  for (let start = from; start < until; start++) {
    if (!awaiting[start]) continue;
    let end = start + 1;
    while (end < until && awaiting[end]) end++;
    gaps.push({ day, history, policy, from: start, until: end, total: UNKNOWN });
    start = end;
  }
  return gaps;
}

function write(gap: Gap, made: Estimate, counts: Float64Array, scaled: number, done: Progress): void {
  const { day, from, until } = gap;
  const source = SLOT_SOURCES.indexOf(made.source) | scaled;
  const confidence = confidenceOf(made.source, scaled !== 0, (until - from) * day.minutes);
  for (let i = from; i < until; i++) {
    day.counts[i] = counts[i - from]!;
    day.sources[i] = source;
    day.confidence[i] = confidence;
  }
  done.estimated += until - from;
  done.inputs.push(`${made.source} ${made.inputs}`);
}
