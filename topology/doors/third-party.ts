import type { Route } from '../route.ts';

/** Third parties, over the private link, each with a certificate of its own. @source X.1332 9.3, 10.3 */
export const THIRD_PARTY_ROUTES = [] as const satisfies readonly Route[];
