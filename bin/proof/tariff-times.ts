import type { TariffAssignment } from '../../domain/billing/billing-input.ts';
import { daysOf } from '../../domain/billing/period-calendar.ts';
import { addMonths, laterOf } from '../../domain/tariff/dates.ts';
import type { BillStatement } from '../../events/index.ts';
import { localDay } from '../../lambdas/shared/days/local-days.ts';
import type { BillWord } from './bill-words.ts';
import type { OpenedCommit } from './open-commits.ts';
import { ProofFault } from './proof-fault.ts';

/**
 * Prices were recorded before the bill went out; those that were recorded only after the first day that they are charged for are named.
 * @param billedAt UTC ms @throws ProofFault
 */
export function backdatedTariffs(
  { period, tariffs, basis }: BillStatement,
  billedAt: number,
  commits: readonly OpenedCommit[],
): readonly BillWord[] {
  return tariffs.flatMap(({ tariff, version, from }): BillWord[] => {
    const about = `tariff ${tariff} version ${version}`;
    const recordedAt = Math.max(...commits.filter((one) => publishes(one, tariff, version)).map(({ envelope }) => envelope.recordedAt));
    if (recordedAt > billedAt) throw new ProofFault('lines', `${about} was published after the bill went out`);
    const { end } = localDay(laterOf(from, period.from), basis!.zone);
    return recordedAt > end * 1000 ? [{ about, why: 'backdated' }] : [];
  });
}

function publishes({ events }: OpenedCommit, id: string, number: number): boolean {
  return events.some(({ type, data }) => type === 'TariffPublished' && data.tariff === id && data.version === number);
}

/** The price of demand for a period is charged for a whole one, however short: what period was agreed, no proof says. */
export function demandPeriods({ period }: BillStatement, tariffs: readonly TariffAssignment[]): readonly BillWord[] {
  if (period.from.endsWith('-01') && period.until === addMonths(period.from, 1)) return [];
  const charges = tariffs.flatMap(({ tariff }) =>
    tariff.charges.flatMap((one) => (one.kind === 'demand' && one.per === 'period' ? [one.code] : [])),
  );
  const about = `for a period of ${daysOf(period).length} days`;
  return [...new Set(charges)].map((code) => ({ about: `demand/${code}, ${about},`, why: 'period' }));
}
