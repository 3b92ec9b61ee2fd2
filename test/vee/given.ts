import { type ChannelDay, makeChannelDay, NO_REGISTER, resetChannelDay } from '../../domain/vee/channel-day.ts';
import { rulesIn } from '../../domain/vee/findings.ts';
import { type History, type LikeDay, noHistory } from '../../domain/vee/history.ts';
import { VEE_POLICIES, type VeePolicy } from '../../domain/vee/policy.ts';
import { survey } from '../../domain/vee/survey.ts';
import { NO_COUNTS, SLOT_SOURCES, type SlotSource, type VeeRule } from '../../events/index.ts';

export const POLICY: VeePolicy = VEE_POLICIES.residential;
export const START = Date.UTC(2026, 0, 15) / 1000;
/** A lost slot, for short tables of values. */
export const __ = NO_COUNTS;

export interface Given {
  readonly minutes?: number;
  readonly capacity?: number;
  readonly whPerCount?: number;
  readonly dials?: number;
  readonly registerBefore?: number;
  /** By slot; 'all' = after every slot that has a value, 'end' = after the last slot. */
  readonly registers?: 'all' | 'end' | Readonly<Record<number, number>>;
}

/** A day of these values, measured; registers begin at `registerBefore` (0 when there are any) and count what the values say. */
export function dayOf(values: readonly number[], given: Given = {}): ChannelDay {
  const { minutes = 15, capacity = 5500, whPerCount = 1, dials = 8, registers } = given;
  const day = makeChannelDay(values.length);
  const asset = { direction: 'import', unit: 'Wh', scale: whPerCount, dials, multiplier: 1 } as const;
  const registerBefore = given.registerBefore ?? (registers === undefined ? NO_REGISTER : 0);
  resetChannelDay(day, { start: START, end: START + values.length * minutes * 60, minutes, asset, capacity, registerBefore });
  let register = registerBefore;
  for (const [i, value] of values.entries()) {
    day.counts[i] = value;
    if (value === NO_COUNTS) continue;
    day.sources[i] = SLOT_SOURCES.indexOf('measured');
    register += value;
    if (registers === 'all' || (registers === 'end' && i === values.length - 1)) day.registers[i] = register % 10 ** dials;
  }
  if (typeof registers === 'object') for (const [slot, counts] of Object.entries(registers)) day.registers[Number(slot)] = counts;
  return day;
}

/** The day after one rule looked at it. */
export function judged(day: ChannelDay, rule: (day: ChannelDay, policy: VeePolicy) => void, policy: VeePolicy = POLICY): ChannelDay {
  survey(day);
  rule(day, policy);
  return day;
}

/** Findings slot by slot, e.g. `{ 3: 'E V08', 4: 'W V11' }`. */
export function findings(day: ChannelDay): Record<number, string> {
  const all: Record<number, string> = {};
  for (let i = 0; i < day.n; i++) {
    const words = [...rulesIn(day.errors[i]!).map((rule) => `E ${rule}`), ...rulesIn(day.warnings[i]!).map((rule) => `W ${rule}`)];
    if (words.length > 0) all[i] = words.join(', ');
  }
  return all;
}

/** The same finding for slots [from, until). */
export function each(from: number, until: number, finding: string): Record<number, string> {
  return Object.fromEntries(Array.from({ length: until - from }, (_, i) => [from + i, finding]));
}

export function dayFindings(day: ChannelDay): { errors: VeeRule[]; warnings: VeeRule[] } {
  return { errors: rulesIn(day.dayErrors), warnings: rulesIn(day.dayWarnings) };
}

/** Sources by name; `*` = scaled. */
export function sourcesOf(day: ChannelDay): string[] {
  return Array.from(day.sources.subarray(0, day.n), (byte) => `${SLOT_SOURCES[byte & 0x7f]}${byte & 0x80 ? '*' : ''}`);
}

export function countsOf(day: ChannelDay): number[] {
  return [...day.counts.subarray(0, day.n)];
}

export function sourceByte(source: SlotSource): number {
  return SLOT_SOURCES.indexOf(source);
}

/** Like days of a day on a Thursday, `daysBack` days before it. */
export function likeDayOf(daysBack: number, counts: readonly number[], more: Partial<LikeDay> = {}): LikeDay {
  const weekday = ((((4 - daysBack - 1) % 7) + 7) % 7) + 1;
  const date = new Date((START - daysBack * 86_400) * 1000).toISOString().slice(0, 10);
  return { date, daysBack, weekday, holiday: false, counts: Uint32Array.from(counts), usable: true, ...more };
}

export function historyOf(more: Partial<History> = {}): History {
  return { ...noHistory(4), ...more };
}
