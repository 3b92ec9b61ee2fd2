import type { AdrEvent, DemandResponseClaims } from '../../events/price.ts';
import type { Defences } from '../../topology/defences.ts';

/** What the customer allows; nothing that is asked goes beyond. */
export interface CustomerLimits {
  /** Takes part in nothing. */
  readonly optOut: boolean;
  /** 0 to 3: what is asked above that is refused. */
  readonly highestLevel: number;
  /** The most that may be left unused, W. */
  readonly maxShedW: number;
  /** Longest event, minutes. */
  readonly maxMinutes: number;
  /** Events accepted a day, by their start in UTC. */
  readonly maxPerDay: number;
  /** Below it nothing is shed, tenths of a degree Celsius. */
  readonly minTemperatureDeciC: number;
  /** The most that a start is delayed, s. */
  readonly maxDelayS: number;
}

/** What the device will do about an event, decided once. */
export interface DemandDecision {
  /** Whose key signed the wish. */
  readonly kid: string;
  readonly program: string;
  readonly eventId: string;
  readonly outcome: 'accepted' | 'refused' | 'opted-out';
  readonly reason: DemandReason;
  readonly level: number;
  /** UTC s, random delay included. */
  readonly from: number;
  readonly until: number;
  /** UTC s as it was asked. */
  readonly asked: number;
}

export type DemandReason = '' | 'payload-not-allowed' | 'level' | 'too-long' | 'too-many' | 'over' | 'times';

/** What a decision depends on beside the wish. */
interface Asking {
  readonly kid: string;
  /** UTC s. */
  readonly at: number;
  /** 32 bits, 0 to 2^32 - 1. */
  readonly random: number;
  readonly limits: CustomerLimits;
  /** Decisions still known. */
  readonly earlier: readonly DemandDecision[];
}

/** What the device is told of the home. */
export interface Home {
  readonly temperatureDeciC: number;
  /** Load that could be left unused, W. */
  readonly sheddableW: number;
}

/** The only thing that can be asked for: a level from 0 to 3. */
const ASKED = 'SIMPLE';
/** More than that the device promises nobody at a time. */
const DECISIONS_KEPT = 50;
const DAY_S = 86_400;
const DURATION = /^PT(?:(\d{1,4})H)?(?:(\d{1,5})M)?(?:(\d{1,6})S)?$/;

/**
 * The device decides, inside its customer's limits; nobody switches it. The start is delayed at random, so that homes neither begin nor
 * end together.
 * @source X.1332 8.4 (abuse of load control)
 */
export function decideDemand(
  { program, event }: Pick<DemandResponseClaims, 'program' | 'event'>,
  { kid, at, random, limits, earlier }: Asking,
  { customerLimits }: Pick<Defences, 'customerLimits'>,
): DemandDecision {
  const asked = askedOf(event);
  const nothing = { kid, program, eventId: event.id, level: 0, from: asked.start, until: asked.start, asked: asked.start };
  if (limits.optOut && customerLimits) return { ...nothing, outcome: 'opted-out', reason: '' };
  const reason = customerLimits ? reasonAgainst(event, asked, { at, limits, earlier, program }) : '';
  if (reason !== '') return { ...nothing, outcome: 'refused', reason };
  const spread = customerLimits ? Math.min(asked.randomS, limits.maxDelayS) : 0;
  const from = asked.start + Math.floor((random / 2 ** 32) * (spread + 1));
  return { ...nothing, outcome: 'accepted', reason: '', level: asked.level, from, until: from + asked.lastsS };
}

/**
 * Decisions with one more. What has begun stays and counts, whatever comes under its id: a new wish that is accepted ends what runs and is an
 * event of its own; only what has not begun is replaced. @param at UTC s
 */
export function withDecision(
  earlier: readonly DemandDecision[],
  decision: DemandDecision,
  at: number,
  limits: CustomerLimits,
): readonly DemandDecision[] {
  const stays = earlier
    .filter((one) => !isSame(one, decision) || hasBegun(one, at))
    .map((one) => (isSame(one, decision) && decision.outcome === 'accepted' ? { ...one, until: Math.min(one.until, at) } : one));
  const [counted, rest] = [true, false].map((wanted) => stays.filter((one) => isCounted(one, at, limits) === wanted));
  return [...rest!.slice(-DECISIONS_KEPT), ...counted!, decision];
}

/** Whether the home takes part in it already, or did. @param at UTC s */
export function hasBegun({ outcome, level, from }: DemandDecision, at: number): boolean {
  return outcome === 'accepted' && level > 0 && from <= at;
}

/** Watts to leave unused now. Never more than the customer's most, nothing where the home is cold. @param at UTC s */
export function shedAt(decisions: readonly DemandDecision[], at: number, home: Home, limits: CustomerLimits): number {
  const levels = decisions
    .filter(({ outcome, from, until }) => outcome === 'accepted' && from <= at && at < until)
    .map(({ level }) => level);
  if (levels.length === 0 || limits.optOut || home.temperatureDeciC < limits.minTemperatureDeciC) return 0;
  const most = Math.min(limits.maxShedW, home.sheddableW);
  return Math.floor((most * Math.min(Math.max(...levels), limits.highestLevel)) / 3);
}

interface Asked {
  /** UTC s; NaN for what is no time. */
  readonly start: number;
  readonly lastsS: number;
  readonly randomS: number;
  readonly level: number;
}

function askedOf({ intervalPeriod, intervals }: AdrEvent): Asked {
  const value = intervals[0]?.payloads[0]?.values[0];
  return {
    start: Math.floor(Date.parse(intervalPeriod.start) / 1000),
    lastsS: secondsOf(intervalPeriod.duration) * Math.max(1, intervals.length),
    randomS: secondsOf(intervalPeriod.randomizeStart),
    level: typeof value === 'number' ? value : 3,
  };
}

function reasonAgainst(
  { id, intervals }: AdrEvent,
  { start, lastsS, randomS, level }: Asked,
  { at, limits, earlier, program }: { at: number; limits: CustomerLimits; earlier: readonly DemandDecision[]; program: string },
): DemandReason {
  const payloads = intervals.flatMap((interval) => interval.payloads);
  const isLevel = (value: unknown) => Number.isInteger(value) && (value as number) >= 0 && (value as number) <= 3;
  const plain = payloads.length === 1 && payloads.every(({ type, values }) => type === ASKED && values.length === 1 && isLevel(values[0]));
  if (!plain) return 'payload-not-allowed';
  if (![start, lastsS, randomS].every(Number.isSafeInteger) || lastsS <= 0) return 'times';
  if (level > limits.highestLevel) return 'level';
  if (lastsS > limits.maxMinutes * 60) return 'too-long';
  if (start + lastsS <= at) return 'over';
  if (level === 0) return '';
  const others = earlier.filter((one) => isCounted(one, at, limits) && (hasBegun(one, at) || !isSame(one, { program, eventId: id })));
  const sameDay = others.filter(({ asked }) => dateOf(asked) === dateOf(start));
  return sameDay.length >= limits.maxPerDay || others.length >= DECISIONS_KEPT ? 'too-many' : '';
}

function isSame(
  one: Pick<DemandDecision, 'program' | 'eventId'>,
  { program, eventId }: Pick<DemandDecision, 'program' | 'eventId'>,
): boolean {
  return one.program === program && one.eventId === eventId;
}

/** Whether a wish that could still come may be of the same day. */
function isCounted({ outcome, level, asked }: DemandDecision, at: number, { maxMinutes }: CustomerLimits): boolean {
  return outcome === 'accepted' && level > 0 && asked > at - maxMinutes * 60 - DAY_S;
}

function secondsOf(duration: string): number {
  const [whole, hours = '0', minutes = '0', seconds = '0'] = DURATION.exec(duration) ?? [];
  return whole === undefined ? Number.NaN : Number(hours) * 3600 + Number(minutes) * 60 + Number(seconds);
}

function dateOf(at: number): string {
  return new Date(at * 1000).toISOString().slice(0, 10);
}
