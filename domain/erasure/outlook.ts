import type { Remaining } from '../../events/index.ts';

/** What is still somewhere after an end, sealed or named, for so many days. */
export interface Lingering {
  readonly what: string;
  /** From when its days count: the end of the last tenancy, the destruction of the keys of the days, or that of the bills' keys. */
  readonly since: 'tenancy-end' | 'usage-destroyed' | 'billing-destroyed';
  readonly days: number;
}

/** UTC ms; of what has not come yet, when it will. */
type ErasureInstants = Readonly<Record<Lingering['since'], number>>;

const DAY_MS = 86_400_000;

/** What an erasure leaves behind for a while, the shortest first. @param lingering at least one */
export function remainingOf(lingering: readonly Lingering[], instants: ErasureInstants): readonly Remaining[] {
  const all = lingering.map(({ what, since, days }) => ({ what, until: instants[since] + days * DAY_MS }));
  return all.sort((a, b) => a.until - b.until || (a.what < b.what ? -1 : 1));
}
