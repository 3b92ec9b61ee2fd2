import type { LinkIdentity } from '../../../devices/concentrator/link.ts';
import type { Commissioned, Stock } from '../../../devices/fleet/protocol.ts';
import type { Clock, Platform } from '../../../platform/ports/platform.ts';
import type { Principal } from '../../../topology/keys.ts';

/**
 * What a target may be without. The suite has a test of each: where it lacks, the test stands with its reason in its
 * name and proves the rest.
 */
export type Ability =
  /** A principal that a key's policy does not name is refused by the key service itself. */
  | 'enforces-keys'
  /** Who is not a concentrator of the utility's does not even reach a queue. */
  | 'guards-gateway';

/** Where the service runs: the same suite is green on each. */
export interface Target {
  readonly name: string;
  /** Absent abilities, each with its reason, one line. */
  readonly lacks: Readonly<Partial<Record<Ability, string>>>;
  /** An installation with its keyring, whose handlers run. */
  open(): Promise<World>;
}

/** One message of a concentrator, as the gateway would see it. */
export interface Uplink {
  /** `dc-<dcId>` */
  readonly thing: string;
  /** Of `upTopic`. */
  readonly topic: string;
  readonly payload: Buffer;
}

/** One parcel to a concentrator. */
export interface Downlink {
  /** Of `downTopic`. */
  readonly topic: string;
  readonly payload: Buffer;
}

/** A clock that the suite moves. */
export interface SteppedClock extends Clock {
  /**
   * Steps to a later instant, UTC ms. Where handlers run by a clock of their own it does nothing: the suite measures days
   * before `now` and leads the devices' clocks by some minutes at most.
   */
  step(to: number): void;
}

export interface World {
  readonly clock: SteppedClock;
  /** Issues the certificates of what is in stock, enrols it, registers the homes. */
  commission(stock: Stock): Promise<Commissioned>;
  /** A concentrator's line is there from now on, as far as the target has lines; what it says goes through `deliver`. */
  connect(dcId: string, identity: LinkIdentity): Promise<void>;
  /** The target's own way in: MQTT, the data plane of IoT, or the queue itself. Resolves when the message is durable. */
  deliver(message: Uplink): Promise<void>;
  /** Runs what the clock demands, and resolves when everything is taken: queues, feeds, the bus. */
  settle(): Promise<void>;
  /** Runs close-day as its schedule would, once, and settles. */
  closeDays(): Promise<void>;
  /** What came down since it was last asked; after `settle` nothing is on its way any more. */
  heard(): Promise<readonly Downlink[]>;
  /** The target's world as one principal, to read what is recorded, and to send what a principal may send. */
  platform(principal: Principal): Platform;
  /** Bodies in a queue nobody takes from, a dead-letter queue, oldest first; they stay there or not. */
  setAside(queue: string): Promise<readonly string[]>;
  close(): Promise<void>;
}
