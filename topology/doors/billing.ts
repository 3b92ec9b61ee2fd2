import type { Route } from '../route.ts';

/** The utility's billing system. @source X.1332 7 */
export const BILLING_ROUTES = [] as const satisfies readonly Route[];
