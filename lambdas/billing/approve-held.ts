import { JoulekeepError } from '../../events/index.ts';
import { type BilledPeriod, type BillOptions, billPeriod } from './bill-period.ts';
import type { BillRequest } from './gather.ts';
import type { BillingSources } from './sources.ts';

/** The word of a person about a bill that waits. */
export type Approval = Required<BillOptions>;

/**
 * Lets go the hold that a person saw. It is rated anew: what besides a finding holds it goes on to hold it.
 * @throws ERR_BILL_CHANGED where it is held otherwise by now or comes to something else, and what `billPeriod` throws
 */
export async function approveHeld(sources: BillingSources, request: BillRequest, approval: Approval): Promise<BilledPeriod> {
  try {
    return await billPeriod(sources, request, approval);
  } catch (error) {
    // What it comes to by now is there to be seen, whoever rated it last.
    if (error instanceof JoulekeepError && error.code === 'ERR_BILL_CHANGED') {
      const { demandApprovedBy: _word, ...asItStands } = request;
      await billPeriod(sources, asItStands);
    }
    throw error;
  }
}
