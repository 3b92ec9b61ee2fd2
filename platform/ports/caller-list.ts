import type { ApiRole } from '../../topology/route.ts';

/** A certificate of somebody who may come in by a door. */
export interface ListedCaller {
  readonly subject: string;
  readonly role: ApiRole;
  readonly status: 'active' | 'revoked';
  /** UTC ms; null where whoever entered it has not said. */
  readonly notAfter: number | null;
}

/** Who may come in by the doors, for whoever looks after it. */
export interface CallerList {
  callers(most: number): Promise<readonly ListedCaller[]>;
}
