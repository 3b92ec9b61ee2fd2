import type { Route } from '../route.ts';

/** Customers, from the internet. @source X.1332 9.2, 10.2 */
export const CUSTOMER_ROUTES = [] as const satisfies readonly Route[];
