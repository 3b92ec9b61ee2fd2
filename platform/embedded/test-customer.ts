import { JoulekeepError } from '../../events/errors.ts';
import type { CustomerSignIn } from '../ports/customer-sign-in.ts';
import type { Clock } from '../ports/platform.ts';

/**
 * A customer who is always signed in, for a town that is played: whoever opens the page is this customer. It exists in the embedded
 * platform alone, and only where the platform is told the account; every consent given this way says so.
 * @throws ERR_TEST_CUSTOMER for no account
 */
export function testCustomer(account: string, clock: Clock): CustomerSignIn {
  if (account === '') throw new JoulekeepError('ERR_TEST_CUSTOMER', 'a test customer has an account');
  return { signedIn: async () => ({ account, authTime: clock.now(), method: 'test-identity' }) };
}
