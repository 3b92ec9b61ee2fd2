import type { Platform } from '../../platform/ports/platform.ts';
import type { ItemOwner } from '../../platform/ports/read-models.ts';
import type { SubjectAccess } from '../../platform/ports/subject-access.ts';
import { localDay, plusDays } from '../shared/local-days.ts';
import { openSubjectData } from '../shared/subject-data.ts';

const DAY_MS = 86_400_000;
/** An access is asked for anew after so long, so that every day's log names whose data was open on it. */
const HELD_MS = DAY_MS;

interface Held {
  readonly access: SubjectAccess;
  readonly subjects: ReadonlySet<string>;
  readonly from: string;
  readonly until: string;
  readonly at: number;
}

/** The right to take up one's own pages again, recorded once for a day of work instead of once per batch. */
export class HeldAccess {
  readonly #platform: Platform;
  #held: Held | undefined;

  constructor(platform: Platform) {
    this.#platform = platform;
  }

  /** An access that covers all of these; nobody's need none. */
  async covering(owners: readonly ItemOwner[]): Promise<SubjectAccess | undefined> {
    if (owners.length === 0) return undefined;
    const now = this.#platform.clock.now();
    const held = this.#held;
    if (held !== undefined && now - held.at < HELD_MS && owners.every((owner) => covers(held, owner))) return held.access;
    this.#held = await this.#open(owners, now);
    return this.#held.access;
  }

  /** From the oldest day asked for to the day after the newest, so that the next midnight needs no other. */
  async #open(owners: readonly ItemOwner[], now: number): Promise<Held> {
    const days = owners.map(({ day }) => day).sort();
    const from = days[0]!;
    const until = plusDays(days.at(-1)!, 1);
    const subjects = new Set([...owners.map(({ subject }) => subject), ...(this.#held?.subjects ?? [])]);
    const window = { from: localDay(from, 'UTC').start * 1000, until: localDay(until, 'UTC').end * 1000 };
    const access = await openSubjectData(this.#platform, { purpose: 'projection', ...window, subjects });
    return { access, subjects, from, until, at: now };
  }
}

function covers({ subjects, from, until }: Held, { subject, day }: ItemOwner): boolean {
  return subjects.has(subject) && day >= from && day <= until;
}
