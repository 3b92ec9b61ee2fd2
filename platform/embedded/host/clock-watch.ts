import type { Clock } from '../../ports/platform.ts';

/** A clock that moves by more between two looks, which are a second apart, has jumped. */
const JUMP_MS = 3_600_000;
/** So far from where it would have come by itself it is not believed. Keys of epochs are destroyed after two weeks. */
const FAR_MS = 7 * 86_400_000;

/**
 * Holds the platform's clock against one that only ever goes forward at its pace. A clock that was set wrongly by a year must not destroy
 * keys and records whose time has not come; nor may it stop the service, which goes on when the clock is back, or begins anew.
 */
export class ClockWatch {
  readonly #clock: Clock;
  readonly #steady: () => number;
  #seen: number;
  #steadySeen: number;
  #away = 0;

  /** @param steady milliseconds that never jump */
  constructor(clock: Clock, steady: () => number = () => performance.now()) {
    this.#clock = clock;
    this.#steady = steady;
    this.#seen = clock.now();
    this.#steadySeen = steady();
  }

  /** Looks at both clocks. @returns whether jumps have brought the clock further away than it is believed */
  isAway(): boolean {
    const [now, steady] = [this.#clock.now(), this.#steady()];
    const jump = now - this.#seen - (steady - this.#steadySeen);
    [this.#seen, this.#steadySeen] = [now, steady];
    if (Math.abs(jump) > JUMP_MS) this.#away += jump;
    return Math.abs(this.#away) > FAR_MS;
  }
}
