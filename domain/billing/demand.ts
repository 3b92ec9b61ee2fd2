import { JoulekeepError } from '../../events/index.ts';
import { applies, type LocalDay, localDayOf } from '../tariff/local-time.ts';
import { fraction } from '../tariff/money.ts';
import type { DemandCharge, TariffCalendar } from '../tariff/tariff.ts';
import type { Flow, FlowSlot } from './flows.ts';
import { type ChargeLine, chargeLine } from './lines.ts';
import type { Stretch } from './stretch.ts';

/** Largest mean power of any demand interval. */
export interface Demand {
  /** W or VA: from intervals that no guess touches, or from all where a person approved. */
  readonly power: bigint;
  /** An interval with estimated slots would have been larger, and was left out. */
  readonly largerEstimated: boolean;
}

interface Window {
  energy: bigint;
  counts: boolean;
  guessed: boolean;
}

/** Demand charge of one stretch. */
export function demandLine(charge: DemandCharge, stretch: Stretch): { readonly line: ChargeLine; readonly largerEstimated: boolean } {
  const { code, priceMicroPerKW: priceMicro, per, taxGroup } = charge;
  const flow = stretch.flow({ direction: 'import', unit: charge.of });
  const { power, largerEstimated } = demandOf(flow, charge, stretch.assignment.tariff.calendar, stretch.demandApproved);
  const days = BigInt(stretch.standingDays);
  const exact = fraction(power * priceMicro * days, per === 'day' ? 1000n : 1000n * BigInt(stretch.calendarDays));
  const unit = charge.of === 'Wh' ? 'W' : 'VA';
  return { line: chargeLine({ code: `demand/${code}`, quantity: power, unit, priceMicro, exact, taxGroup }), largerEstimated };
}

/**
 * Demand intervals lie on the local clock: at 60 minutes they begin on the full local hour.
 * @throws ERR_DEMAND_INTERVAL when the meter's interval is longer
 */
export function demandOf(flow: Flow, charge: DemandCharge, calendar: TariffCalendar, approved: boolean): Demand {
  const perHour = BigInt(60 / charge.demandMinutes);
  let sure = 0n;
  let any = 0n;
  for (const { energy, counts, guessed } of windowsOf(flow, charge, calendar).values()) {
    if (!counts) continue;
    const power = energy * perHour;
    if (power > any) any = power;
    if (!guessed && power > sure) sure = power;
  }
  return { power: approved ? any : sure, largerEstimated: !approved && any > sure };
}

function windowsOf(flow: Flow, { demandMinutes, when = {} }: DemandCharge, calendar: TariffCalendar): ReadonlyMap<number, Window> {
  const windows = new Map<number, Window>();
  let today: LocalDay | undefined;
  for (const slot of flow.flatMap(({ slots }) => slots)) {
    if (slot.minutes > demandMinutes) throw coarser(slot, demandMinutes);
    if (today?.date !== slot.day) today = localDayOf(slot.day, calendar);
    const begin = windowBegin(slot, demandMinutes);
    const window = windows.get(begin) ?? { energy: 0n, counts: true, guessed: false };
    window.energy += slot.value;
    window.counts &&= applies(when, today, slot.localMinute);
    window.guessed ||= slot.quality !== 'known';
    windows.set(begin, window);
  }
  return windows;
}

function coarser({ minutes, day }: FlowSlot, demandMinutes: number): JoulekeepError {
  return new JoulekeepError(
    'ERR_DEMAND_INTERVAL',
    `demand over ${demandMinutes} minutes can't be told from readings of ${minutes}, on ${day}`,
  );
}

/** UTC s at which the demand interval of a slot begins: two of a repeated local hour stay apart. */
function windowBegin({ at, localMinute }: FlowSlot, demandMinutes: number): number {
  return at - (localMinute % demandMinutes) * 60;
}
