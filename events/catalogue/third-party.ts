import type { CatalogueEntry } from './entry.ts';
import { feedGrewEntry } from './feed-grew.ts';

/** Queue that delivers to third parties. */
const THIRD_PARTY_QUEUE = 'third-party';

/** What third parties are told: that there is something to fetch. What they get is decided when they fetch it. @source X.1332 9.3 */
export const THIRD_PARTY_EVENTS: readonly CatalogueEntry[] = [feedGrewEntry('third-party', THIRD_PARTY_QUEUE)];
