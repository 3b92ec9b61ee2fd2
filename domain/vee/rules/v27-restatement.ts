import type { VeePolicy } from '../policy.ts';

/** V27: a new value against one that was published and billed. @returns whether a person must look before it stands */
export function needsReview(beforeWh: number, afterWh: number, billed: boolean, { validation }: VeePolicy): boolean {
  const change = Math.abs(afterWh - beforeWh);
  return billed && change > 0 && (change > validation.restatedWh || change > validation.restatedShare * Math.abs(beforeWh));
}
