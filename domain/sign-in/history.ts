import type { DomainEvent, SessionEnded, SessionStarted } from '../../events/index.ts';

/** A sign-in, as far as it is on record. */
export interface SignInRecord extends SessionStarted {
  /** Absent where nothing ended it before its time. */
  readonly ended?: Pick<SessionEnded, 'why' | 'by' | 'at'>;
  /** Tries that were refused since the sign-in before. */
  readonly refusedBefore: number;
}

/** What is shown of somebody's streams, which are folded one after the other, the oldest first. */
export interface SignInHistory {
  /** Oldest first, the newest `MOST_SIGN_INS`. */
  readonly signIns: readonly SignInRecord[];
  /** Tries that were refused since the last of them. */
  readonly refusedSince: number;
}

/** Whoever has a way in can use it as often as the doors let. */
export const MOST_SIGN_INS = 200;

const NONE: SignInHistory = { signIns: [], refusedSince: 0 };

export const signInHistory = { initial: NONE, evolve };

function evolve(state: SignInHistory, event: DomainEvent): SignInHistory {
  switch (event.type) {
    case 'SessionStarted': {
      const begun = { ...event.data, refusedBefore: state.refusedSince };
      return { signIns: [...state.signIns, begun].slice(-MOST_SIGN_INS), refusedSince: 0 };
    }
    case 'SessionEnded': {
      const { session, ...ended } = event.data;
      return {
        ...state,
        signIns: state.signIns.map((one) => (one.session === session && one.ended === undefined ? { ...one, ended } : one)),
      };
    }
    case 'SignInsRefused':
      return { ...state, refusedSince: state.refusedSince + event.data.count };
    default:
      return state;
  }
}
