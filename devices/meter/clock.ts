/** The meter's own idea of UTC: true time plus an offset that may grow. */
export class MeterClock {
  readonly #ppm: number;
  #offsetMs: number;
  #since = 0;

  /** @param ppm how much faster than true time the oscillator runs, parts per million */
  constructor(offsetMs: number, ppm: number) {
    this.#offsetMs = offsetMs;
    this.#ppm = ppm;
  }

  /** UTC ms as the meter believes, at true UTC ms `now`. */
  read(now: number): number {
    if (this.#since === 0) this.#since = now;
    return now + this.#offsetMs + ((now - this.#since) * this.#ppm) / 1_000_000;
  }

  /** From true time `now` on the meter believes it is `utc`. @returns the step, ms */
  set(utc: number, now: number): number {
    const step = utc - this.read(now);
    this.#offsetMs = utc - now;
    this.#since = now;
    return step;
  }
}
