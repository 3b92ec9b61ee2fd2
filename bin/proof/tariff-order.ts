import type { BillStatement } from '../../events/index.ts';
import { ProofFault } from './proof-fault.ts';

/**
 * Each tariff holds until the next one does: dates that fall charge a day twice, and one version in two pieces begins its tiers again.
 * @throws ProofFault
 */
export function checkTariffOrder({ tariffs }: BillStatement): void {
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
}
