import { type IoTDataPlaneClient, PublishCommand } from '@aws-sdk/client-iot-data-plane';
import { JoulekeepError } from '../../../events/errors.ts';
import { IOT_LIMITS } from '../../../topology/limits.ts';
import type { Downlink } from '../../ports/platform.ts';
import type { OperationCounts } from '../operations.ts';
import { serviceError } from '../service-errors.ts';

/** A message is billed once for each so many bytes begun. */
const BILLED_BYTES = 5 * 1024;

/** Publishes to devices with QoS 1; the service keeps a message for a persistent session, and drops it where there is none. */
export class IotDownlink implements Downlink {
  readonly #client: IoTDataPlaneClient;
  readonly #operations: OperationCounts;

  constructor(parts: { readonly client: IoTDataPlaneClient; readonly operations: OperationCounts }) {
    this.#client = parts.client;
    this.#operations = parts.operations;
  }

  /** @throws ERR_PAYLOAD_TOO_LARGE over 128 KiB */
  async publish(topic: string, payload: Buffer): Promise<void> {
    if (payload.length > IOT_LIMITS.payloadBytes) throw new JoulekeepError('ERR_PAYLOAD_TOO_LARGE', `${payload.length} bytes to ${topic}`);
    this.#operations.count('iot.message', Math.max(1, Math.ceil(payload.length / BILLED_BYTES)));
    try {
      await this.#client.send(new PublishCommand({ topic, payload, qos: 1 }));
    } catch (error) {
      throw serviceError('IOT', error);
    }
  }
}
