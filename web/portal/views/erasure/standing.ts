import type { Erasure } from '../../../../api/customer-account.ts';

/**
 * Where an erasure is, in the words of whoever asked for it. `none` -> one of the waits -> `due` -> `begun` -> `erased` -> `complete`: while
 * something keeps it, by what; `erased` has nothing left but what the law keeps, and copies that end by their own clock.
 */
export type Standing = 'none' | NonNullable<Erasure['waitsFor']> | 'due' | 'begun' | 'erased' | 'complete';

/** A hold that comes when the readings are gone keeps the bills alone: that is `erased`. */
export function standingOf({ status, waitsFor }: Pick<Erasure, 'status' | 'waitsFor'>): Standing {
  switch (status) {
    case 'none':
    case 'erased':
    case 'complete':
      return status;
    case 'requested':
      return waitsFor ?? 'due';
    default:
      return waitsFor === 'hold' ? 'hold' : 'begun';
  }
}

/** Whether the request can be taken back: as long as nothing has begun. */
export function canBeTakenBack({ status }: Pick<Erasure, 'status'>): boolean {
  return status === 'requested';
}

/** Where asking, or taking back, is: `late` when it has begun meanwhile. */
export type Sending = 'idle' | 'sending' | 'failed' | 'late';
