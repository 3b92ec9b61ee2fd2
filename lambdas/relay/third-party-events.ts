import { feedMapping } from './feed-events.ts';
import type { RelayMapping } from './mapping.ts';

/** What third parties are told: that something of theirs grew. @source X.1332 9.3 */
export const THIRD_PARTY_MAPPINGS: readonly RelayMapping[] = [feedMapping('third-party')];
