import type { BillList } from '../../../../api/customer-account.ts';
import { offlineStore } from '../../../shared/browser.ts';
import { type Resource, useLoad } from '../../../shared/load.ts';
import type { Caller } from '../../../shared/session.ts';

/** Bills of all supply points of the customer. */
export function useBills(caller: Caller): Resource<BillList> {
  return useLoad(() => caller.request<BillList>({ path: '/v1/me/bills' }), [caller], { keep: { store: offlineStore, name: 'bills' } });
}
