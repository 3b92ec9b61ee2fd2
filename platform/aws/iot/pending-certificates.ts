import type { IoTClient } from '@aws-sdk/client-iot';
import type { PendingCertificates } from '../../ports/pending-certificates.ts';
import type { OperationCounts } from '../operations.ts';
import { IotRegistry } from './registry.ts';

/** Certificates that AWS IoT registered by itself when they were first shown, because their CA lets it. */
export class IotPendingCertificates implements PendingCertificates {
  readonly #registry: IotRegistry;

  constructor({ client, operations }: { readonly client: IoTClient; readonly operations: OperationCounts }) {
    this.#registry = new IotRegistry(client, operations);
  }

  async find(fingerprint: string): Promise<Buffer | undefined> {
    const certificate = await this.#registry.certificate(fingerprint);
    return certificate?.status === 'PENDING_ACTIVATION' ? certificate.der : undefined;
  }
}
