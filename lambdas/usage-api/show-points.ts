import type { CustomerPoints } from '../../api/customer-usage.ts';
import type { Answer } from '../http/answers.ts';
import type { Call } from '../http/call.ts';
import { instant } from '../http/instants.ts';
import { localDayAt } from '../shared/days/local-days.ts';
import type { Desk } from './desk.ts';
import type { OwnPremises } from './premises.ts';
import { minutesAt } from './rows.ts';

/** Usage points of the customer whose tenancy lasts. Nothing of anybody's usage is opened for it. */
export async function listPoints(desk: Desk, { caller }: Call<'listPoints'>): Promise<Answer> {
  const own = await desk.premises.all(caller.person);
  const points = await Promise.all(own.map((one) => pointOf(desk, one)));
  return { body: { points } satisfies CustomerPoints };
}

async function pointOf({ prices, priceZones, clock }: Desk, { point, spans }: OwnPremises): Promise<CustomerPoints['points'][number]> {
  const now = Math.floor(clock.now() / 1000);
  const { day } = localDayAt(now, point.zone);
  const held = await prices.tariffOn(point, day);
  return {
    ...{ usagePoint: point.usagePoint, zone: point.zone, currency: await prices.currencyOf(point, day) },
    intervalMinutes: minutesAt(point, now),
    tenancies: spans.map(({ from, until }) => ({ from: instant(from), until: until === Infinity ? null : instant(until) })),
    tariff: held === undefined ? null : { tariff: held.tariff.id, name: held.tariff.name },
    priceZone: held === undefined ? null : await priceZones.of(held.tariff.id, point.zone),
  };
}
