import { NOTHING, type Route } from '../route.ts';

const COMMON = { door: 'console', function: 'bill-desk', secondPerson: 'never' } as const;

/** Bills that wait for a person. At the terminal the same word is `joulekeep bill approve`. @source X.1332 10.1 (access control) */
export const CONSOLE_BILL_ROUTES = [
  {
    ...COMMON,
    name: 'listHeldBills',
    method: 'GET',
    path: '/v1/held-bills',
    roles: ['operator', 'supervisor', 'auditor'],
    changes: 'nothing',
    // Opens a hundred bills, on record.
    rate: { burst: 10, perMinute: 30 },
    schemas: { ...NOTHING, response: 'HeldBills' },
  },
  {
    ...COMMON,
    name: 'approveBill',
    method: 'POST',
    path: '/v1/held-bills/{account}/{bill}/approve',
    roles: ['supervisor'],
    // Says which hold was seen, and finds it gone when it comes again.
    changes: 'repeatable',
    rate: { burst: 20, perMinute: 60 },
    schemas: { ...NOTHING, path: 'HeldBillPath', body: 'BillApproval', response: 'BillApproved' },
  },
] as const satisfies readonly Route[];
