import type { Clock } from '../../platform/ports/platform.ts';

/** Virtual time that the conductor steps, and that runs on by itself once the play is over. */
export class TownClock implements Clock {
  #at: number;
  #since: number | undefined;

  /** @param at UTC ms */
  constructor(at: number) {
    this.#at = at;
  }

  now(): number {
    return this.#since === undefined ? this.#at : this.#at + (Date.now() - this.#since);
  }

  /** Steps to a later instant; never back. */
  step(to: number): void {
    this.#at = Math.max(this.now(), to);
    if (this.#since !== undefined) this.#since = Date.now();
  }

  /** From here on time passes as it does. */
  run(): void {
    this.#at = this.now();
    this.#since = Date.now();
  }
}
