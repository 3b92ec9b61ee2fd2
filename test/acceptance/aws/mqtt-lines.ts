import { rootCertificates } from 'node:tls';
import type { LinkIdentity } from '../../../devices/concentrator/link.ts';
import { type MqttLink, mqttLink } from '../../../devices/concentrator/mqtt-link.ts';
import { downTopic } from '../../../topology/device-access.ts';
import type { Lines } from '../deployed/lines.ts';
import type { Downlink, Uplink } from '../suite/target.ts';

/** Roots that the gateway's certificate may chain to: those that this Node knows. */
export const PUBLIC_ROOTS = rootCertificates.join('\n');

/** Concentrators as they are in the field: MQTT over mutual TLS, each with its certificate. */
export class MqttLines implements Lines {
  readonly #url: string;
  readonly #ca: string;
  readonly #links = new Map<string, MqttLink>();
  #heard: Downlink[] = [];

  /** @param url mqtts://host:port @param ca PEM */
  constructor(url: string, ca: string) {
    this.#url = url;
    this.#ca = ca;
  }

  /** @throws when the gateway doesn't take it */
  async connect(thing: string, { key, certificate }: LinkIdentity): Promise<void> {
    const link = await mqttLink({ url: this.#url, key, certificate, ca: this.#ca, clientId: thing });
    link.onDown((payload) => void this.#heard.push({ topic: downTopic(thing), payload }));
    await this.#links.get(thing)?.close();
    this.#links.set(thing, link);
  }

  async publish({ thing, topic, payload }: Uplink): Promise<void> {
    const link = this.#links.get(thing);
    if (link === undefined) throw new Error(`${thing} is not connected`);
    await link.publish(topic, payload);
  }

  /** A world that has settled was quiet for longer than a message is on its way. */
  async heard(): Promise<readonly Downlink[]> {
    return this.#heard.splice(0);
  }

  async close(): Promise<void> {
    for (const link of this.#links.values()) await link.close();
  }
}
