import { setTimeout } from 'node:timers/promises';
import type { Commissioned } from '../../devices/fleet/protocol.ts';
import { EpochVault } from '../../lambdas/shared/keys/epoch-vault.ts';
import { readParcel, TO_CONCENTRATOR } from '../../protocol/batch.ts';
import { sealFrame } from '../../protocol/frame.ts';
import { epochKeys, generationOf } from '../../protocol/keys.ts';
import { encodePlaintext, type Plaintext } from '../../protocol/plaintext.ts';
import { Block, type BlockOptions } from './block.ts';
import { ServiceUnderTest, type ServiceUnderTestOptions } from './service-under-test.ts';

export { DAY, HOUR, MINUTE } from './block.ts';

/** A Monday, 00:00 UTC. */
export const MONDAY = Date.UTC(2026, 0, 5);

export interface StreetOptions extends BlockOptions, Partial<ServiceUnderTestOptions> {
  /** Where concentrators connect instead of to the broker. */
  readonly via?: (service: ServiceUnderTest) => Promise<string>;
}

/** A block of homes and the whole service in this process, with real MQTT between them. */
export class Street extends Block {
  service: ServiceUnderTest;
  /** What passed the broker, both ways. */
  readonly wire: { topic: string; payload: Buffer; at: number }[] = [];
  keepWire = false;
  readonly #options: StreetOptions;
  #sentDown = 0;
  #commissioned!: Commissioned;

  private constructor(service: ServiceUnderTest, options: StreetOptions) {
    super(options, options.start ?? MONDAY);
    this.service = service;
    this.#options = options;
    this.#listen();
  }

  static async open(options: StreetOptions): Promise<Street> {
    const { start = MONDAY } = options;
    const street = new Street(await ServiceUnderTest.boot({ ...options, start }), options);
    await street.commission();
    return street;
  }

  /** Waits for everything the broker has sent down, and hands it to the meters. */
  override async hear(): Promise<void> {
    for (let waited = 0; this.received < this.#sentDown && waited < 2_000; waited++) await setTimeout(1);
    await super.hear();
  }

  /** A frame as the meter itself would seal it, by the secret the service keeps. */
  async sealAs(meterId: string, plain: Plaintext, counter: number, epoch = 1): Promise<Buffer> {
    const secret = await new EpochVault(this.service.platform.as('keys')).secret(meterId, epoch);
    const keys = generationOf(epochKeys(secret!).chain0, 0);
    return sealFrame({ meterId, epoch, generation: 0, salt: 9, counter }, keys, encodePlaintext(plain));
  }

  /** The service ends and comes back from its state directory, which `between` may change. */
  async restart(between: (stateDir: string) => void | Promise<void> = () => {}): Promise<void> {
    const { stateDir } = this.service;
    for (const seat of this.seats.values()) await seat.close();
    await this.service.platform.close();
    await between(stateDir);
    this.service = await ServiceUnderTest.boot({ ...this.#options, start: this.now, stateDir });
    this.#listen();
    const { platform } = this.service;
    await this.connect({ ...this.#commissioned, brokerUrl: platform.broker.url, brokerCa: platform.ca.rootPem });
  }

  async close(): Promise<void> {
    for (const seat of this.seats.values()) await seat.close();
    await this.service.close();
  }

  protected override async connect(commissioned: Commissioned): Promise<void> {
    this.#commissioned = commissioned;
    const url = (await this.#options.via?.(this.service)) ?? commissioned.brokerUrl;
    for (const seat of this.seats.values()) await seat.connect(url, commissioned.brokerCa);
  }

  #listen(): void {
    this.received = 0;
    this.#sentDown = 0;
    this.service.platform.broker.onWire = (topic, payload, at) => {
      if (this.keepWire) this.wire.push({ topic, payload: Buffer.from(payload), at });
      if (topic.endsWith('/down')) this.#sentDown += readParcel(payload).filter(({ meterId }) => meterId !== TO_CONCENTRATOR).length;
    };
  }
}
