import type { Customer } from '../../api/customer-account.ts';
import type { Answer } from '../http/answers.ts';
import type { Call } from '../http/call.ts';
import { type AccountDesk, ownAccount, ownPoints } from './account-desk.ts';

/** Who is signed in: the account by its pseudonymous id, and how many usage points are or were its own. @throws ERR_NOT_OWN */
export async function showCustomer(desk: AccountDesk, { caller }: Call<'showCustomer'>): Promise<Answer> {
  const points = ownPoints(await ownAccount(desk, caller.person)).length;
  return { body: { account: caller.person, points } satisfies Customer };
}
