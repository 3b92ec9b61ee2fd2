import type { CatalogueEntry } from './entry.ts';
import { feedGrewEntry } from './feed-grew.ts';

/** Queue that delivers to the grid operator. */
const OPERATOR_QUEUE = 'operator';

/** What the grid operator is told: areas and time alone. No field here names a meter, a home or an account. @source X.1332 9.4 */
export const OPERATOR_EVENTS: readonly CatalogueEntry[] = [feedGrewEntry('operator', OPERATOR_QUEUE)];
