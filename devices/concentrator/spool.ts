/** A frame as it came from the meter: opaque bytes and when they came, UTC ms. */
export interface SpooledFrame {
  readonly receivedAt: number;
  readonly bytes: Buffer;
}

/** A closed batch: its content never changes again. */
export interface SpooledBatch {
  readonly sequence: number;
  readonly frames: readonly SpooledFrame[];
}

/**
 * Store and forward: frames that wait for a batch, and batches that wait for their PUBACK. Sealed bytes only.
 * @source X.1332 9.1 (stored data protected in the concentrator)
 */
export interface Spool {
  /** Received, not yet in a batch, oldest first. */
  readonly open: readonly SpooledFrame[];
  /** Closed, not acknowledged, oldest first. */
  readonly batches: readonly SpooledBatch[];
  /** Bytes of all frames held. */
  readonly bytes: number;
  append(frame: SpooledFrame): void;
  /** The first `count` open frames become the batch with the next sequence. */
  close(count: number): SpooledBatch;
  /** The batch was taken on, or given up. */
  remove(sequence: number): void;
  /** Resolves nothing and returns when all of the above is on stable storage. */
  sync(): void;
}

/** A spool that a power cut empties; the meters still have what was in it. */
export class MemorySpool implements Spool {
  #open: SpooledFrame[] = [];
  #batches: SpooledBatch[] = [];
  #bytes = 0;
  #nextSequence: number;

  /** @param firstSequence must be higher than any this concentrator used before */
  constructor(firstSequence = 1) {
    this.#nextSequence = firstSequence;
  }

  get open(): readonly SpooledFrame[] {
    return this.#open;
  }
  get batches(): readonly SpooledBatch[] {
    return this.#batches;
  }
  get bytes(): number {
    return this.#bytes;
  }
  get nextSequence(): number {
    return this.#nextSequence;
  }

  append(frame: SpooledFrame): void {
    this.#open.push(frame);
    this.#bytes += frame.bytes.length;
  }

  close(count: number): SpooledBatch {
    const batch = { sequence: this.#nextSequence, frames: this.#open.slice(0, count) };
    this.#nextSequence += 1;
    this.#open = this.#open.slice(count);
    this.#batches.push(batch);
    return batch;
  }

  remove(sequence: number): void {
    const at = this.#batches.findIndex((batch) => batch.sequence === sequence);
    if (at < 0) return;
    const [batch] = this.#batches.splice(at, 1);
    for (const frame of batch!.frames) this.#bytes -= frame.bytes.length;
  }

  sync(): void {}
}
