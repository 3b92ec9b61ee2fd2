import type { TariffAssignment } from '../../domain/billing/billing-input.ts';
import { daysOf } from '../../domain/billing/period-calendar.ts';
import { addMonths, laterOf } from '../../domain/tariff/dates.ts';
import type { Charge, Tariff } from '../../domain/tariff/tariff.ts';
import type { BillStatement } from '../../events/index.ts';
import { localDay } from '../../lambdas/shared/days/local-days.ts';
import { counted } from '../texts/counted.ts';
import type { BillWord } from './bill-words.ts';
import type { OpenedCommit } from './open-commits.ts';
import { ProofFault } from './proof-fault.ts';
import { publicationOf } from './published-tariff.ts';

/**
 * Prices were recorded before the bill went out; those that were recorded only after the first day that they are charged for are named.
 * @param billedAt UTC ms @param commits with those of every tariff that the bill names @throws ProofFault
 */
export function backdatedTariffs(
  { period, tariffs, basis }: BillStatement,
  billedAt: number,
  commits: readonly OpenedCommit[],
): readonly BillWord[] {
  return tariffs.flatMap(({ tariff, version, from }): BillWord[] => {
    const about = `tariff ${tariff} version ${version}`;
    const { recordedAt } = publicationOf(commits, tariff, version)!.commit.envelope;
    if (recordedAt > billedAt) throw new ProofFault('lines', `${about} was published after the bill went out`);
    const { end } = localDay(laterOf(from, period.from), basis!.zone);
    return recordedAt > end * 1000 ? [{ about, why: 'backdated' }] : [];
  });
}

/**
 * Demand at a price for a period is charged for a whole one, however short; steps of a price, what is free of reactive energy, what is set off and
 * what is filled up to a minimum begin anew with each period. What period was agreed, no proof says.
 */
export function chargedByPeriod({ period }: BillStatement, tariffs: readonly TariffAssignment[]): readonly BillWord[] {
  if (period.from.endsWith('-01') && period.until === addMonths(period.from, 1)) return [];
  const lines = tariffs.flatMap(({ tariff }) => linesByPeriod(tariff));
  return [...new Set(lines)].map((line) => ({
    about: `${line}, for a period of ${counted(daysOf(period).length, 'day')},`,
    why: 'period',
  }));
}

function linesByPeriod({ charges, minimum, export: terms }: Tariff): readonly string[] {
  const filledUp = minimum === undefined ? [] : ['minimum'];
  const netted = terms?.netting === 'per-period' ? ['export'] : [];
  return [...charges.flatMap((charge) => lineByPeriod(charge) ?? []), ...netted, ...filledUp];
}

function lineByPeriod(charge: Charge): string | undefined {
  if (charge.kind === 'demand' && charge.per === 'period') return `demand/${charge.code}`;
  if (charge.kind === 'reactive') return `reactive/${charge.code}`;
  return charge.kind === 'energy' && charge.pricing.kind === 'tiers' ? charge.code : undefined;
}
