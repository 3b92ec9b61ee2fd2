import type { Route } from '../route.ts';

/** The grid operator's energy management system, over the private link. @source X.1332 9.4, 10.4 */
export const OPERATOR_ROUTES = [] as const satisfies readonly Route[];
