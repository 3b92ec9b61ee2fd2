import { daysOf } from '../../domain/billing/period-calendar.ts';
import { tariffOn } from '../../domain/usagepoint/queries.ts';
import type { BillComputed, BillRerated } from '../../events/index.ts';
import { chargedDaysOf } from '../../lambdas/billing/places.ts';
import type { Question, Shows, Withheld } from './question.ts';

/** On each day that is charged, the tariff that the usage point had; where nothing is, one that it had in the period. */
export function tariffQuestions(
  { period, tariffs, spans = [], basis, revision }: BillComputed | BillRerated,
  open: Withheld,
): readonly Question[] {
  const asked = (tariff: string, shows: Shows): Question => ({
    about: `tariff/${tariff}`,
    lacks: `tariff ${tariff} is not that of ${period.usagePoint} on every day that it is charged for`,
    shows,
    everBefore: revision > 1,
    withheld: open.point,
  });
  const charged = chargedDaysOf(spans, period, basis!.zone);
  if (charged.length === 0)
    return tariffs.map(({ tariff }) => asked(tariff, ({ point }) => daysOf(period).some((day) => tariffOn(point, day) === tariff)));
  const byTariff = Map.groupBy(charged, (day) => tariffs.findLast(({ from }) => from <= day)?.tariff ?? '');
  return [...byTariff].map(([tariff, days]) => asked(tariff, ({ point }) => days.every((day) => tariffOn(point, day) === tariff)));
}
