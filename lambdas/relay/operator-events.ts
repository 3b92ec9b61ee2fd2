import { feedMapping } from './feed-events.ts';
import type { RelayMapping } from './mapping.ts';

/** What the grid operator is told: nothing that names a meter or a home reaches this file. @source X.1332 9.4 */
export const OPERATOR_MAPPINGS: readonly RelayMapping[] = [feedMapping('operator'), feedMapping('operator', 'area/')];
