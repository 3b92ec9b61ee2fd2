import { ReadingsFold } from '../../domain/telemetry/readings.ts';
import { type Tally, TallyFold } from '../../domain/telemetry/tally.ts';
import type { DomainEvent } from '../../events/index.ts';
import type { Open } from '../../lambdas/ingest/frame-opening.ts';
import { makeIngest } from '../../lambdas/ingest/handler.ts';
import type { IngestLimits } from '../../lambdas/ingest/limits.ts';
import { acceptedTwice } from '../property/sent-batches.ts';
import { defencesUnderTest } from '../support/defences.ts';
import { Faults, faulty } from '../support/faults.ts';
import { MemoryWorld } from '../support/memory-platform.ts';
import { QUARTER_MS, type SealedMeter, sealedTown, telemetryBody } from '../support/sealed-town.ts';
import { ClockedQueue } from './clocked-queue.ts';

export const START = Date.UTC(2026, 0, 15, 10);
export const MINUTE = 60_000;
const HOUR = 4 * QUARTER_MS;

/** A town, its telemetry queue and ingest behind faults that the test sets, all by one clock that the test moves. */
export class ChaosTown {
  readonly world = new MemoryWorld({ now: START });
  readonly faults = new Faults();
  readonly queue: ClockedQueue;
  meters: readonly SealedMeter[] = [];
  /** What honest meters measured and the gateway acknowledged. */
  readonly honest = { frames: 0, energyWh: 0 };
  readonly #sequences = new Map<string, number>();
  readonly #hours = new Map<SealedMeter, number>();

  private constructor(options: { limits?: IngestLimits; open?: Open }) {
    this.queue = new ClockedQueue(
      'telemetry',
      this.world.clock,
      makeIngest(faulty(this.world.as('ingest'), this.faults), defencesUnderTest(), options),
    );
  }

  /** @param relays whose meters there are, ten each */
  static async make(relays: readonly string[], options: { limits?: IngestLimits; open?: Open } = {}): Promise<ChaosTown> {
    const town = new ChaosTown(options);
    const as = (principal: string) => town.world.as(principal);
    const streets = relays.map((dcId, n) =>
      sealedTown(as, { meters: 10, segmentSize: 10, first: n * 10, relays: [dcId], at: START - 240 * HOUR }),
    );
    town.meters = (await Promise.all(streets)).flat();
    return town;
  }

  of(relay: string): readonly SealedMeter[] {
    return this.meters.filter(({ relays }) => relays.includes(relay));
  }

  /** The next hour of each of these meters, which the gateway takes on. */
  speak(relay: string, meters = this.of(relay)): void {
    const frames = meters.map((meter) => this.#next(meter));
    this.honest.frames += frames.length;
    this.honest.energyWh += frames.length * 10;
    this.publish(relay, frames);
  }

  speakAll(relays: readonly string[]): void {
    for (const relay of relays) this.speak(relay);
  }

  publish(relay: string, frames: readonly Buffer[]): void {
    const sequence = (this.#sequences.get(relay) ?? 0) + 1;
    this.#sequences.set(relay, sequence);
    this.queue.send(telemetryBody(relay, this.world.clock.now(), sequence, frames));
  }

  /** Time passes by half minutes; whatever shows is worked off. @param each what happens at the begin of each */
  async minutes(count: number, each: () => void = () => {}): Promise<void> {
    for (let half = 0; half < count * 2; half++) {
      each();
      await this.queue.work();
      this.world.clock.advance(MINUTE / 2);
    }
  }

  async tally(): Promise<Tally> {
    const fold = new TallyFold();
    for (const event of await this.#recorded()) fold.add(event);
    return fold.result();
  }

  /** What the streams say of the meters of honest relays, against what they measured. */
  async stored(relays: readonly string[]): Promise<{ readonly energyWh: number; readonly twice: number }> {
    const events = await this.#recorded();
    const fold = new ReadingsFold();
    fold.beginStream();
    for (const event of events) fold.add(event);
    const theirs = new Set(relays.flatMap((relay) => this.of(relay)).map(({ meterId }) => meterId));
    let energyWh = 0;
    for (const reading of fold.sorted()) if (theirs.has(reading.meterId)) energyWh += reading.energyWh;
    return { energyWh, twice: acceptedTwice(events).length };
  }

  #next(meter: SealedMeter): Buffer {
    const hour = (this.#hours.get(meter) ?? 0) + 1;
    this.#hours.set(meter, hour);
    return meter.reading(START - 240 * HOUR + hour * HOUR, [1, 2, 3, 4]);
  }

  async #recorded(): Promise<DomainEvent[]> {
    const events: DomainEvent[] = [];
    for (const prefix of ['segment/', 'relay/']) {
      for await (const stream of this.world.events.streams(prefix)) events.push(...this.world.events.eventsOf(stream));
    }
    return events;
  }
}
