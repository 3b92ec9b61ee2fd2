import type { HeldBills } from '../../../api/held-bills.ts';
import { mayCall } from './calls.ts';
import { hrefOfMeters } from './meter-search.ts';

export type HeldBill = HeldBills['bills'][number];

/** What a person's word lets go; all else holds a bill until it is measured or its hold ends. */
const BY_WORD: readonly string[] = ['review', 'demand-estimated'];

/** Whether a word would let a bill out now; of what nobody can see the amount of, none would. */
export function goesByWord({ reasons, totalMicro }: Pick<HeldBill, 'reasons' | 'totalMicro'>): boolean {
  return totalMicro !== undefined && reasons.every((reason) => BY_WORD.includes(reason));
}

/** What is sent with an approval. Demand is allowed only where the person was asked about it. */
export function approvalOf({ heldAt, reasons }: Pick<HeldBill, 'heldAt' | 'reasons'>, reason: string, demand: boolean) {
  const asked = reasons.includes('demand-estimated');
  return { heldAt, reason: reason.trim(), ...(asked && demand ? { demand: true as const } : {}) };
}

/** Whether the word is complete: a reason, and a yes to estimated demand where that holds the bill. */
export function isComplete({ reasons }: Pick<HeldBill, 'reasons'>, reason: string, demand: boolean): boolean {
  return reason.trim() !== '' && (demand || !reasons.includes('demand-estimated'));
}

/** What goes out by the word: demand that may stand on estimates comes to something else. */
export function asApproved(
  { totalMicro, withDemandMicro, currency }: AmountsOf,
  demand: boolean,
): Pick<HeldBill, 'totalMicro' | 'currency'> {
  return { totalMicro: demand ? (withDemandMicro ?? totalMicro) : totalMicro, currency };
}

type AmountsOf = Pick<HeldBill, 'totalMicro' | 'withDemandMicro' | 'currency'>;

/** Where the days are that a bill waits for; undefined for a role that may not look for meters. */
export function hrefOfDays({ usagePoint }: Pick<HeldBill, 'usagePoint'>, role: string): string | undefined {
  return mayCall(role, 'findMeters') ? hrefOfMeters(usagePoint) : undefined;
}
