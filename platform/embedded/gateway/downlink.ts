import type { Readable } from 'node:stream';
import { JoulekeepError } from '../../../events/errors.ts';
import { GATEWAY_LIMITS, IOT_LIMITS } from '../../../topology/limits.ts';
import type { Clock, Downlink } from '../../ports/platform.ts';
import type { Broker } from './broker.ts';

/** What is used of the MQTT broker's session store. */
interface SessionStore {
  subscriptionsByTopic(topic: string): Promise<readonly { readonly clientId: string }[]>;
  outgoingStream(client: { id: string }): Readable;
}

/**
 * Publishes to devices with QoS 1. The broker keeps a message for a device that is connected or has a persistent
 * session, up to a bound per device; beyond it, and where there is no session, the message is dropped, as the sender
 * must expect of any downlink: what a device acknowledges by its frames is what it got.
 */
export class BrokerDownlink implements Downlink {
  readonly #broker: Broker;
  readonly #clock: Clock;
  readonly #sessions: SessionStore;

  constructor(broker: Broker, clock: Clock) {
    this.#broker = broker;
    this.#clock = clock;
    this.#sessions = (broker.mqtt as unknown as { persistence: SessionStore }).persistence;
  }

  /** @throws ERR_PAYLOAD_TOO_LARGE over 128 KiB */
  async publish(topic: string, payload: Buffer): Promise<void> {
    if (payload.length > IOT_LIMITS.payloadBytes) throw new JoulekeepError('ERR_PAYLOAD_TOO_LARGE', `${payload.length} bytes to ${topic}`);
    if (await this.#isFull(topic, payload.length)) {
      this.#broker.refuse('downlink-backlog');
      return;
    }
    this.#broker.onWire?.(topic, payload, this.#clock.now());
    await new Promise<void>((resolve, reject) => {
      this.#broker.mqtt.publish({ cmd: 'publish', topic, payload, qos: 1, retain: false, dup: false }, (error) =>
        error ? reject(error) : resolve(),
      );
    });
  }

  async #isFull(topic: string, more: number): Promise<boolean> {
    for (const { clientId } of await this.#sessions.subscriptionsByTopic(topic)) {
      let messages = 1;
      let bytes = more;
      for await (const packet of this.#sessions.outgoingStream({ id: clientId }) as AsyncIterable<{ payload?: Buffer }>) {
        messages++;
        bytes += packet.payload?.length ?? 0;
      }
      if (messages > GATEWAY_LIMITS.downlinkBacklog || bytes > GATEWAY_LIMITS.downlinkBacklogBytes) return true;
    }
    return false;
  }
}
