import type { BillComputed, BillRerated } from '../../events/index.ts';
import { ProofFault } from './proof-fault.ts';

/** The first revision changes nothing; a later one changes the total by what it says. @throws ProofFault */
export function checkRevision(bill: BillComputed | BillRerated): void {
  const again = 'beforeMicro' in bill || 'differenceMicro' in bill;
  if (again !== bill.revision > 1)
    throw new ProofFault('lines', `revision ${bill.revision} does not say what the bill came to before, or should not`);
  if (!again) return;
  const { beforeMicro, differenceMicro, totalMicro } = bill as BillRerated;
  if (BigInt(beforeMicro) + BigInt(differenceMicro) !== BigInt(totalMicro))
    throw new ProofFault('lines', `the difference to the bill before, ${differenceMicro}, is not what the total gives`);
}
