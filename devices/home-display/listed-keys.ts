import { PRICE_TYP } from '../../events/price.ts';
import type { KeyList } from '../../protocol/portable/listed-keys.ts';
import { bandFault } from '../../protocol/price/rules.ts';
import { type DemandDecision, hasBegun } from './demand-response.ts';
import { type DisplayMemory, NOTHING } from './memory.ts';
import type { PriceDefences } from './price-rules.ts';

type IsListed = (kid: string) => boolean;

/**
 * Memory without what keys signed that are no longer listed: their tariffs, prices, and wishes that have not begun, and where their chains
 * stood. What runs by such a wish ends, and still counts. @param at UTC s
 * @source X.1332 8.3 (falsified prices)
 */
export function believedUnder(memory: DisplayMemory, { keys }: KeyList, at: number, defences: PriceDefences): DisplayMemory {
  const listedFor =
    (typ: string): IsListed =>
    (kid) =>
      keys.some((key) => key.kid === kid && key.typ === typ);
  const isWishing = listedFor(PRICE_TYP.demandResponse);
  const priced = pricesUnder(tariffsUnder(memory, listedFor(PRICE_TYP.tariff), defences), listedFor(PRICE_TYP.price));
  return {
    ...priced,
    programs: Object.fromEntries(Object.entries(memory.programs).filter(([, { kid }]) => isWishing(kid))),
    decisions: memory.decisions.flatMap((decision) => (isWishing(decision.kid) ? decision : endedAt(decision, at))),
  };
}

/** The chain begins anew, or behind the newest that still counts. */
function tariffsUnder(memory: DisplayMemory, isListed: IsListed, defences: PriceDefences): DisplayMemory {
  const days = memory.days.filter(({ kid }) => isListed(kid));
  if (days.length === memory.days.length) return memory;
  const { live, ...rest } = memory;
  const { seq, hash } = days.at(-1) ?? NOTHING;
  const left = { ...rest, days, tariffs: { seq, hash }, known: days.map((day) => day.hash) };
  return live === undefined || bandFault(live, days, defences) !== undefined ? left : { ...left, live };
}

/** Back to what the key of tariffs vouches for. */
function pricesUnder(memory: DisplayMemory, isListed: IsListed): DisplayMemory {
  const { live, prices, ...rest } = memory;
  const chained = prices.kid === '' || isListed(prices.kid) ? prices : { ...NOTHING, kid: '' };
  const left = { ...rest, prices: chained };
  return live === undefined || chained !== prices || !isListed(live.kid) ? left : { ...left, live };
}

function endedAt(decision: DemandDecision, at: number): readonly DemandDecision[] {
  return hasBegun(decision, at) ? [{ ...decision, until: Math.min(decision.until, at) }] : [];
}
