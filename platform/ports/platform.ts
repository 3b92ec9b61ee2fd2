import type { CloudEvent } from '../../events/catalogue/entry.ts';
import type { EventStore } from './event-store.ts';
import type { KeyTable } from './key-table.ts';
import type { Kms } from './kms.ts';
import type { Outbound } from './outbound.ts';
import type { ReadModels } from './read-models.ts';
import type { Witness } from './witness.ts';

/** Everything a handler may use of the outside world, as one principal. */
export interface Platform {
  /** Name of the function's role in topology/keys.ts, e.g. `ingest`. */
  readonly principal: string;
  readonly clock: Clock;
  readonly events: EventStore;
  readonly models: ReadModels;
  readonly keys: KeyTable;
  readonly kms: Kms;
  readonly queues: Queues;
  readonly bus: Bus;
  readonly objects: ObjectStore;
  readonly witness: Witness;
  readonly downlink: Downlink;
  readonly devices: DeviceRegistry;
  readonly directory: Directory;
  readonly outbound: Outbound;
  readonly log: Log;
}

export interface Clock {
  /** UTC milliseconds. */
  now(): number;
}

export interface Queues {
  /** Resolves when the message is on stable storage. */
  send(queue: string, body: string): Promise<void>;
  /** Every queue of topology/queues.ts: about how many messages are in it, and how many failed too often. */
  standing(): Promise<readonly QueueStanding[]>;
}

export interface QueueStanding {
  readonly queue: string;
  readonly waiting: number;
  /** In its dead letters. */
  readonly failed: number;
}

/** Integration events to whoever subscribed to their types, by topology/subscriptions.ts. At least once. */
export interface Bus {
  /**
   * Resolves when all are durable. What fails is sent again, and nothing else; events of one call may pass each other.
   * @throws EventsUnpublished naming those that still are not
   */
  publish(events: readonly CloudEvent<unknown>[]): Promise<void>;
}

/** Large bodies and files, by key; content-addressed where the caller uses the hash as key. */
export interface ObjectStore {
  put(key: string, body: Buffer): Promise<void>;
  get(key: string): Promise<Buffer | undefined>;
  delete(key: string): Promise<void>;
  list(prefix: string): Promise<readonly string[]>;
  /**
   * Keys with the prefix whose body was put before an instant, UTC ms, in their order; a second is the most it is told apart by. Putting
   * again makes an object young, but for the same body under its own hash, which may stay as old as it was.
   */
  olderThan(prefix: string, instant: number): Promise<readonly string[]>;
}

/** Publishes to a device's downlink topic. Resolves when the broker took it, which proves no delivery. */
export interface Downlink {
  publish(topic: string, payload: Buffer): Promise<void>;
}

/** What the gateway knows of devices and their certificates. */
export interface DeviceRegistry {
  /** @param thing `dc-<dcId>` or `m-<meterId>` */
  find(thing: string): Promise<RegisteredDevice | undefined>;
  /** By fingerprint alone, whatever thing it is attached to: one look-up. Undefined where no such certificate is registered. */
  certificateStatus(fingerprint: string): Promise<DeviceCertificate['status'] | undefined>;
  /**
   * Puts the thing and these certificates beside what it has. Every step can be repeated: again it finishes what broke off. A revoked
   * certificate stays revoked. @throws ERR_CERTIFICATE_ATTACHED for one that another thing holds
   */
  register(device: RegisteredDevice): Promise<void>;
  /** Signs a CSR under the sub-CA of the role and attaches the certificate exclusively to the thing. @returns DER */
  issueCertificate(thing: string, role: DeviceRole, csr: Buffer): Promise<Buffer>;
  /** Revokes by fingerprint and drops the live sessions that use it. */
  revoke(fingerprint: string): Promise<void>;
  /** Adds the thing to, or removes it from, the quarantine group, whose policy denies everything. */
  setQuarantined(thing: string, quarantined: boolean): Promise<void>;
}

export type DeviceRole = 'meter' | 'concentrator' | 'customer-device' | 'third-party' | 'operator';

export interface RegisteredDevice {
  readonly thing: string;
  readonly role: DeviceRole;
  readonly quarantined: boolean;
  readonly certificates: readonly DeviceCertificate[];
}

export interface DeviceCertificate {
  /** SHA-256 of the DER, hex. */
  readonly fingerprint: string;
  readonly der: Buffer;
  readonly status: 'active' | 'revoked';
}

/** Small facts by key: routing, filters, clocks of watchers. Rebuildable from events; never the truth. */
export interface Directory {
  get(key: string): Promise<Buffer | undefined>;
  getMany(keys: readonly string[]): Promise<readonly (Buffer | undefined)[]>;
  put(entries: readonly { key: string; value: Buffer }[]): Promise<void>;
  /** Entries whose key starts with the prefix, in key order. */
  list(prefix: string): AsyncIterable<{ key: string; value: Buffer }>;
}

/** Structured log with an allow-list of fields: what is not in it never reaches a sink. */
export interface Log {
  info(message: string, fields?: LogFields): void;
  warn(message: string, fields?: LogFields): void;
  error(message: string, fields?: LogFields): void;
}

export interface LogFields {
  readonly code?: string;
  readonly count?: number;
  readonly queue?: string;
  readonly stream?: string;
  readonly reason?: string;
  readonly milliseconds?: number;
  readonly requestId?: string;
}
