import type { BillStatement } from '../../events/index.ts';
import type { BillWord } from './bill-words.ts';
import { ProofFault } from './proof-fault.ts';

/**
 * True-ups: each of one revision, after the first, of an earlier bill of this account at this usage point. What the difference was, that bill says,
 * which has a proof of its own. @throws ProofFault
 */
export function settledBills({ lines, period }: BillStatement): readonly BillWord[] {
  const named = lines.flatMap(({ code, corrects }) => (code === 'true-up' ? [corrects ?? ''] : []));
  for (const [i, corrects] of named.entries()) {
    if (!isEarlier(corrects, period))
      throw new ProofFault('lines', `a true-up corrects ${corrects}, which is no earlier bill of ${period.accountId} there`);
    if (named.indexOf(corrects) < i) throw new ProofFault('lines', `a true-up corrects ${corrects} a second time`);
  }
  return named.map((about) => ({ about, why: 'settled' }));
}

function isEarlier(corrects: string, { accountId, usagePoint, from }: BillStatement['period']): boolean {
  const stream = `bill/${accountId}/${usagePoint}.`;
  if (!corrects.startsWith(stream)) return false;
  const [, day, revision] = /^(\d{4}-\d{2}-\d{2})#(\d+)$/.exec(corrects.slice(stream.length)) ?? [];
  return day !== undefined && day < from && Number(revision) > 1 && String(Number(revision)) === revision;
}
