import type { Customer } from '../../domain/privacy/gate.ts';
import { NO_COUNTS } from '../../events/index.ts';
import { HALF_HOURS, type Home } from '../homes.ts';

/** Half-hours of a week. */
export const WEEK = 7 * HALF_HOURS;
const YEAR = 365 * HALF_HOURS;

/** A home, or one that begins some weeks later than it did: values of another time of the year stand in for another home. */
export interface PseudoHome {
  readonly home: number;
  readonly values: Float64Array;
  readonly customer: Customer;
}

/** Every stretch of so many whole weeks, from each week of the year on, in which a home has all values. */
export function pseudoHomes(homes: readonly Home[], weeks: number): readonly PseudoHome[] {
  return homes.flatMap(({ counts, meanLoad }, home) => {
    const customer: Customer = { class: 'residential', annualWh: Math.round(meanLoad * YEAR) };
    const found: PseudoHome[] = [];
    for (let from = 0; from + weeks * WEEK <= counts.length; from += WEEK) {
      const span = counts.subarray(from, from + weeks * WEEK);
      if (!span.includes(NO_COUNTS)) found.push({ home, values: Float64Array.from(span), customer });
    }
    return found;
  });
}

/** One stretch of every home; NaN where the series has nothing. @param from week of the year */
export function homesAt(homes: readonly Home[], from: number, weeks: number): readonly PseudoHome[] {
  return homes.map(({ counts, meanLoad }, home) => {
    const span = counts.subarray(from * WEEK, (from + weeks) * WEEK);
    const values = Float64Array.from(span, (value) => (value === NO_COUNTS ? Number.NaN : value));
    return { home, values, customer: { class: 'residential', annualWh: Math.round(meanLoad * YEAR) } as const };
  });
}

export function isComplete({ values }: PseudoHome): boolean {
  return !values.some(Number.isNaN);
}

/** A random order. */
export function shuffled<Value>(values: readonly Value[], random: () => number): Value[] {
  const order = [...values];
  for (let i = order.length - 1; i > 0; i--) {
    const j = Math.floor(random() * (i + 1));
    [order[i], order[j]] = [order[j]!, order[i]!];
  }
  return order;
}

/** So many others than a home, each once. */
export function drawOthers(from: readonly PseudoHome[], home: number, count: number, random: () => number): PseudoHome[] {
  const taken = new Set<number>();
  while (taken.size < count) {
    const at = Math.floor(random() * from.length);
    if (from[at]!.home !== home) taken.add(at);
  }
  return [...taken].map((at) => from[at]!);
}
