import type { KeyObject } from 'node:crypto';

/** What a device proves itself with to the broker. */
export interface LinkIdentity {
  readonly key: KeyObject;
  /** X.509 DER. */
  readonly certificate: Buffer;
}

/** A concentrator's way to the broker. */
export interface Link {
  /** Resolves when the broker took the message on (PUBACK), rejects when it is not known to have. */
  publish(topic: string, payload: Buffer): Promise<void>;
  /** Payloads of the concentrator's own down topic. */
  onDown(handler: (payload: Buffer) => void): void;
  /** Connects again as the renewed identity; absent where the link has none. */
  useIdentity?(identity: LinkIdentity): Promise<void>;
}
