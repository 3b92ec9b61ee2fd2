import type { KeyObject } from 'node:crypto';
import { setTimeout as wait } from 'node:timers/promises';
import { commission } from '../../../bin/service.ts';
import type { LinkIdentity } from '../../../devices/concentrator/link.ts';
import type { Commissioned, Stock } from '../../../devices/fleet/protocol.ts';
import type { Platform } from '../../../platform/ports/platform.ts';
import { concentratorThing } from '../../../topology/device-access.ts';
import type { Principal } from '../../../topology/keys.ts';
import type { Downlink, SteppedClock, Uplink, World } from '../suite/target.ts';
import type { Lines } from './lines.ts';

/** What differs between places where the stacks are deployed. */
export interface Deployment {
  readonly lines: Lines;
  platform(principal: Principal): Platform;
  /** Invokes a function as its schedule would. @throws when it fails */
  invoke(name: string): Promise<void>;
  /** Whether queues are empty and feeds have taken what there is. */
  isIdle(): Promise<boolean>;
  setAside(queue: string): Promise<readonly string[]>;
  /** Where devices connect. */
  readonly broker: { readonly url: string; readonly ca: string };
  /** Public half of the root of key manifests. */
  readonly root: KeyObject;
}

export interface Patience {
  readonly lookEveryMs: number;
  /** So many looks in a row must find everything idle. */
  readonly looks: number;
  readonly atMostMs: number;
}

/** Handlers there run by the time that it is. */
const REAL_CLOCK: SteppedClock = { now: () => Date.now(), step: () => {} };

/** The service where its stacks are deployed. */
export class DeployedWorld implements World {
  readonly clock = REAL_CLOCK;
  readonly #deployment: Deployment;
  readonly #patience: Patience;

  constructor(deployment: Deployment, patience: Patience) {
    this.#deployment = deployment;
    this.#patience = patience;
  }

  commission(stock: Stock): Promise<Commissioned> {
    const { broker, root } = this.#deployment;
    const installed = {
      as: (principal: Principal) => this.platform(principal),
      broker,
      ca: { rootPem: broker.ca, manifestRoot: { publicKey: root } },
    };
    return commission(installed, stock);
  }

  async connect(dcId: string, identity: LinkIdentity): Promise<void> {
    await this.#deployment.lines.connect(concentratorThing(dcId), identity);
  }

  async deliver(message: Uplink): Promise<void> {
    await this.#deployment.lines.publish(message);
  }

  /** @throws when something is still under way after the longest wait */
  async settle(): Promise<void> {
    const { lookEveryMs, looks, atMostMs } = this.#patience;
    const until = Date.now() + atMostMs;
    for (let idle = 0; idle < looks; ) {
      if (Date.now() > until) throw new Error(`not settled after ${atMostMs / 1_000} s`);
      idle = (await this.#deployment.isIdle()) ? idle + 1 : 0;
      if (idle < looks) await wait(lookEveryMs);
    }
  }

  async closeDays(): Promise<void> {
    await this.#deployment.invoke('close-day');
    await this.settle();
  }

  async heard(): Promise<readonly Downlink[]> {
    return await this.#deployment.lines.heard();
  }

  platform(principal: Principal): Platform {
    return this.#deployment.platform(principal);
  }

  setAside(queue: string): Promise<readonly string[]> {
    return this.#deployment.setAside(queue);
  }

  async close(): Promise<void> {
    await this.#deployment.lines.close();
  }
}
