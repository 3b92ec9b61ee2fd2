import type { KeyObject } from 'node:crypto';
import { setTimeout as wait } from 'node:timers/promises';
import { commission } from '../../../bin/service/service.ts';
import type { LinkIdentity } from '../../../devices/concentrator/link.ts';
import type { Commissioned, Stock } from '../../../devices/fleet/protocol.ts';
import { localDayAt } from '../../../lambdas/shared/days/local-days.ts';
import type { Clock, Platform } from '../../../platform/ports/platform.ts';
import { concentratorThing, meterThing } from '../../../topology/device-access.ts';
import type { Principal } from '../../../topology/principals.ts';
import type { Downlink, SteppedClock, Uplink, World } from '../suite/target.ts';
import type { Lines } from './lines.ts';
import type { QueueWatch } from './queue-watch.ts';

/** What differs between places where the stacks are deployed. */
export interface Deployment {
  readonly lines: Lines;
  readonly queues: QueueWatch;
  /** The adapters of the functions, as a principal. */
  platform(principal: Principal, clock: Clock): Platform;
  /** Invokes a function as its schedule would. @throws when it fails */
  invoke(name: string): Promise<void>;
  /** Whether queues are empty and feeds have taken what there is. */
  isIdle(): Promise<boolean>;
  /** Where devices connect. */
  readonly broker: { readonly url: string; readonly ca: string };
  /** Public half of the root of key manifests. */
  readonly root: KeyObject;
  /** The run is over. @param things that it registered */
  close(things: readonly string[]): Promise<void>;
}

export interface Patience {
  readonly lookEveryMs: number;
  /** So many looks in a row must find everything idle. */
  readonly looks: number;
  readonly atMostMs: number;
}

const DAY_MS = 86_400_000;
/** Handlers there run by the time that it is. */
export const REAL_CLOCK: SteppedClock = { now: () => Date.now(), step: () => {} };

/** The service where its stacks are deployed. */
export class DeployedWorld implements World {
  readonly clock = REAL_CLOCK;
  readonly start = localDayAt((Date.now() - 2 * DAY_MS) / 1_000, 'Europe/London').start * 1_000;
  readonly #deployment: Deployment;
  readonly #patience: Patience;
  readonly #platforms = new Map<Principal, Platform>();
  readonly #things: string[] = [];

  constructor(deployment: Deployment, patience: Patience) {
    this.#deployment = deployment;
    this.#patience = patience;
  }

  commission(stock: Stock): Promise<Commissioned> {
    const { broker, root } = this.#deployment;
    this.#things.push(
      ...stock.meters.map(({ meterId }) => meterThing(meterId)),
      ...stock.concentrators.map(({ dcId }) => concentratorThing(dcId)),
    );
    // Homes are there, and their devices certified, as of the beginning.
    const beginning = { now: () => this.start };
    const as = (principal: Principal) => this.#deployment.platform(principal, beginning);
    return commission({ as, broker, ca: { rootPem: broker.ca, manifestRoot: { publicKey: root } } }, stock);
  }

  async connect(dcId: string, identity: LinkIdentity): Promise<void> {
    await this.#deployment.lines.connect(concentratorThing(dcId), identity);
  }

  async deliver(message: Uplink): Promise<void> {
    await this.#deployment.lines.publish(message);
  }

  async settle(): Promise<void> {
    const { looks } = this.#patience;
    let idle = 0;
    await this.#until('settled', async () => {
      idle = (await this.#deployment.isIdle()) ? idle + 1 : 0;
      return idle >= looks;
    });
  }

  async closeDays(): Promise<void> {
    await this.#deployment.invoke('close-day');
    await this.settle();
  }

  async heard(): Promise<readonly Downlink[]> {
    return await this.#deployment.lines.heard();
  }

  platform(principal: Principal): Platform {
    const platform = this.#platforms.get(principal) ?? this.#deployment.platform(principal, this.clock);
    this.#platforms.set(principal, platform);
    return platform;
  }

  async put(queue: string, body: string): Promise<void> {
    await this.#deployment.queues.put(queue, body);
  }

  async setAside(deadLetter: string, expected: number): Promise<readonly string[]> {
    let found: readonly string[] = [];
    await this.#until(`${expected} messages in ${deadLetter}`, async () => {
      found = await this.#deployment.queues.look(deadLetter);
      return found.length >= expected;
    });
    return found;
  }

  async close(): Promise<void> {
    await this.#deployment.lines.close();
    await this.#deployment.close(this.#things);
  }

  /** @throws after the longest wait */
  async #until(what: string, isSo: () => Promise<boolean>): Promise<void> {
    const { lookEveryMs, atMostMs } = this.#patience;
    const until = Date.now() + atMostMs;
    while (!(await isSo())) {
      if (Date.now() > until) throw new Error(`not ${what} after ${atMostMs / 1_000} s`);
      await wait(lookEveryMs);
    }
  }
}
