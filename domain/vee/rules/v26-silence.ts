import type { VeePolicy } from '../policy.ts';

/** What the schedule knows of a meter. */
export interface Delivery {
  /** Since the last interval that arrived. */
  readonly hoursSilent: number;
  readonly delivered: number;
  readonly expected: number;
}

/** V26: nothing for long, or too little. @returns whether the meter counts as silent */
export function isSilent({ hoursSilent, delivered, expected }: Delivery, { validation }: VeePolicy): boolean {
  return hoursSilent >= validation.silentHours || delivered < validation.coverage * expected;
}
