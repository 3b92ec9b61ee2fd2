import type { ConsentGranted, ConsentRequested, DisclosureRefused, DomainEvent } from '../../events/index.ts';

/** What stream `consent/<id>` says. */
export type ConsentState = { readonly status: 'unknown' } | ({ readonly status: 'requested' } & ConsentRequested) | GrantedConsent;

export interface GrantedConsent extends ConsentGranted {
  readonly status: 'granted' | 'revoked' | 'expired';
  /** When it was revoked or expired, UTC ms. */
  readonly endedAt?: number;
  /** The last refusals, one per kind: what is like them is not recorded again within a minute. */
  readonly refusals: readonly DisclosureRefused[];
  /** How often data left by it, and when last, UTC ms. */
  readonly accesses: number;
  readonly lastAccessAt?: number;
}

export const UNKNOWN_CONSENT: ConsentState = { status: 'unknown' };

export function evolveConsent(state: ConsentState, event: DomainEvent): ConsentState {
  if (event.type === 'ConsentRequested') return { status: 'requested', ...event.data };
  if (event.type === 'ConsentGranted') return { status: 'granted', refusals: [], accesses: 0, ...event.data };
  if (state.status === 'unknown' || state.status === 'requested') return state;
  switch (event.type) {
    case 'ConsentNarrowed': {
      const { at: _at, authTime: _time, authMethod: _method, ...scope } = event.data;
      return { ...state, ...scope };
    }
    case 'ConsentRevoked':
      return { ...state, status: 'revoked', endedAt: event.data.at };
    case 'ConsentExpired':
      return { ...state, status: 'expired', endedAt: event.data.at };
    case 'DataDisclosed':
      return { ...state, accesses: state.accesses + 1, lastAccessAt: event.data.at };
    case 'DisclosureRefused': {
      const others = state.refusals.filter((refusal) => !isAlike(refusal, event.data));
      return { ...state, refusals: [...others.slice(-15), event.data] };
    }
    default:
      return state;
  }
}

/** Refusals of one recipient for one reason. */
export function isAlike(one: Pick<DisclosureRefused, 'recipient' | 'why'>, other: Pick<DisclosureRefused, 'recipient' | 'why'>): boolean {
  return one.recipient === other.recipient && one.why === other.why;
}
