import { type KeyObject, X509Certificate } from 'node:crypto';
import type { EventStore } from '../../platform/ports/event-store.ts';

/** Meters whose keys stay in memory; the one loaded first gives way. */
const REMEMBERED = 32_768;

interface KnownKeys {
  /** Last version that was read of the meter's stream. */
  version: number;
  /** Public keys of its certificates, newest first: a seal may be older than the renewal. */
  keys: readonly KeyObject[];
}

/**
 * Identity keys of meters, from the certificates in their streams. A key object is made once; of a stream that is known only what
 * came since is read.
 */
export class MeterKeys {
  readonly #events: EventStore;
  readonly #known = new Map<string, KnownKeys>();

  constructor(events: EventStore) {
    this.#events = events;
  }

  /** @returns none for a meter without a readable certificate */
  async of(meterId: string): Promise<readonly KeyObject[]> {
    const known = this.#known.get(meterId) ?? this.#remember(meterId);
    for await (const commit of this.#events.read(`meter/${meterId}`, known.version + 1)) {
      for (const event of commit.events) {
        if (event.type !== 'MeterEnrolled' && event.type !== 'CertificateRenewed') continue;
        const key = publicKeyOf(event.data.certificate);
        if (key !== undefined) known.keys = [key, ...known.keys].slice(0, 2);
      }
      known.version = commit.head.version;
    }
    return known.keys;
  }

  #remember(meterId: string): KnownKeys {
    if (this.#known.size >= REMEMBERED) this.#known.delete(this.#known.keys().next().value!);
    const fresh = { version: -1, keys: [] };
    this.#known.set(meterId, fresh);
    return fresh;
  }
}

function publicKeyOf(der: Uint8Array): KeyObject | undefined {
  try {
    return new X509Certificate(der).publicKey;
  } catch {
    return undefined;
  }
}
