import type { BillingInput } from './billing-input.ts';

/** What of a period a bill can't stand on yet. */
export interface Assessment {
  /** Slots without a value. */
  readonly missing: number;
  /** Slots that were measured and must not be billed as they are. */
  readonly failed: number;
  /** Parts per thousand of slots or of energy, whichever is more. A zero that an outage explains is no estimate. */
  readonly estimatedPerMille: number;
  readonly notFinal: number;
  /** The largest demand would come from an estimated interval, and nobody approved it. */
  readonly demandEstimated: boolean;
}
