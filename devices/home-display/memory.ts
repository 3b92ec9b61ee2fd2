import type { ChainLink, DayAheadClaims, PriceClaims } from '../../events/price.ts';
import type { DemandDecision } from './demand-response.ts';

/** Whose key signed it, and its hash: it counts as long as the key is listed. */
interface Held {
  readonly kid: string;
  readonly hash: string;
}

/** What a display remembers over a power failure; one record, sealed and replaced as a whole. */
export interface DisplayMemory {
  /** Key list in force, compact JWS; empty before the first. */
  readonly keyList: string;
  /** UTC s: it can't be earlier, whatever the clock says. */
  readonly knownTime: number;
  /** Day-ahead tariffs, newest last. */
  readonly days: readonly (DayAheadClaims & Held)[];
  readonly tariffs: ChainLink;
  /** Hashes of the last that were taken: who brings one again brings nothing. */
  readonly known: readonly string[];
  /** Where the chain of real-time prices stands, and whose key signed there. */
  readonly prices: ChainLink & { readonly kid: string };
  readonly live?: PriceClaims & Held;
  /** Where each program's chain stands, and whose key signed there. */
  readonly programs: Readonly<Record<string, ChainLink & { readonly kid: string }>>;
  readonly decisions: readonly DemandDecision[];
  readonly reports: readonly DisplayReport[];
  /** Highest version of its program that ever started. */
  readonly program: number;
  /** The device's own key, PKCS 8 in base64. */
  readonly identity: string;
}

/** What the device noticed, for its owner and the utility: all of one shape, with no content of what was refused. */
export interface DisplayReport {
  /** UTC s by the device. */
  readonly at: number;
  readonly about: 'keys' | 'tariff' | 'price' | 'demand-response' | 'program' | 'memory' | 'message';
  readonly outcome: 'accepted' | 'refused' | 'opted-out';
  /** Empty where there is nothing to say. */
  readonly reason: string;
}

export const NOTHING: ChainLink = { seq: 0, hash: '' };

export function blankMemory(identity: string): DisplayMemory {
  return {
    keyList: '',
    knownTime: 0,
    days: [],
    tariffs: NOTHING,
    known: [],
    prices: { ...NOTHING, kid: '' },
    programs: {},
    decisions: [],
    reports: [],
    program: 0,
    identity,
  };
}
