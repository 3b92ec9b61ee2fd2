import { createPrivateKey } from 'node:crypto';
import { concentratorThing, TOPIC_RULES, upTopic } from '../../topology/device-access.ts';
import type { Link } from '../concentrator/link.ts';
import { type MqttLink, mqttLink } from '../concentrator/mqtt-link.ts';
import { BenchArena } from './bench-arena.ts';
import type { BenchConcentrator, BenchLoad, FromBenchFleet, ToBenchFleet } from './bench-protocol.ts';

const REPORT_MS = 250;
const IN_FLIGHT = 100;

/** The benchmark's load generator, a process of its own so that it doesn't spend the service's CPU time unseen. */
class BenchFleet {
  #load: BenchLoad | undefined;
  #arena: BenchArena | undefined;

  async handle(message: ToBenchFleet): Promise<void> {
    if (message.type === 'stop') process.disconnect();
    else if (message.type === 'load') this.#seal(message);
    else await this.#publish();
  }

  #seal(load: BenchLoad): void {
    const began = performance.now();
    this.#load = load;
    this.#arena = new BenchArena(load);
    const { frames, wh } = this.#arena;
    tell({ type: 'sealed', frames, wh, milliseconds: performance.now() - began, rssBytes: process.memoryUsage().rss });
  }

  async #publish(): Promise<void> {
    const load = this.#load!;
    const arena = this.#arena!;
    const links = await Promise.all(load.concentrators.map((concentrator) => connect(load, concentrator)));
    const window = Math.max(1, Math.floor(Math.min(load.inFlight ?? IN_FLIGHT, IN_FLIGHT) / links.length));
    const total = { frames: 0, batches: 0 };
    const began = performance.now();
    const pace = paceOf(load.framesPerSecond);
    const report = setInterval(() => tell({ type: 'sent', ...total }), REPORT_MS);
    const lanes = links.flatMap((link, index) => {
      const batches = arena.batches(index);
      const topic = upTopic(TOPIC_RULES.telemetry, concentratorThing(load.concentrators[index]!.dcId));
      return Array.from({ length: window }, () => drain(batches, link, topic, total, pace));
    });
    await Promise.all(lanes).finally(() => clearInterval(report));
    tell({ type: 'done', ...total, milliseconds: performance.now() - began, rssBytes: process.memoryUsage().rss });
    await Promise.all(links.map((link) => link.close()));
  }
}

/** One of the lanes that share a concentrator's batches: a batch leaves when the lane's last one was acknowledged. */
async function drain(
  batches: Generator<{ frames: number; bytes: Buffer }>,
  link: Link,
  topic: string,
  total: { frames: number; batches: number },
  pace: (frames: number) => Promise<void>,
): Promise<void> {
  // not for-of: a lane that ends would close the generator for the others
  for (let next = batches.next(); !next.done; next = batches.next()) {
    await pace(next.value.frames);
    await link.publish(topic, next.value.bytes);
    total.frames += next.value.frames;
    total.batches += 1;
  }
}

/** Lets frames go no faster than asked for. */
function paceOf(framesPerSecond: number | undefined): (frames: number) => Promise<void> {
  const began = performance.now();
  let frames = 0;
  return async (more) => {
    if (framesPerSecond === undefined) return;
    const due = began + (frames / framesPerSecond) * 1000;
    frames += more;
    const wait = due - performance.now();
    if (wait > 0) await new Promise((resolve) => setTimeout(resolve, wait));
  };
}

function connect(load: BenchLoad, { dcId, key, certificate }: BenchConcentrator): Promise<MqttLink> {
  const identity = { key: createPrivateKey(key), certificate: Buffer.from(certificate) };
  return mqttLink({ ...identity, url: load.brokerUrl, ca: load.brokerCa, clientId: concentratorThing(dcId) });
}

function tell(message: FromBenchFleet): void {
  process.send?.(message);
}

const fleet = new BenchFleet();
process.on('message', (message) => {
  fleet.handle(message as ToBenchFleet).catch((error: unknown) => {
    tell({ type: 'failed', message: error instanceof Error ? error.message : String(error) });
  });
});
