import type { KeysView } from '../../../api/console.ts';

export type EndState = 'ended' | 'days' | 'weeks' | 'later' | 'never' | 'revoked';

/** Something that ends: a generation of a key that has to be changed, or a certificate. */
export interface Ending {
  readonly kind: 'key' | 'certificate';
  readonly name: string;
  /** Use of the key, role of the certificate. */
  readonly of: string;
  /** Current generation of a key. */
  readonly generation?: number | undefined;
  readonly at: string | null;
  readonly state: EndState;
}

const DAY_MS = 86_400_000;
const DAYS = 7;
const WEEKS = 30;

/** @param now UTC ms */
export function endState(at: string | null, now: number): EndState {
  if (at === null) return 'never';
  const left = Date.parse(at) - now;
  if (left <= 0) return 'ended';
  return left <= DAYS * DAY_MS ? 'days' : left <= WEEKS * DAY_MS ? 'weeks' : 'later';
}

/** What ends when, soonest first; what is revoked or never ends comes last. */
export function endingsOf({ keys, certificates }: Pick<KeysView, 'keys' | 'certificates'>, now: number): readonly Ending[] {
  const endings: Ending[] = [
    ...keys.map(({ key, usage, generations, dueAt }) => ({
      ...{ kind: 'key' as const, name: key, of: usage, at: dueAt, state: endState(dueAt, now) },
      generation: generations.find(({ current }) => current)?.generation,
    })),
    ...certificates.map(({ subject, role, notAfter, status }) => {
      const state = status === 'revoked' ? 'revoked' : status === 'expired' ? 'ended' : endState(notAfter, now);
      return { kind: 'certificate' as const, name: subject, of: role, at: notAfter, state } as const;
    }),
  ];
  return endings.sort((a, b) => compare(rank(a), rank(b)) || (a.name < b.name ? -1 : 1));
}

function rank({ state, at }: Ending): number {
  return state === 'revoked' || at === null ? Number.POSITIVE_INFINITY : Date.parse(at);
}

/** Two that never end are alike: their difference is no number. */
function compare(a: number, b: number): number {
  return a === b ? 0 : a - b;
}
