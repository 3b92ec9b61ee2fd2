import type { Acknowledged } from './acknowledged.ts';

/** Findings of the witness that stay. */
export const WITNESS_ACKNOWLEDGED: readonly Acknowledged[] = [
  {
    path: 'Logs/Resource',
    rule: 'S1',
    reason: 'This bucket holds the access log of the witness; a log of its own reading would need a bucket without one again.',
  },
];
