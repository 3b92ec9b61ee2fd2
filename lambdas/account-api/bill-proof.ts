import type { BillProof } from '../../api/bill-proof.ts';
import { proveBill as prove } from '../bill-proof/prove-bill.ts';
import { billStreams } from '../billing/open-billing.ts';
import type { Answer } from '../http/answers.ts';
import type { Call } from '../http/call.ts';
import { type AccountDesk, notOwn } from './account-desk.ts';

/** What the customer's own bill rests on. @throws ERR_NOT_OWN for another customer's as for none, and what `prove` throws */
export async function proveBill(desk: AccountDesk, { caller, path }: Call<'proveBill'>): Promise<Answer> {
  const account = caller.person;
  // The account in the name of the stream is the caller's, whatever the path says.
  const stream = `bill/${account}/${path.bill}`;
  if (!(await billStreams(desk, account)).includes(stream)) throw notOwn();
  return { body: (await prove(desk, { stream, account, purpose: 'customer-view', person: account })) satisfies BillProof };
}
