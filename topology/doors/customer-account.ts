import { NOTHING, type Route, type RouteRate } from '../route.ts';

const READS: RouteRate = { burst: 60, perMinute: 240 };
/** Each opens a bill with all its days. */
const PROOFS: RouteRate = { burst: 3, perMinute: 6 };
const ANSWERS: RouteRate = { burst: 10, perMinute: 30 };
const OWN = { door: 'customer', function: 'account-api', roles: ['customer'], secondPerson: 'never' } as const;
const READ = { ...OWN, method: 'GET', changes: 'nothing', rate: READS } as const;

/** What customers see of their account: bills, sharing, and who opened their data. @source X.1332 8.3, 9.2, 9.3, 10.2 */
export const CUSTOMER_ACCOUNT_ROUTES = [
  { ...READ, name: 'showCustomer', path: '/v1/me', schemas: { ...NOTHING, response: 'Customer' } },
  {
    ...READ,
    name: 'showBillEstimate',
    path: '/v1/me/points/{usagePoint}/bill-estimate',
    schemas: { ...NOTHING, path: 'CustomerPointPath', response: 'BillEstimate' },
  },
  { ...READ, name: 'listBills', path: '/v1/me/bills', schemas: { ...NOTHING, response: 'BillList' } },
  { ...READ, name: 'showBill', path: '/v1/me/bills/{bill}', schemas: { ...NOTHING, path: 'BillPath', response: 'CustomerBill' } },
  {
    ...READ,
    name: 'proveBill',
    path: '/v1/me/bills/{bill}/proof',
    rate: PROOFS,
    schemas: { ...NOTHING, path: 'BillPath', response: 'BillProof' },
  },
  { ...READ, name: 'listSharing', path: '/v1/me/sharing', schemas: { ...NOTHING, response: 'SharingList' } },
  {
    ...READ,
    name: 'showSharing',
    path: '/v1/me/sharing/{consent}',
    schemas: { ...NOTHING, path: 'SharingPath', response: 'SharingHistory' },
  },
  {
    ...OWN,
    name: 'endSharing',
    method: 'DELETE',
    path: '/v1/me/sharing/{consent}',
    changes: 'repeatable',
    rate: ANSWERS,
    schemas: { ...NOTHING, path: 'SharingPath', response: 'SharingReceipt' },
  },
  { ...READ, name: 'showErasure', path: '/v1/me/erasure', schemas: { ...NOTHING, response: 'Erasure' } },
  {
    ...OWN,
    name: 'requestErasure',
    method: 'POST',
    path: '/v1/me/erasure',
    changes: 'repeatable',
    rate: ANSWERS,
    // Whoever took over a browser that somebody left open ends nobody's data.
    recentSignInMinutes: 5,
    schemas: { ...NOTHING, response: 'Erasure' },
  },
  {
    ...OWN,
    name: 'withdrawErasure',
    method: 'DELETE',
    path: '/v1/me/erasure',
    changes: 'repeatable',
    rate: ANSWERS,
    schemas: { ...NOTHING, response: 'Erasure' },
  },
  { ...READ, name: 'listAccesses', path: '/v1/me/accesses', schemas: { ...NOTHING, query: 'AccessQuery', response: 'AccessList' } },
  {
    ...READ,
    name: 'showConsentRequest',
    function: 'authorization',
    path: '/oauth/consent/{uid}/request',
    schemas: { ...NOTHING, path: 'UidPath', response: 'ConsentRequest' },
  },
  {
    ...OWN,
    name: 'answerConsent',
    function: 'authorization',
    method: 'POST',
    path: '/oauth/consent/{uid}',
    changes: 'repeatable',
    rate: ANSWERS,
    // Whoever took over a browser that somebody left open gives no consent.
    recentSignInMinutes: 5,
    schemas: { ...NOTHING, path: 'UidPath', body: 'ConsentAnswer', response: 'ConsentAnswered' },
  },
] as const satisfies readonly Route[];
