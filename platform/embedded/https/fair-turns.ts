import { keepNewest } from '../../store/newest.ts';
import type { ApiLimits } from './gateway.ts';

export type TurnLimits = Pick<ApiLimits, 'atOnce' | 'waitingPerCaller' | 'turnMs'>;

/** Calls back once, after so many real ms. @returns ends it */
export type After = (ms: number, callback: () => void) => () => void;

/** What a caller may be at work with until it is ended; a second end does nothing. */
export interface Turn {
  end(): void;
}

interface Waiting {
  /** In the order of arrival, over all callers. */
  readonly place: number;
  readonly begin: (turn: Turn) => void;
}

/** Callers of whom it is remembered when they were served; whoever was forgotten is served before those. */
const REMEMBERED = 10_000;

/**
 * Lets a few callers work at a time. When one is done, the next is of whoever was served least lately, of one caller in the order of arrival: so
 * however much others ask, a caller who asks seldom waits until one of them is done, and never longer than one turn of each other caller.
 * @source X.1332 8.3 (denial of service)
 */
export class FairTurns {
  readonly #limits: TurnLimits;
  readonly #after: After;
  readonly #lanes = new Map<string, Waiting[]>();
  /** Least lately served first. */
  readonly #servedAt = new Map<string, number>();
  #served = 0;
  #arrived = 0;
  #atWork = 0;

  constructor(limits: TurnLimits, after: After = afterRealTime) {
    this.#limits = limits;
    this.#after = after;
  }

  /** @returns the caller's turn, once it has come; `undefined` when as many of the caller's own wait as may */
  take(caller: string): Promise<Turn> | undefined {
    const lane = this.#lanes.get(caller) ?? [];
    if (lane.length >= this.#limits.waitingPerCaller) return undefined;
    const { promise, resolve } = Promise.withResolvers<Turn>();
    this.#lanes.set(caller, lane);
    lane.push({ place: ++this.#arrived, begin: resolve });
    this.#fill();
    return promise;
  }

  #fill(): void {
    while (this.#atWork < this.#limits.atOnce) {
      const caller = this.#next();
      if (caller === undefined) return;
      const lane = this.#lanes.get(caller)!;
      const { begin } = lane.shift()!;
      if (lane.length === 0) this.#lanes.delete(caller);
      keepNewest(this.#servedAt, caller, ++this.#served, REMEMBERED);
      this.#atWork++;
      begin(this.#turn());
    }
  }

  /** Of those who wait, whoever was served least lately; of those who never were, who came first. */
  #next(): string | undefined {
    let next: { caller: string; servedAt: number; place: number } | undefined;
    for (const [caller, [first]] of this.#lanes) {
      const one = { caller, servedAt: this.#servedAt.get(caller) ?? 0, place: first!.place };
      if (next === undefined || one.servedAt < next.servedAt || (one.servedAt === next.servedAt && one.place < next.place)) next = one;
    }
    return next?.caller;
  }

  /** Ends by itself after a while: what waits for something else than this process would make everybody wait for it. */
  #turn(): Turn {
    let isOver = false;
    const end = () => {
      if (isOver) return;
      isOver = true;
      forget();
      this.#atWork--;
      this.#fill();
    };
    const forget = this.#after(this.#limits.turnMs, end);
    return { end };
  }
}

function afterRealTime(ms: number, callback: () => void): () => void {
  const timer = setTimeout(callback, ms);
  return () => clearTimeout(timer);
}
