/** Counts the topic filters of a SUBSCRIBE while its body goes by, in whatever pieces (MQTT 3.1.1, 3.8.3). */
export class FilterCount {
  /** Filters that have begun. */
  count = 0;
  /** Bytes to go by before the next length begins: at first the packet identifier. */
  #skip = 2;
  #length: number[] = [];

  take(part: Uint8Array): void {
    for (let at = 0; at < part.length; ) {
      const passed = Math.min(this.#skip, part.length - at);
      this.#skip -= passed;
      at += passed;
      if (at === part.length) return;
      if (this.#length.length === 0) this.count++;
      this.#length.push(part[at++]!);
      if (this.#length.length < 2) continue;
      // Behind the filter stands its quality of service.
      this.#skip = this.#length[0]! * 256 + this.#length[1]! + 1;
      this.#length = [];
    }
  }
}
