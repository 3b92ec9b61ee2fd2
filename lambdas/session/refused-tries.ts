import type { SignInRefusal, SignInsRefused } from '../../events/index.ts';

/** Refusals of one owner within so long are packed. */
export const WINDOW_MS = 10 * 60_000;
/** Owners that are packed apart at a time: whoever comes beyond is counted with the unknown. */
const MOST_OWNERS = 1_000;

/** What is to be recorded of somebody. */
export interface Packed {
  readonly owner: string;
  readonly refused: SignInsRefused;
}

interface Window {
  /** UTC ms. */
  readonly endsAt: number;
  /** Not recorded yet. */
  waiting: SignInsRefused | undefined;
}

/**
 * Refusals by owner and window. The first of a window is handed back at once, what follows in it waits for the window's end: however many
 * tries come, nobody's stream grows by more than two events in ten minutes.
 */
export class RefusedTries {
  readonly #windows = new Map<string, Window>();
  readonly #unknown: string;

  /** @param unknown owner of what is nobody's */
  constructor(unknown: string) {
    this.#unknown = unknown;
  }

  /** One more. @param now UTC ms @returns what is to be recorded of it now */
  note(owner: string, reason: SignInRefusal, now: number): readonly Packed[] {
    const over = this.due(now);
    const whose = this.#windows.has(owner) || this.#windows.size < MOST_OWNERS ? owner : this.#unknown;
    const refused: SignInsRefused = { count: 1, reasons: { [reason]: 1 }, first: now, last: now };
    const window = this.#windows.get(whose);
    if (window !== undefined) {
      window.waiting = joined(window.waiting, refused);
      return over;
    }
    this.#windows.set(whose, { endsAt: now + WINDOW_MS, waiting: undefined });
    return [...over, { owner: whose, refused }];
  }

  /** What waited in windows that are over. */
  due(now: number): readonly Packed[] {
    const over = [...this.#windows].filter(([, { endsAt }]) => endsAt <= now);
    for (const [owner] of over) this.#windows.delete(owner);
    return over.flatMap(([owner, { waiting }]) => (waiting === undefined ? [] : [{ owner, refused: waiting }]));
  }

  /** What waits of somebody, before the window's end: whoever signs in, or looks, is told of all. */
  take(owner: string): readonly Packed[] {
    const window = this.#windows.get(owner);
    if (window?.waiting === undefined) return [];
    const { waiting } = window;
    window.waiting = undefined;
    return [{ owner, refused: waiting }];
  }

  /** Everything that waits. */
  all(): readonly Packed[] {
    return [...this.#windows.keys()].flatMap((owner) => this.take(owner));
  }

  /** What could not be recorded waits again. */
  putBack({ owner, refused }: Packed, now: number): void {
    const window = this.#windows.get(owner) ?? { endsAt: now + WINDOW_MS, waiting: undefined };
    this.#windows.set(owner, window);
    window.waiting = joined(window.waiting, refused);
  }
}

function joined(one: SignInsRefused | undefined, other: SignInsRefused): SignInsRefused {
  if (one === undefined) return other;
  const reasons: Partial<Record<SignInRefusal, number>> = { ...one.reasons };
  for (const [reason, count] of Object.entries(other.reasons) as [SignInRefusal, number][])
    reasons[reason] = (reasons[reason] ?? 0) + count;
  return { count: one.count + other.count, reasons, first: Math.min(one.first, other.first), last: Math.max(one.last, other.last) };
}
