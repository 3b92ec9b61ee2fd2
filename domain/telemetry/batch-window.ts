/** Batches of one concentrator that a stream remembers, so that a redelivered one is recognised. */
export const BATCHES = 256;

/** The latest 256 distinct batches: by digest, since a hostile concentrator may use a sequence number twice. */
export class BatchWindow {
  /** First 6 bytes of the digest as a number. */
  readonly #digest = new Float64Array(BATCHES).fill(-1);
  readonly #version = new Uint32Array(BATCHES);
  #next = 0;

  /** @returns version of the commit that recorded the batch, -1 when it is new */
  find(digest: Uint8Array): number {
    const place = this.#digest.indexOf(digestNumber(digest));
    return place < 0 ? -1 : this.#version[place]!;
  }

  /** The commit that recorded the batch; of several, the latest counts. */
  add(digest: Uint8Array, version: number): void {
    const known = this.#digest.indexOf(digestNumber(digest));
    if (known >= 0) {
      this.#version[known] = version;
      return;
    }
    this.#digest[this.#next] = digestNumber(digest);
    this.#version[this.#next] = version;
    this.#next = (this.#next + 1) % BATCHES;
  }

  /** A copy of what was recorded after `version`; undefined when that is nothing. */
  after(version: number): BatchWindow | undefined {
    const copy = BatchWindow.restore(this.dump());
    let left = 0;
    for (let place = 0; place < BATCHES; place++) {
      if (copy.#digest[place]! < 0) continue;
      if (copy.#version[place]! > version) left++;
      else copy.#digest[place] = -1;
    }
    return left > 0 ? copy : undefined;
  }

  dump(): DumpedBatches {
    return {
      next: this.#next,
      digests: Buffer.from(new Uint8Array(this.#digest.buffer)),
      versions: Buffer.from(new Uint8Array(this.#version.buffer)),
    };
  }

  static restore(dumped: DumpedBatches): BatchWindow {
    const window = new BatchWindow();
    new Uint8Array(window.#digest.buffer).set(dumped.digests);
    new Uint8Array(window.#version.buffer).set(dumped.versions);
    window.#next = dumped.next;
    return window;
  }
}

export interface DumpedBatches {
  readonly next: number;
  readonly digests: Uint8Array;
  readonly versions: Uint8Array;
}

function digestNumber(digest: Uint8Array): number {
  return (
    ((digest[0]! << 8) | digest[1]!) * 0x1_0000_0000 + (((digest[2]! << 24) | (digest[3]! << 16) | (digest[4]! << 8) | digest[5]!) >>> 0)
  );
}
