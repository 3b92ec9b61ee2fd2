import { ALL_DEFENCES, type Defences } from '../../topology/defences.ts';
import { utf8 } from './base64url.ts';
import type { Kept } from './kept.ts';

const KEY = 'sealing-key';
const PREFIX = 'sealed:';
const IV_BYTES = 12;

interface SealedEntry {
  readonly iv: Uint8Array<ArrayBuffer>;
  readonly body: ArrayBuffer;
}

/** A value and when it was put there, UTC ms. */
export interface Dated<T> {
  readonly value: T;
  readonly at: number;
}

/**
 * What an application keeps for times without network: AES-256-GCM under a key that is not extractable, bound to its name. What does
 * not open is as good as absent.
 * @source X.1332 9.2, 10.2 (secure storage on the customer's device)
 */
export class SealedStore {
  readonly #kept: Kept;
  readonly #defences: Pick<Defences, 'browserStorage'>;

  constructor(kept: Kept, defences: Pick<Defences, 'browserStorage'> = ALL_DEFENCES) {
    this.#kept = kept;
    this.#defences = defences;
  }

  async put<T>(name: string, value: T, at: number): Promise<void> {
    const key = await this.#key();
    const iv = crypto.getRandomValues(new Uint8Array(IV_BYTES));
    const body = await crypto.subtle.encrypt({ name: 'AES-GCM', iv, additionalData: utf8(name) }, key, utf8(JSON.stringify({ value, at })));
    await this.#kept.put(PREFIX + name, { iv, body } satisfies SealedEntry);
  }

  async get<T>(name: string): Promise<Dated<T> | undefined> {
    try {
      const entry = (await this.#kept.get(PREFIX + name)) as SealedEntry | undefined;
      if (entry === undefined) return undefined;
      const { iv, body } = entry;
      const opened = await crypto.subtle.decrypt({ name: 'AES-GCM', iv, additionalData: utf8(name) }, await this.#key(), body);
      return JSON.parse(new TextDecoder().decode(opened)) as Dated<T>;
    } catch {
      return undefined;
    }
  }

  /** Forgets all of it, and the key. */
  async clear(): Promise<void> {
    for (const name of await this.#kept.names()) if (name === KEY || name.startsWith(PREFIX)) await this.#kept.delete(name);
  }

  async #key(): Promise<CryptoKey> {
    const standing = (await this.#kept.get(KEY)) as CryptoKey | undefined;
    if (standing !== undefined) return standing;
    const key = await crypto.subtle.generateKey({ name: 'AES-GCM', length: 256 }, !this.#defences.browserStorage, ['encrypt', 'decrypt']);
    await this.#kept.put(KEY, key);
    return key;
  }
}
