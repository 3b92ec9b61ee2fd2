import type { BillStatement } from '../../events/index.ts';
import type { BillWord } from './bill-words.ts';
import { ProofFault } from './proof-fault.ts';

/**
 * Credit of the bill before: less than none would be a charge under another name. How much it is, that bill says, which has a proof of its own.
 * @throws ProofFault
 */
export function creditBrought({ basis }: BillStatement): readonly BillWord[] {
  const { broughtWh, broughtMicro } = basis!;
  const credits = [...Object.entries(broughtWh), ['credit/brought', broughtMicro] as const].map(([about, amount]) => ({
    about,
    amount: BigInt(amount),
  }));
  const below = credits.find(({ amount }) => amount < 0n);
  if (below !== undefined)
    throw new ProofFault('lines', `${below.about}: the credit that was brought is ${below.amount}, which is a charge`);
  return credits.filter(({ amount }) => amount > 0n).map(({ about }) => ({ about, why: 'brought' }));
}
