import { randomUUID } from 'node:crypto';
import { IoTDataPlaneClient, PublishCommand } from '@aws-sdk/client-iot-data-plane';
import { connectAsync, type MqttClient } from 'mqtt';
import { downTopic } from '../../../topology/device-access.ts';
import type { Lines } from '../deployed/lines.ts';
import type { Downlink, Uplink } from '../suite/target.ts';

/** By this name MiniStack takes a WebSocket for one of IoT. */
const HOST = 'data-ats.iot.eu-central-1.localhost';

/**
 * Concentrators at MiniStack: they publish through the data plane, and listen over a WebSocket, because the lane has no MQTT over TLS
 * there. Nobody asks for their certificates.
 */
export class WebSocketLines implements Lines {
  readonly #endpoint: string;
  readonly #gateway: IoTDataPlaneClient;
  readonly #clients = new Map<string, MqttClient>();
  #heard: Downlink[] = [];

  constructor(endpoint: string) {
    this.#endpoint = endpoint;
    this.#gateway = new IoTDataPlaneClient({ endpoint });
  }

  async connect(thing: string): Promise<void> {
    if (this.#clients.has(thing)) return;
    const url = `${this.#endpoint.replace('http:', 'ws:')}/mqtt`;
    const client = await connectAsync(url, { clientId: thing, protocolVersion: 4, wsOptions: { headers: { host: HOST } } });
    client.on('message', (topic, payload) => this.#heard.push({ topic, payload }));
    await client.subscribeAsync(downTopic(thing), { qos: 1 });
    this.#clients.set(thing, client);
  }

  async publish({ topic, payload }: Uplink): Promise<void> {
    await this.#gateway.send(new PublishCommand({ topic, payload, qos: 1 }));
  }

  /** What was published to a thing before is heard before a message of our own. */
  async heard(): Promise<readonly Downlink[]> {
    await Promise.all([...this.#clients].map(([thing, client]) => this.#caughtUp(thing, client)));
    const heard = this.#heard;
    this.#heard = [];
    return heard;
  }

  async close(): Promise<void> {
    for (const client of this.#clients.values()) await client.endAsync();
    this.#gateway.destroy();
  }

  async #caughtUp(thing: string, client: MqttClient): Promise<void> {
    const topic = downTopic(thing);
    const mark = Buffer.from(randomUUID());
    const isMark = ({ payload }: Downlink) => mark.equals(payload);
    await this.#gateway.send(new PublishCommand({ topic, payload: mark, qos: 1 }));
    while (!this.#heard.some(isMark)) await new Promise<void>((resolve) => client.once('message', () => resolve()));
    this.#heard = this.#heard.filter((message) => !isMark(message));
  }
}
