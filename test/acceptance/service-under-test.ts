import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { keySchedulesOn } from '../../bin/service/handlers.ts';
import { commission, install } from '../../bin/service/service.ts';
import { TownClock } from '../../bin/town/clock.ts';
import { type Recorded, recorded } from '../../bin/town/reconciliation.ts';
import type { Commissioned, Stock } from '../../devices/fleet/protocol.ts';
import type { DomainEvent } from '../../events/index.ts';
import { makeCloseDay } from '../../lambdas/close-day/handler.ts';
import type { Open } from '../../lambdas/ingest/frame-opening.ts';
import { makeIngest } from '../../lambdas/ingest/handler.ts';
import { makeKeys } from '../../lambdas/keys/handler.ts';
import type { HostHandlers } from '../../platform/embedded/host/host.ts';
import { createEmbeddedPlatform, type Embedded } from '../../platform/embedded/platform.ts';
import { defencesUnderTest } from '../support/defences.ts';

export interface ServiceUnderTestOptions {
  /** UTC ms. */
  readonly start: number;
  /** Kept at the end when given. */
  readonly stateDir?: string;
  readonly clearLink?: boolean;
  readonly open?: Open;
  /** Closes days as well; false. */
  readonly closing?: boolean;
}

/** The service as bin/ composes it, but with the defences under test: the only difference to what ships. */
export class ServiceUnderTest {
  readonly platform: Embedded;
  readonly clock: TownClock;
  readonly stateDir: string;
  readonly #options: ServiceUnderTestOptions;

  private constructor(platform: Embedded, clock: TownClock, stateDir: string, options: ServiceUnderTestOptions) {
    this.platform = platform;
    this.clock = clock;
    this.stateDir = stateDir;
    this.#options = options;
  }

  static async boot(options: ServiceUnderTestOptions): Promise<ServiceUnderTest> {
    const { start, clearLink = false } = options;
    const clock = new TownClock(start);
    const stateDir = options.stateDir ?? mkdtempSync(join(tmpdir(), 'joulekeep-acceptance-'));
    const platform = await createEmbeddedPlatform({ stateDir, clock, clearLink, timer: false, retryMs: 20, defences: defencesUnderTest() });
    await install(platform, clock);
    const service = new ServiceUnderTest(platform, clock, stateDir, options);
    await service.resume();
    return service;
  }

  /** Handlers at work; `platform.host.stop()` pauses them. */
  resume(): Promise<void> {
    return this.platform.host.start(this.#handlers());
  }

  #handlers(): HostHandlers {
    const { platform } = this;
    const defences = defencesUnderTest();
    const { open, closing = false } = this.#options;
    const keys = makeKeys(platform.as('keys'), defences);
    return {
      queues: {
        telemetry: makeIngest(platform.as('ingest'), defences, open === undefined ? {} : { open }),
        handshake: keys,
        service: keys,
      },
      schedules: [
        ...keySchedulesOn(platform, defences),
        ...(closing ? [{ name: 'close-day', everyMinutes: 60, handler: makeCloseDay(platform.as('close-day'), defences) }] : []),
      ],
    };
  }

  commission(stock: Stock): Promise<Commissioned> {
    return commission(this.platform, stock);
  }

  async settle(): Promise<void> {
    await this.platform.host.drain();
    await this.platform.host.runDue();
    await this.platform.host.drain();
  }

  recorded(): Promise<Recorded> {
    return recorded(this.platform.as('auditor'));
  }

  async events(prefix: string): Promise<DomainEvent[]> {
    const { events } = this.platform.as('auditor');
    const found: DomainEvent[] = [];
    for await (const stream of events.streams(prefix)) for await (const commit of events.read(stream)) found.push(...commit.events);
    return found;
  }

  async close(): Promise<void> {
    await this.platform.close();
    if (this.#options.stateDir === undefined) rmSync(this.stateDir, { recursive: true, force: true });
  }
}
