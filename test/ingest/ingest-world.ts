import { expect } from 'vitest';
import type { SegmentCommand } from '../../domain/telemetry/membership.ts';
import { ReadingsFold } from '../../domain/telemetry/readings.ts';
import { type Tally, TallyFold } from '../../domain/telemetry/tally.ts';
import type { DomainEvent } from '../../events/index.ts';
import type { Open } from '../../lambdas/ingest/frame-opening.ts';
import { makeIngest } from '../../lambdas/ingest/handler.ts';
import type { IngestLimits } from '../../lambdas/ingest/limits.ts';
import { Segments } from '../../lambdas/shared/segments.ts';
import { defencesUnderTest } from '../support/defences.ts';
import { MemoryWorld } from '../support/memory-platform.ts';
import { QUARTER_MS, type SealedMeter, type SealedTownOptions, sealedTown, telemetryBody } from '../support/sealed-town.ts';
import { failedIds, lambdaContext, sqsEvent } from '../support/sqs.ts';

export const START = Date.UTC(2026, 0, 15, 10);
export const FIRST_HOUR = START + 4 * QUARTER_MS;

/** A town behind the gateway, and an ingest to throw batches at. */
export class IngestWorld {
  readonly world = new MemoryWorld({ now: START });
  readonly town: SealedMeter[] = [];
  readonly #options: { limits?: IngestLimits; open?: Open };
  #handler: ReturnType<typeof makeIngest>;
  #sequence = 0;
  framesSent = 0;

  private constructor(options: { limits?: IngestLimits; open?: Open }) {
    this.#options = options;
    this.#handler = makeIngest(this.world.as('ingest'), defencesUnderTest(), options);
  }

  static async make(town: Partial<SealedTownOptions> = {}, options: { limits?: IngestLimits; open?: Open } = {}): Promise<IngestWorld> {
    const made = new IngestWorld(options);
    const request = { meters: 8, relays: ['one', 'two'], at: START, ...town };
    made.town.push(...(await sealedTown((principal) => made.world.as(principal), request)));
    return made;
  }

  /** A second worker, with nothing in memory. */
  restart(): void {
    this.#handler = makeIngest(this.world.as('ingest'), defencesUnderTest(), this.#options);
  }

  /** What another function asks of a segment. */
  amend(segment: string, command: SegmentCommand): Promise<void> {
    return new Segments(this.world.as('enrol')).execute(segment, command);
  }

  /** Frames as one batch of a concentrator. @returns the queue message's body */
  async deliver(frames: readonly Buffer[], dcId = 'one', at = FIRST_HOUR): Promise<string> {
    this.world.clock.set(Math.max(at, this.world.clock.now()));
    const body = telemetryBody(dcId, at, ++this.#sequence, frames);
    this.framesSent += frames.length;
    await this.deliverBodies([body]);
    return body;
  }

  async deliverBodies(bodies: readonly string[]): Promise<void> {
    const failed = failedIds(await this.#handler(sqsEvent('telemetry', bodies), lambdaContext('ingest')));
    expect(failed, JSON.stringify(this.world.logged.slice(-3))).toEqual([]);
  }

  async events(prefix = ''): Promise<DomainEvent[]> {
    const found: DomainEvent[] = [];
    const { events } = this.world.as('ingest');
    for await (const stream of events.streams(prefix)) {
      for await (const commit of events.read(stream)) found.push(...commit.events);
    }
    return found;
  }

  async tally(): Promise<Tally> {
    const fold = new TallyFold();
    for (const event of [...(await this.events('segment/')), ...(await this.events('relay/'))]) fold.add(event);
    return fold.result();
  }

  async readings(): Promise<{ readings: number; energyWh: number }> {
    const fold = new ReadingsFold();
    fold.beginStream();
    for (const event of await this.events('segment/')) fold.add(event);
    return fold.totals();
  }

  /** in = accepted + duplicate + quarantined, by what was sent. */
  async reconciles(): Promise<void> {
    const { accepted, duplicate, quarantined } = await this.tally();
    expect(accepted + duplicate + quarantined).toBe(this.framesSent);
  }
}
