import type { DomainEvent, ErasedClass, ErasureDeferred, LegalHoldPlaced, Remaining, SubjectErased } from '../../events/index.ts';

/**
 * How far the erasure of a customer is:
 *
 *   none -> requested -> access-ending -> access-ended -> keys-destroyed -> cleared -> erased -> complete
 *
 * Up to `requested` it can be taken back. What the law keeps longer (bills) has its own keys: they are destroyed while the rest is `erased` already. A hold stops every step up to there, but for
 * access that is ending: that goes on to its end.
 */
export type ErasureStatus = 'none' | 'requested' | 'access-ending' | 'access-ended' | 'keys-destroyed' | 'cleared' | 'erased' | 'complete';

export interface ErasureState {
  readonly status: ErasureStatus;
  /** UTC ms; absent before a request. */
  readonly requestedAt?: number;
  /** A person of the utility, or `customer`. */
  readonly requestedBy?: string;
  readonly notBefore?: number;
  readonly holds: ReadonlyMap<string, LegalHoldPlaced>;
  /** Holds that were released, by whom: they don't come back under the same name. */
  readonly released: ReadonlySet<string>;
  readonly deferred: Readonly<Partial<Record<ErasedClass, ErasureDeferred>>>;
  /** Classes whose keys began to be destroyed, and were; UTC ms. */
  readonly begun: Readonly<Partial<Record<ErasedClass, number>>>;
  readonly destroyed: Readonly<Partial<Record<ErasedClass, number>>>;
  readonly notified: ReadonlySet<string>;
  readonly erased?: SubjectErased;
  readonly completedAt?: number;
  /** That the last request was taken back, as long as there is none since. */
  readonly withdrawn?: { readonly by: string; readonly at: number };
}

export const NO_ERASURE: ErasureState = {
  status: 'none',
  holds: new Map(),
  released: new Set(),
  deferred: {},
  begun: {},
  destroyed: {},
  notified: new Set(),
};

export function evolveErasure(state: ErasureState, event: DomainEvent): ErasureState {
  switch (event.type) {
    case 'ErasureRequested': {
      const { at, notBefore, by, person = by } = event.data;
      const { withdrawn: _, ...rest } = state;
      return { ...rest, status: 'requested', requestedAt: at, requestedBy: person, notBefore };
    }
    case 'ErasureWithdrawn':
      return { ...NO_ERASURE, holds: state.holds, released: state.released, withdrawn: event.data };
    case 'ErasureDeferred':
      return { ...state, deferred: { ...state.deferred, [event.data.class]: event.data } };
    case 'LegalHoldPlaced':
      return { ...state, holds: new Map([...state.holds, [event.data.hold, event.data]]) };
    case 'LegalHoldReleased': {
      const { hold } = event.data;
      return { ...state, holds: new Map([...state.holds].filter(([name]) => name !== hold)), released: new Set([...state.released, hold]) };
    }
    case 'AccessEndBegun':
      return { ...state, status: 'access-ending' };
    case 'SubjectAccessEnded':
      return { ...state, status: 'access-ended' };
    default:
      return evolveDestruction(state, event);
  }
}

function evolveDestruction(state: ErasureState, event: DomainEvent): ErasureState {
  switch (event.type) {
    case 'KeyDestructionBegun':
      return { ...state, begun: { ...state.begun, [event.data.of]: event.data.at } };
    case 'SubjectKeysDestroyed': {
      const { of, at } = event.data;
      const destroyed = { ...state.destroyed, [of]: at };
      return of === 'usage' && state.status === 'access-ended'
        ? { ...state, destroyed, status: 'keys-destroyed' }
        : { ...state, destroyed };
    }
    case 'ReadModelsCleared':
      return { ...state, status: 'cleared' };
    case 'RecipientNotified':
      return { ...state, notified: new Set([...state.notified, event.data.recipient]) };
    case 'SubjectErased':
      return { ...state, status: 'erased', erased: event.data };
    case 'ErasureCompleted':
      return { ...state, status: 'complete', completedAt: event.data.at };
    default:
      return state;
  }
}

/** When the last of it is gone, UTC ms. */
export function lastOf(remaining: readonly Remaining[]): number {
  return Math.max(...remaining.map(({ until }) => until));
}
