import { setTimeout } from 'node:timers/promises';
import type { Reply } from './reply.ts';

/**
 * Who asks too often is told so after a while, on a connection that stays: asking again then costs neither side a handshake, and whoever asks on and on
 * asks no oftener than this.
 */
export class HeldRefusals {
  readonly #heldMs: number;
  readonly #most: number;
  readonly #wait: (ms: number) => Promise<unknown>;
  #held = 0;

  /** @param heldMs real ms @param most at a time; what comes beyond ends with its connection, at once */
  constructor(heldMs: number, most: number, wait: (ms: number) => Promise<unknown> = waitRealTime) {
    this.#wait = wait;
    this.#heldMs = heldMs;
    this.#most = most;
  }

  /** @param goesOn whether the connection can be used behind it */
  async hold(refused: Reply, goesOn: boolean): Promise<Reply> {
    if (this.#held >= this.#most) return refused;
    this.#held++;
    try {
      if (this.#heldMs > 0) await this.#wait(this.#heldMs);
      return { ...refused, close: !goesOn };
    } finally {
      this.#held--;
    }
  }
}

/** Keeps no process alive. */
async function waitRealTime(ms: number): Promise<void> {
  await setTimeout(ms, undefined, { ref: false });
}
