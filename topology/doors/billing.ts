import { NOTHING, type Route } from '../route.ts';

const COMMON = {
  door: 'billing',
  function: 'billing-api',
  roles: ['billing-system'],
  rate: { burst: 60, perMinute: 600 },
  secondPerson: 'never',
} as const;
const READ = { ...COMMON, method: 'GET', changes: 'nothing' } as const;

/** The utility's billing system. @source X.1332 7 */
export const BILLING_ROUTES = [
  {
    ...READ,
    name: 'listBillingItems',
    path: '/v1/billing/items',
    schemas: { path: 'NoParameters', query: 'BillingItemsQuery', body: 'NoBody', response: 'BillingItems' },
  },
  {
    ...READ,
    name: 'showBillingTotals',
    path: '/v1/billing/totals/{month}',
    schemas: { path: 'BillingMonthPath', query: 'NoParameters', body: 'NoBody', response: 'BillingTotals' },
  },
  {
    ...COMMON,
    method: 'POST',
    name: 'replayBillingItems',
    path: '/v1/billing/replay',
    changes: 'repeatable',
    schemas: { ...NOTHING, body: 'BillingReplay', response: 'DeliveryStanding' },
  },
] as const satisfies readonly Route[];
