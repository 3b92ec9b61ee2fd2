import type { BillStatement } from '../../events/index.ts';
import { chargedDaysOf } from '../../lambdas/billing/places.ts';
import { ProofFault } from './proof-fault.ts';

/**
 * Each tariff holds until the next one does: dates that fall charge a day twice, and one version in two pieces begins its tiers again. Each
 * charges a day, where any is charged: one that does not would still say what becomes of a credit.
 * @throws ProofFault
 */
export function checkTariffOrder({ tariffs, spans = [], period, basis }: BillStatement): void {
  const next = tariffs.slice(1).map((one, i) => ({ ...one, before: tariffs[i]! }));
  const falls = next.find(({ from, before }) => before.from >= from);
  if (falls !== undefined)
    throw new ProofFault('lines', `tariff ${falls.tariff} is charged from ${falls.from} on, behind one from ${falls.before.from} on`);
  const again = next.find(({ tariff, version, before }) => before.tariff === tariff && before.version === version);
  if (again !== undefined)
    throw new ProofFault(
      'lines',
      `tariff ${again.tariff} version ${again.version} is charged in two pieces, the second from ${again.from} on`,
    );
  const charged = chargedDaysOf(spans, period, basis!.zone);
  const charging = new Set(charged.map((day) => tariffs.findLast(({ from }) => from <= day)));
  const idle = tariffs.find((one) => charged.length > 0 && !charging.has(one));
  if (idle !== undefined) throw new ProofFault('lines', `tariff ${idle.tariff} version ${idle.version} holds on no day that is charged`);
}
