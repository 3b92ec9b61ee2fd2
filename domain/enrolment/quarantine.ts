/** Who cut a device off: a share of ours that it went beyond, the gateway's watch, or a person. */
export type CutOffBy = 'share' | 'watch' | 'person';

export interface CutOff {
  readonly by: CutOffBy;
  /** Why, without the name. */
  readonly reason: string;
  /** Where a person did it. */
  readonly person: string | null;
}

/** What functions record by themselves: of a meter, and of a concentrator. */
const SHARES: ReadonlySet<string> = new Set(['flooding', 'flood']);
const WATCH = /^detected\/[a-z-]+$/;
/** A person's reason ends with the name, which no reason of the service does. */
const BY_HAND = /^(.+) \(([a-z0-9-]+)\)$/s;

/** @param reason as MeterQuarantined and RelayQuarantined have it */
export function cutOffOf(reason: string): CutOff {
  if (SHARES.has(reason)) return { by: 'share', reason, person: null };
  if (WATCH.test(reason)) return { by: 'watch', reason, person: null };
  const [, why = reason, person = null] = BY_HAND.exec(reason) ?? [];
  return { by: 'person', reason: why, person };
}
