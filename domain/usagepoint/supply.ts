import { JoulekeepError, type SupplySwitched, type UsagePointEvent } from '../../events/index.ts';
import { checkGrid, minutesAt } from './grid.ts';
import type { Disconnection, OpenUsagePoint } from './usagepoint-state.ts';

/** Only forward, off and on in turn. @throws ERR_SUPPLY_ORDER, ERR_OFF_GRID */
export function switchSupply(state: OpenUsagePoint, on: boolean, { instant, reason, by, at }: SupplySwitched): UsagePointEvent[] {
  const last = state.disconnections.at(-1);
  const off = last !== undefined && last.until === undefined;
  if (on ? last?.until === instant : off && last.from === instant) return [];
  if (on !== off) throw new JoulekeepError('ERR_SUPPLY_ORDER', `${state.usagePoint}: the supply is ${off ? 'off' : 'on'} already`);
  if (instant <= (last?.until ?? last?.from ?? -1))
    throw new JoulekeepError('ERR_SUPPLY_ORDER', `${state.usagePoint}: the supply was switched later than that already`);
  checkGrid(instant, minutesAt(state, instant), 'a supply is switched');
  return [{ type: on ? 'SupplyReconnected' : 'SupplyDisconnected', data: { instant, reason, by, at } }];
}

/** Evolve. */
export function switched(disconnections: readonly Disconnection[], on: boolean, instant: number): readonly Disconnection[] {
  if (!on) return [...disconnections, { from: instant }];
  const last = disconnections.at(-1);
  return last === undefined ? [] : [...disconnections.slice(0, -1), { ...last, until: instant }];
}
