import type { LinkIdentity } from '../../../devices/concentrator/link.ts';
import type { Commissioned, Stock } from '../../../devices/fleet/protocol.ts';
import type { Clock, Platform } from '../../../platform/ports/platform.ts';
import type { Principal } from '../../../topology/principals.ts';

/**
 * What a target may be without. The suite has a test of each; where the target lacks it, the test bears the reason in its name, and
 * shows what is so instead.
 */
export type Ability =
  /** The key service refuses a principal that a key's policy does not name. */
  | 'enforces-keys'
  /** Who is not a concentrator of the utility's gets no line. */
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
  /** Steps to a later instant, UTC ms. Where handlers run by a clock of their own it does nothing. */
  step(to: number): void;
}

export interface World {
  /**
   * UTC ms: a midnight in London. Homes are there from then on, and it is two days or more before `clock`, once that was stepped to
   * `start` + 2 days. Devices' time is not the clock's: the suite lets it run some hours ahead.
   */
  readonly start: number;
  readonly clock: SteppedClock;
  /** Issues the certificates of what is in stock, enrols it and registers the homes, as of `start`. */
  commission(stock: Stock): Promise<Commissioned>;
  /** A concentrator's line is there from now on, as far as the target has lines; what it says goes through `deliver`. */
  connect(dcId: string, identity: LinkIdentity): Promise<void>;
  /** The target's own way in: MQTT, the data plane of IoT, or the queue itself. Resolves when the message is durable. */
  deliver(message: Uplink): Promise<void>;
  /** Resolves when everything is taken: queues, feeds, the bus; dead letters aside. */
  settle(): Promise<void>;
  /** Runs close-day once, as its schedule would, and settles. */
  closeDays(): Promise<void>;
  /** What came down since it was last asked; after `settle` nothing is on its way any more. */
  heard(): Promise<readonly Downlink[]>;
  /** The target's world as one principal. */
  platform(principal: Principal): Platform;
  /** Puts a message into a queue past the gateway, as nobody but an administrator could. */
  put(queue: string, body: string): Promise<void>;
  /** Bodies in a dead-letter queue, of which at least `expected` are on their way. */
  setAside(deadLetter: string, expected: number): Promise<readonly string[]>;
  close(): Promise<void>;
}
