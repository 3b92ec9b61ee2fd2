import type { RefusalReason } from '../../events/index.ts';
import { Buckets, Numbers } from './buckets.ts';
import type { IngestLimits } from './limits.ts';

/**
 * Who may still be heard. A frame is charged to its concentrator and to its meter, where the concentrator is the meter's own, else to the
 * concentrator's share for strangers: so nobody can use up a meter's share from elsewhere. What one of the two has no share left for costs
 * the other nothing: a meter that floods uses up its own share and not that of all behind its concentrator.
 */
export class Throttles {
  readonly #on: boolean;
  readonly #floodingFrames: number;
  readonly #relayNumbers = new Numbers();
  readonly #meters: Buckets;
  readonly #relays: Buckets;
  readonly #strangers: Buckets;
  readonly #keyLookups: Buckets;
  readonly #firstLookups: Buckets;
  readonly #raws: Buckets;
  /** Frames beyond the bucket, by worker's number of the meter. */
  readonly #excess = new Map<number, number>();
  readonly #flooding = new Set<number>();
  readonly #excessOfRelay = new Map<string, number>();

  constructor(limits: IngestLimits, on: boolean) {
    this.#on = on;
    this.#floodingFrames = limits.floodingFrames;
    this.#meters = new Buckets(limits.meter);
    this.#relays = new Buckets(limits.relay);
    this.#strangers = new Buckets(limits.stranger);
    this.#keyLookups = new Buckets(limits.keyLookups);
    this.#firstLookups = new Buckets(limits.firstKeyLookups);
    this.#raws = new Buckets(limits.raws);
  }

  /** @returns why the frame is set aside unopened, undefined when it may pass */
  frame(dcId: string, meter: number, assigned: boolean, now: number): RefusalReason | undefined {
    if (!this.#on) return undefined;
    const relay = this.#relayNumbers.of(dcId);
    if (assigned && !this.#meters.has(meter, now)) return this.#beyond(meter);
    if (!this.#relays.take(relay, now)) {
      this.#excessOfRelay.set(dcId, (this.#excessOfRelay.get(dcId) ?? 0) + 1);
      return 'relay-throttled';
    }
    if (!assigned) return this.#strangers.take(relay, now) ? undefined : 'relay-throttled';
    this.#meters.take(meter, now);
    return undefined;
  }

  #beyond(meter: number): RefusalReason {
    const excess = (this.#excess.get(meter) ?? 0) + 1;
    this.#excess.set(meter, excess);
    if (excess >= this.#floodingFrames) this.#flooding.add(meter);
    return 'meter-throttled';
  }

  /** Frames that were no frames of ours: they use up the concentrator's share like any other. */
  junk(dcId: string, frames: number, now: number): void {
    if (!this.#on) return;
    const relay = this.#relayNumbers.of(dcId);
    let excess = 0;
    for (let frame = 0; frame < frames; frame++) if (!this.#relays.take(relay, now)) excess++;
    if (excess > 0) this.#excessOfRelay.set(dcId, (this.#excessOfRelay.get(dcId) ?? 0) + excess);
  }

  /**
   * Whether the key table may be asked for an epoch. A meter whose keys aren't in memory at all costs a share large enough
   * to load a whole town; an epoch that nobody has heard of, a small one.
   */
  keyLookup(dcId: string, first: boolean, now: number): boolean {
    return !this.#on || (first ? this.#firstLookups : this.#keyLookups).take(this.#relayNumbers.of(dcId), now);
  }

  /** Whether the raw bytes of one more refused frame are worth keeping. */
  keepRaw(dcId: string, now: number): boolean {
    return this.#raws.take(this.#relayNumbers.of(dcId), now);
  }

  /** Meters that went on long after they were throttled; each is told once. */
  takeFlooding(): number[] {
    const flooding = [...this.#flooding];
    this.#flooding.clear();
    for (const meter of flooding) this.#excess.delete(meter);
    return flooding;
  }

  /** Frames beyond a concentrator's bucket since the last call. */
  takeRelayExcess(dcId: string): number {
    const excess = this.#excessOfRelay.get(dcId) ?? 0;
    this.#excessOfRelay.delete(dcId);
    return excess;
  }
}
