import type { Acknowledged } from './acknowledged.ts';

/** Findings of the fleet that stay. */
export const FLEET_ACKNOWLEDGED: readonly Acknowledged[] = [];
