const WIDTH = 28;

/** A bar on a terminal, plain lines elsewhere, on standard error: standard output is for results. */
export class ProgressBar {
  readonly #out = process.stderr;
  readonly #label: string;
  readonly #live: boolean;
  #lastTenth = -1;

  constructor(label: string, silent: boolean) {
    this.#label = label;
    this.#live = this.#out.isTTY && !silent;
    if (silent) this.#lastTenth = Number.POSITIVE_INFINITY;
  }

  /** @param share 0 to 1 */
  at(share: number, note: string): void {
    const done = Math.min(1, Math.max(0, share));
    if (this.#live) {
      const bar = '█'.repeat(Math.round(done * WIDTH)).padEnd(WIDTH, '░');
      this.#out.write(`\r\u001b[2K${this.#label} ${bar} ${Math.floor(done * 100)} %  ${note}`);
      return;
    }
    const tenth = Math.floor(done * 10);
    if (tenth <= this.#lastTenth) return;
    this.#lastTenth = tenth;
    this.#out.write(`${this.#label} ${tenth * 10} %  ${note}\n`);
  }

  end(): void {
    if (this.#live) this.#out.write('\n');
  }
}
