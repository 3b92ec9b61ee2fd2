import type { StreamHead } from '../../ports/event-store.ts';
import type { Clock } from '../../ports/platform.ts';
import { keepNewest } from '../../store/newest.ts';

/**
 * A head is believed for so long. What is taken out of a stream leaves a mark in its place that lasts five hundred times longer, so whoever writes
 * on a head that is believed finds either nothing, or something that refuses it.
 */
const BELIEVED_MS = 20 * 60_000;
const CAPACITY = 16_384;

/**
 * The newest head of each stream that this process has seen in the table itself. A put on top of one needs no look at the table: what is
 * recorded never changes, so if nothing stands behind it, it is still the head.
 */
export class KnownHeads {
  readonly #clock: Clock;
  /** In order of last sight, oldest first. */
  readonly #heads = new Map<string, { readonly head: StreamHead; readonly seenAt: number }>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  saw(head: StreamHead): void {
    keepNewest(this.#heads, head.stream, { head, seenAt: this.#clock.now() }, CAPACITY);
  }

  has(head: StreamHead): boolean {
    const known = this.of(head.stream);
    return known !== undefined && known.version === head.version && known.hash.equals(head.hash);
  }

  /** What is believed of a stream. */
  of(stream: string): StreamHead | undefined {
    const known = this.#heads.get(stream);
    return known === undefined || this.#clock.now() - known.seenAt >= BELIEVED_MS ? undefined : known.head;
  }

  forget(stream: string): void {
    this.#heads.delete(stream);
  }
}
