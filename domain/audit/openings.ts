import type { DataAccessed } from '../../events/index.ts';

/** A key of a subject that somebody opened. */
export interface Opening {
  readonly principal: string;
  readonly subject: string;
  /** Of the days under a usage key, `yyyy-mm`; undefined for the key of bills. */
  readonly month?: string;
  /** UTC ms. */
  readonly at: number;
}

type Window = Pick<DataAccessed, 'from' | 'until' | 'at'>;

const HOUR_MS = 3_600_000;
/** A local month begins at most 14 hours before the UTC month of its name, and ends at most 12 after it. */
const ZONE_AHEAD_MS = 14 * HOUR_MS;
const ZONE_BEHIND_MS = 12 * HOUR_MS;
/** Records of whole seconds, and clocks of two services. */
const SKEW_MS = 2_000;

/** What functions recorded before they opened, by who and whose. */
export class RecordedAccesses {
  readonly #byPrincipal = new Map<string, Map<string, Window[]>>();

  add({ principal, subjects, from, until, at }: DataAccessed): void {
    const ofPrincipal = this.#byPrincipal.get(principal) ?? new Map<string, Window[]>();
    this.#byPrincipal.set(principal, ofPrincipal);
    // One for the whole run, which may name a million.
    const window = { from, until, at };
    for (const subject of subjects) {
      const known = ofPrincipal.get(subject);
      if (known === undefined) ofPrincipal.set(subject, [window]);
      else known.push(window);
    }
  }

  /**
   * Whether an access explains the opening: of the same principal, to this subject, to a window that meets the month of the key, recorded
   * before it and not longer before it than `withinMs`.
   */
  explain({ principal, subject, month, at }: Opening, withinMs: number): boolean {
    const windows = this.#byPrincipal.get(principal)?.get(subject) ?? [];
    return windows.some((window) => window.at <= at + SKEW_MS && window.at >= at - withinMs && meets(window, month));
  }
}

function meets({ from, until }: Window, month: string | undefined): boolean {
  if (month === undefined) return true;
  const [year, number] = month.split('-').map(Number) as [number, number];
  return Date.UTC(year, number - 1) - ZONE_AHEAD_MS < until && Date.UTC(year, number) + ZONE_BEHIND_MS > from;
}
