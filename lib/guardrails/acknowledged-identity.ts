import type { Acknowledged } from './acknowledged.ts';

/** Findings of identity that stay. */
export const IDENTITY_ACKNOWLEDGED: readonly Acknowledged[] = [
  {
    path: 'pool',
    rule: 'COG8',
    reason:
      'The Plus plan adds risk scores of sign-ins, paid by user and month; passkeys that verify the person leave no password to guess, and every request is bound to a key.',
  },
];
