import type { BillingInput, RatedChannel, RatedDay, TrueUp } from '../../domain/billing/billing-input.ts';
import { daysOf } from '../../domain/billing/period-calendar.ts';
import { type BillBasis, type BillLine, type BillStatement, type Channel, JoulekeepError, NO_COUNTS } from '../../events/index.ts';
import type { GatheredInput } from './gather.ts';
import { localMinutesOf } from './local-minutes.ts';
import { standingDaysOf } from './places.ts';

/** What a bill keeps of its input, so that it can be rated again from itself, its days and its tariffs. */
export function basisOf({ zone, calendarDays, chargeableFrom, brought, billedMicro, days }: GatheredInput): BillBasis {
  const energy = Object.entries(brought.energyWh).map(([band, energyWh]) => [band, String(energyWh)] as const);
  return {
    ...{ zone, calendarDays, chargeableFrom },
    ...{ broughtWh: Object.fromEntries(energy), broughtMicro: String(brought.moneyMicro) },
    ...(billedMicro === undefined ? {} : { billedMicro: String(billedMicro) }),
    unread: days
      .filter(({ revision }) => revision === 0)
      .map(({ stream, day, start, minutes, localMinutes, channels }) => ({
        ...{ stream, day, start, minutes, slots: localMinutes.length },
        channels: channels.map(({ obis, direction, unit }) => ({ obis, direction, unit })),
      })),
  };
}

/** What is left to be brought along. */
export interface Known {
  /** The final days that the statement names, as they stood in their revision. */
  readonly days: readonly RatedDay[];
  /** The versions that the statement names. */
  readonly tariffs: BillingInput['tariffs'];
  readonly demandApprovedBy?: string;
}

/**
 * The input of a bill that was recorded, from the bill itself and what it names.
 * @throws ERR_BILL_BASIS for a bill from before its basis was kept
 */
export function inputOf(statement: BillStatement, { days, tariffs, demandApprovedBy }: Known): BillingInput {
  const { basis, spans, period, lines } = statement;
  if (basis === undefined || spans === undefined)
    throw new JoulekeepError('ERR_BILL_BASIS', 'the bill is from before it kept what it was rated from');
  const { zone, chargeableFrom, broughtWh, broughtMicro, billedMicro, unread } = basis;
  const energyWh = Object.fromEntries(Object.entries(broughtWh).map(([band, energy]) => [band, BigInt(energy)]));
  return {
    ...{ period, chargeableFrom, tariffs, spans },
    // Counted, not read: a demand charge is shared out over it.
    calendarDays: daysOf(period).length,
    // Rating asks for no class: policies of holding and review do.
    meterClass: 'residential',
    standingDays: standingDaysOf(spans, period, zone),
    days: [...days, ...unread.map((day) => unreadDay(day, zone))],
    notFinal: unread.length,
    brought: { energyWh, moneyMicro: BigInt(broughtMicro) },
    trueUps: trueUpsIn(lines),
    ...(billedMicro === undefined ? {} : { billedMicro: BigInt(billedMicro) }),
    ...(demandApprovedBy === undefined ? {} : { demandApprovedBy }),
  };
}

/** What a bill settles of others. */
export function trueUpsIn(lines: readonly BillLine[]): readonly TrueUp[] {
  return lines.flatMap(({ code, corrects, amountMicro }) =>
    code === 'true-up' && corrects !== undefined ? [{ corrects, differenceMicro: BigInt(amountMicro) }] : [],
  );
}

/** Billing reads final days only: of another one it has a frame without values. */
function unreadDay({ slots, channels, ...day }: BillBasis['unread'][number], zone: string): RatedDay {
  const localMinutes = localMinutesOf(day.start, slots, day.minutes, zone);
  return { ...day, localMinutes, revision: 0, held: false, channels: channels.map((channel) => emptyChannel(channel, slots)) };
}

/** A channel of which nothing was read. */
export function emptyChannel({ obis, direction, unit }: Pick<Channel, 'obis' | 'direction' | 'unit'>, slots: number): RatedChannel {
  return { obis, direction, unit, perCount: 1, counts: new Uint32Array(slots).fill(NO_COUNTS), sources: new Uint8Array(slots) };
}
