import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { handlersOn } from '../../../bin/service/handlers.ts';
import { commission, install } from '../../../bin/service/service.ts';
import { TownClock } from '../../../bin/town/clock.ts';
import type { LinkIdentity } from '../../../devices/concentrator/link.ts';
import { type MqttLink, mqttLink } from '../../../devices/concentrator/mqtt-link.ts';
import type { Stock } from '../../../devices/fleet/protocol.ts';
import { INGEST_LIMITS } from '../../../lambdas/ingest/limits.ts';
import { createEmbeddedPlatform, type Embedded } from '../../../platform/embedded/platform.ts';
import { concentratorThing, downTopic } from '../../../topology/device-access.ts';
import type { Principal } from '../../../topology/principals.ts';
import { MONDAY } from '../street.ts';
import type { Downlink, Target, Uplink, World } from './target.ts';

/** Everything in this process, real MQTT over mutual TLS: what `joulekeep start` runs. */
export const EMBEDDED: Target = { name: 'the embedded platform', lacks: {}, open: () => EmbeddedWorld.open() };

class EmbeddedWorld implements World {
  readonly start = MONDAY;
  readonly clock: TownClock;
  readonly #platform: Embedded;
  readonly #stateDir: string;
  readonly #links = new Map<string, MqttLink>();
  readonly #heard: Downlink[] = [];
  #sentDown = 0;
  #receivedDown = 0;

  private constructor(platform: Embedded, clock: TownClock, stateDir: string) {
    this.#platform = platform;
    this.clock = clock;
    this.#stateDir = stateDir;
    platform.broker.onWire = (topic) => {
      if (topic.endsWith('/down')) this.#sentDown++;
    };
  }

  static async open(): Promise<EmbeddedWorld> {
    const clock = new TownClock(MONDAY);
    const stateDir = mkdtempSync(join(tmpdir(), 'joulekeep-suite-'));
    const platform = await createEmbeddedPlatform({ stateDir, clock, timer: false, retryMs: 20 });
    await install(platform, clock);
    await platform.host.start(handlersOn(platform, INGEST_LIMITS, true));
    return new EmbeddedWorld(platform, clock, stateDir);
  }

  commission(stock: Stock) {
    return commission(this.#platform, stock);
  }

  async connect(dcId: string, { key, certificate }: LinkIdentity): Promise<void> {
    const thing = concentratorThing(dcId);
    const { broker, ca } = this.#platform;
    const link = await mqttLink({ url: broker.url, key, certificate, ca: ca.rootPem, clientId: thing });
    link.onDown((payload) => {
      this.#receivedDown++;
      this.#heard.push({ topic: downTopic(thing), payload });
    });
    this.#links.set(thing, link);
  }

  deliver({ thing, topic, payload }: Uplink): Promise<void> {
    return this.#links.get(thing)!.publish(topic, payload);
  }

  settle(): Promise<void> {
    return this.#platform.host.drain();
  }

  async closeDays(): Promise<void> {
    await this.#platform.host.runDue();
    await this.settle();
  }

  async heard(): Promise<readonly Downlink[]> {
    for (let waited = 0; this.#receivedDown < this.#sentDown && waited < 2_000; waited++) await setTimeout(1);
    return this.#heard.splice(0);
  }

  platform(principal: Principal) {
    return this.#platform.as(principal);
  }

  put(queue: string, body: string): Promise<void> {
    return this.#platform.queues.send(queue, body);
  }

  async setAside(deadLetter: string): Promise<readonly string[]> {
    return this.#platform.queues.peek(deadLetter);
  }

  async close(): Promise<void> {
    for (const link of this.#links.values()) await link.close();
    await this.#platform.close();
    rmSync(this.#stateDir, { recursive: true, force: true });
  }
}
