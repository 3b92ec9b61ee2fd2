import type { Audience } from '../../events/catalogue/entry.ts';
import type { Counters } from '../middleware/counters.ts';
import type { Endpoint } from './endpoints.ts';

/** How many endpoints of each audience have something which they don't take: none is counted too, for it ends an alarm. */
export function countFailing(counters: Counters, failing: readonly Endpoint[]): void {
  const of = (audience: Audience) => failing.filter(({ feed }) => feed.startsWith(`${audience}/`)).length;
  counters.add('OperatorsFailing', of('operator'));
  counters.add('BillingSystemsFailing', of('billing'));
  counters.add('ThirdPartiesFailing', of('third-party'));
  counters.add('CustomersFailing', of('customer'));
}
