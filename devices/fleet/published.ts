import { createHash } from 'node:crypto';
import { readBatch } from '../../protocol/batch.ts';
import { TOPIC_RULES } from '../../topology/device-access.ts';
import type { Link } from '../concentrator/link.ts';

/** Sent again at most this many batches later. */
const REMEMBERED = 512;

export interface SavedCounts {
  readonly frames: number;
  readonly batches: number;
  readonly hellos: number;
  readonly renewals: number;
  readonly digests: readonly string[];
}

/**
 * What reached the broker: frames in distinct batches with a PUBACK. A batch that is sent again unchanged counts
 * once; a sequence that comes with other bytes is another batch.
 */
export class Published {
  frames = 0;
  batches = 0;
  hellos = 0;
  renewals = 0;
  readonly #digests = new Set<string>();
  readonly #onCounted: () => void;

  /** @param onCounted keeps the counts, before the spool lets go of the batch */
  constructor(onCounted: () => void = () => {}) {
    this.#onCounted = onCounted;
  }

  restore(saved: SavedCounts): void {
    const { digests, ...counts } = saved;
    Object.assign(this, counts);
    for (const digest of digests) this.#digests.add(digest);
  }

  save(): SavedCounts {
    const { frames, batches, hellos, renewals } = this;
    return { frames, batches, hellos, renewals, digests: [...this.#digests] };
  }

  /** The same link, counted. */
  counted(link: Link): Link {
    const publish = async (topic: string, payload: Buffer): Promise<void> => {
      await link.publish(topic, payload);
      if (topic.includes(TOPIC_RULES.telemetry.name)) this.#count(topic, payload);
    };
    return {
      publish,
      onDown: (handler) => link.onDown(handler),
      ...(link.useIdentity === undefined ? {} : { useIdentity: (identity) => link.useIdentity!(identity) }),
    };
  }

  #count(topic: string, payload: Buffer): void {
    const digest = createHash('sha256').update(topic).update(payload).digest('base64').slice(0, 22);
    if (this.#digests.has(digest)) return;
    this.#digests.add(digest);
    if (this.#digests.size > REMEMBERED) this.#digests.delete(this.#digests.values().next().value!);
    this.batches += 1;
    this.frames += readBatch(payload).count;
    this.#onCounted();
  }
}
