import { createHash } from 'node:crypto';
import { recordedFrames, recordedMeterId } from '../../domain/telemetry/opened-frame.ts';
import type { DomainEvent } from '../../events/index.ts';

interface Sent {
  readonly frames: number;
  /** When the queue was done with it; undefined while it isn't. */
  doneAt: number | undefined;
  /** Done with and recorded after the backup that the store went back to: what is recorded of it may be gone. */
  maybeLost: boolean;
}

/** Batches that the gateway took on, to be held against what the streams counted. */
export class SentBatches {
  readonly #batches = new Map<string, Sent>();
  #now = 0;

  tick(): number {
    return ++this.#now;
  }

  publish(bytes: Buffer, frames: number): void {
    const digest = digestOf(bytes);
    if (!this.#batches.has(digest)) this.#batches.set(digest, { frames, doneAt: undefined, maybeLost: false });
  }

  /** The queue let go of it: from now on it must be counted. */
  done(bytes: Buffer): void {
    const sent = this.#batches.get(digestOf(bytes))!;
    sent.doneAt ??= this.tick();
  }

  restored(takenAt: number): void {
    for (const sent of this.#batches.values()) if ((sent.doneAt ?? 0) > takenAt) sent.maybeLost = true;
  }

  /** Batches whose frames the streams don't count exactly once. */
  miscounted(events: readonly DomainEvent[]): string[] {
    const counted = new Map<string, number>();
    for (const { data } of events) {
      if (!('batch' in data)) continue;
      const digest = Buffer.from(data.batch.digest).toString('hex');
      counted.set(digest, (counted.get(digest) ?? 0) + framesIn(data));
    }
    return [...this.#batches].flatMap(([digest, { frames, maybeLost }]) => {
      const found = counted.get(digest) ?? 0;
      return found === frames || (maybeLost && found < frames) ? [] : [`${digest}: ${frames} in, ${found} counted`];
    });
  }
}

/** Frames that were accepted more than once: same meter, epoch and counter. */
export function acceptedTwice(events: readonly DomainEvent[]): string[] {
  const seen = new Set<string>();
  const twice: string[] = [];
  for (const event of events) {
    if (event.type !== 'FramesAccepted') continue;
    for (const { frame, i } of recordedFrames(event.data.frames)) {
      const key = `${recordedMeterId(event.data.frames, i)}/${frame.epoch}/${frame.counter}`;
      if (seen.has(key)) twice.push(key);
      seen.add(key);
    }
  }
  return twice;
}

function framesIn(data: object): number {
  if ('counts' in data) return Object.values(data.counts as Record<string, number>).reduce((sum, count) => sum + count, 0);
  const { frames, duplicates = 0 } = data as { frames: { count: number }; duplicates?: number };
  return frames.count + duplicates;
}

function digestOf(bytes: Buffer): string {
  return createHash('sha256').update(bytes).digest().subarray(0, 8).toString('hex');
}
