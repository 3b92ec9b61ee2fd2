import type { DayAheadClaims, PriceClaims, PriceFault } from '../../events/index.ts';

type Day = Pick<DayAheadClaims, 'start' | 'minutes' | 'prices' | 'low' | 'high'>;

/**
 * Why prices may not be signed: an interval that no day-ahead tariff covers, or a price outside its band.
 * @param days day-ahead tariffs, newest last; the newest that covers an interval decides
 */
export function priceFault(
  days: readonly Day[],
  { start, minutes, prices }: Pick<PriceClaims, 'start' | 'minutes' | 'prices'>,
): PriceFault | undefined {
  for (const [i, price] of prices.entries()) {
    const at = start + i * minutes * 60;
    const day = days.findLast((candidate) => slotOf(candidate, at) !== undefined);
    const slot = day && slotOf(day, at);
    if (day === undefined || slot === undefined || day.minutes !== minutes) return 'no-day-ahead';
    if (price < day.low[slot]! || price > day.high[slot]!) return 'outside-band';
  }
  return undefined;
}

/** Index of the interval in which an instant lies. @param at UTC s */
export function slotOf({ start, minutes, prices }: Pick<Day, 'start' | 'minutes' | 'prices'>, at: number): number | undefined {
  const slot = Math.floor((at - start) / (minutes * 60));
  return slot >= 0 && slot < prices.length ? slot : undefined;
}
