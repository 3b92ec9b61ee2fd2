import type { BillApproved } from '../../api/held-bills.ts';
import { JoulekeepError } from '../../events/index.ts';
import type { Platform } from '../../platform/ports/platform.ts';
import { approveHeld } from '../billing/approve-held.ts';
import { billNamed } from '../billing/bill-stream.ts';
import { billStreams, openBilling } from '../billing/open-billing.ts';
import type { Answer } from '../http/answers.ts';
import type { Call } from '../http/call.ts';

/**
 * A person lets a bill go that waits for one. It is rated anew: what besides a finding holds it goes on to hold it.
 * @throws ERR_BILL_UNKNOWN for a bill that is not, or does not wait; ERR_BILL_CHANGED where it is held otherwise than the person saw or comes to something else, and what `billPeriod` throws
 */
export async function approveBill(platform: Platform, { caller, path, body }: Call<'approveBill'>): Promise<Answer> {
  const { account, bill } = path;
  const stream = `bill/${account}/${bill}`;
  // Nobody's data is opened for a bill that there isn't.
  if (!(await billStreams(platform, account)).includes(stream)) throw unknownBill();
  const { usagePoint, from } = billNamed(stream);
  const { person } = caller;
  const sources = await openBilling(platform, [account], { from, until: from }, { purpose: 'billing', person });
  const { held } = await sources.bill(stream);
  if (held === undefined) throw unknownBill();
  const request = { account, usagePoint, from, until: held.period.until };
  const word = { reason: body.reason, approvedBy: person, ofHold: Date.parse(body.heldAt) };
  const demand = body.demand === undefined ? {} : { demandApprovedBy: person };
  const { events, state } = await approveHeld(sources, { ...request, ...demand }, word);
  const last = events.at(-1);
  const issued = last?.type === 'BillComputed' || last?.type === 'BillRerated';
  const stays = state.held !== undefined;
  const revision = issued ? last.data.revision : state.billed?.revision;
  const told: BillApproved = stays
    ? { result: 'stays-held', reasons: [...state.held.reasons] }
    : { result: 'went-out', reasons: [], ...(revision === undefined ? {} : { revision }) };
  return { body: told };
}

function unknownBill(): JoulekeepError {
  return new JoulekeepError('ERR_BILL_UNKNOWN', 'no such bill waits');
}
