import type { LinkIdentity } from '../../../devices/concentrator/link.ts';
import type { Downlink, Uplink } from '../suite/target.ts';

/** What concentrators say to the gateway of a deployed service, and hear from it. */
export interface Lines {
  /** @param thing `dc-<dcId>` */
  connect(thing: string, identity: LinkIdentity): Promise<void>;
  /** Resolves when the gateway has taken it. */
  publish(message: Uplink): Promise<void>;
  /** What came down since it was last asked. */
  heard(): Promise<readonly Downlink[]>;
  close(): Promise<void>;
}
