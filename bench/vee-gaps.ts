import { type ChannelDay, makeChannelDay, NO_REGISTER, resetChannelDay } from '../domain/vee/channel-day.ts';
import { estimate, estimateBy } from '../domain/vee/estimate.ts';
import type { ChosenMethod } from '../domain/vee/ladder.ts';
import { VEE_POLICIES, type VeePolicy } from '../domain/vee/policy.ts';
import { NO_COUNTS, SLOT_SOURCES } from '../events/index.ts';
import { dayOf, HALF_HOURS, type Home, historyOf } from './homes.ts';
import { atMost, type Result } from './measure.ts';
import { randomFrom } from './random.ts';

const POLICY = VEE_POLICIES.residential;
/** Interpolation over any length: what the others are compared with. */
const LINE: VeePolicy = { ...POLICY, estimation: { ...POLICY.estimation, linearMinutes: Number.POSITIVE_INFINITY } };
/** Lengths of gaps, and their share of all: most go where a goal stands, because a short gap's error says little by itself. */
const LENGTHS = [
  { hours: 0.5, share: 0.05 },
  { hours: 1, share: 0.4 },
  { hours: 2, share: 0.1 },
  { hours: 3, share: 0.05 },
  { hours: 6, share: 0.3 },
  { hours: 12, share: 0.05 },
  { hours: 24, share: 0.05 },
] as const;
const METHODS: readonly ChosenMethod[] = ['E2', 'E3', 'E4', 'E8'];
/** Ratio to interpolation that the ladder must reach where registers stand at both ends. */
const GOALS: Readonly<Record<number, number>> = { 1: 0.47, 6: 0.66 };
/** Days at the start of the series that are history only. */
const FIRST_DAY = 42;

/** Draws in one home before the next one has its turn: its series may have ended early. */
const DRAWS = 200;

/** Sums over gaps to which a method applied: its error and interpolation's, shares of the home's mean load. */
interface Score {
  gaps: number;
  error: number;
  line: number;
  /** Wh by which the gap's energy is wrong. */
  energyWh: number;
}

/** Every method on the same gaps of real homes, with registers at both ends and without. */
export function scoreGaps(homes: readonly Home[], gaps: number, seed: number): Result[] {
  const results: Result[] = [];
  for (const { hours, share } of LENGTHS)
    results.push(...scoreLength(homes, hours, Math.max(homes.length, Math.round(gaps * share)), randomFrom(seed * 1000 + hours * 2)));
  return results;
}

function scoreLength(homes: readonly Home[], hours: number, gaps: number, next: () => number): Result[] {
  const scores = new Map<string, Score>();
  const scene = { day: makeChannelDay(HALF_HOURS), scores };
  for (let gap = 0; gap < gaps; gap++) scoreGap(drawGap(homes, gap, hours * 2, next), scene);
  const label = `gap ${hours} h`;
  const results: Result[] = [{ name: `${label}: interpolation`, value: percent(scores.get('E2')!), unit: '% of mean load' }];
  for (const registers of ['', ', registers']) {
    for (const name of [...METHODS, 'ladder'])
      for (const result of ratio(label, `${name}${registers}`, scores, GOALS[hours])) results.push(result);
  }
  const chosen = scores.get('ladder, registers')!;
  return [...results, atMost(`${label}: ladder, registers, energy`, chosen.energyWh, 'Wh wrong', 0)];
}

function ratio(label: string, name: string, scores: ReadonlyMap<string, Score>, goal: number | undefined): Result[] {
  const score = scores.get(name);
  if (score === undefined || score.line === 0) return [];
  const value = score.error / score.line;
  const title = `${label}: ${name}`;
  if (name !== 'ladder, registers') return [{ name: title, value, unit: 'ratio' }];
  return [
    goal === undefined ? { name: title, value, unit: 'ratio' } : atMost(title, value, 'ratio', goal),
    { name: `${title}, error`, value: percent(score), unit: '% of mean load' },
  ];
}

function percent({ error, gaps }: Score): number {
  return (100 * error) / gaps;
}

interface MaskedGap {
  readonly home: Home;
  readonly day: number;
  readonly from: number;
  readonly until: number;
}

/** A stretch inside a complete day with valid half-hours on both sides. Homes take turns, so that each counts alike. */
function drawGap(homes: readonly Home[], turn: number, slots: number, next: () => number): MaskedGap {
  for (let draw = 0; ; draw++) {
    const home = homes[(turn + Math.floor(draw / DRAWS)) % homes.length]!;
    const days = Math.floor(home.counts.length / HALF_HOURS);
    const day = FIRST_DAY + Math.floor(next() * (days - FIRST_DAY - 1));
    const from = Math.floor(next() * (HALF_HOURS - slots + 1));
    const at = day * HALF_HOURS + from;
    if (home.meanLoad === 0 || dayOf(home, day).includes(NO_COUNTS)) continue;
    if (home.counts[at - 1] === NO_COUNTS || home.counts[at + slots] === NO_COUNTS) continue;
    return { home, day, from, until: from + slots };
  }
}

function scoreGap(gap: MaskedGap, { day, scores }: { day: ChannelDay; scores: Map<string, Score> }): void {
  const history = historyOf(gap.home, gap.day);
  const truth = dayOf(gap.home, gap.day);
  const slots = Array.from({ length: gap.until - gap.from }, (_, i) => gap.from + i);
  const by = (method: ChosenMethod) => () => estimateBy(method, slots, day, history, LINE).estimated;
  mask(day, gap, truth, false);
  const line = measure(day, gap, truth, by('E2'))!;
  for (const registers of [false, true]) {
    const ways: [string, () => number][] = METHODS.map((method) => [method, by(method)]);
    ways.push(['ladder', () => estimate(day, history, POLICY).estimated]);
    for (const [name, way] of ways) {
      mask(day, gap, truth, registers);
      const own = measure(day, gap, truth, way);
      if (own) add(scores, registers ? `${name}, registers` : name, own, line);
    }
  }
}

interface GapError {
  readonly error: number;
  readonly energyWh: number;
}

function measure(day: ChannelDay, { home, from, until }: MaskedGap, truth: Uint32Array, way: () => number): GapError | undefined {
  if (way() === 0) return undefined;
  let error = 0;
  let energyWh = 0;
  for (let i = from; i < until; i++) {
    error += Math.abs(day.counts[i]! - truth[i]!);
    energyWh += day.counts[i]! - truth[i]!;
  }
  return { error: error / (until - from) / home.meanLoad, energyWh: Math.abs(energyWh) };
}

function add(scores: Map<string, Score>, name: string, own: GapError, line: GapError): void {
  const score = scores.get(name) ?? { gaps: 0, error: 0, line: 0, energyWh: 0 };
  score.gaps++;
  score.error += own.error;
  score.line += line.error;
  score.energyWh += own.energyWh;
  scores.set(name, score);
}

const MEASURED = SLOT_SOURCES.indexOf('measured');
const ASSET = { direction: 'import', unit: 'Wh', scale: 1, dials: 8, multiplier: 1 } as const;

/** The home's day without the gap. */
function mask(day: ChannelDay, gap: MaskedGap, truth: Uint32Array, registers: boolean): void {
  const start = gap.home.start + gap.day * 86_400;
  const frame = { start, end: start + 86_400, minutes: 30, asset: ASSET, capacity: 13_200, registerBefore: registers ? 0 : NO_REGISTER };
  resetChannelDay(day, frame);
  let register = 0;
  for (let i = 0; i < HALF_HOURS; i++) {
    register += truth[i]!;
    if (registers && (i < gap.from || i >= gap.until - 1)) day.registers[i] = register;
    if (i >= gap.from && i < gap.until) continue;
    day.counts[i] = truth[i]!;
    day.sources[i] = MEASURED;
  }
}
