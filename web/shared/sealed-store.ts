import { toBase64url } from '../../protocol/portable/base64url.ts';
import { ALL_DEFENCES, type Defences } from '../../topology/defences.ts';
import { utf8 } from './base64url.ts';
import type { Kept } from './kept.ts';

const KEYS = 'sealing-keys';
const PREFIX = 'sealed:';
const IV_BYTES = 12;
/** Under which name it is kept whose all of it is: sealed, as everything else. */
const OWNER = 'owner';

interface SealedEntry {
  readonly iv: Uint8Array<ArrayBuffer>;
  readonly body: ArrayBuffer;
}

interface SealingKeys {
  /** AES-256-GCM. */
  readonly body: CryptoKey;
  /** HMAC-SHA-256: the names of what is kept say something as well. */
  readonly name: CryptoKey;
}

/** A value and when it was put there, UTC ms. */
export interface Dated<T> {
  readonly value: T;
  readonly at: number;
}

/**
 * What an application keeps for times without network: AES-256-GCM under a key that is not extractable, bound to its name, which is kept
 * as its HMAC. What does not open is as good as absent.
 * @source X.1332 9.2, 10.2 (secure storage on the customer's device)
 */
export class SealedStore {
  readonly #kept: Kept;
  readonly #defences: Pick<Defences, 'browserStorage'>;
  #keys: Promise<SealingKeys> | undefined;

  constructor(kept: Kept, defences: Pick<Defences, 'browserStorage'> = ALL_DEFENCES) {
    this.#kept = kept;
    this.#defences = defences;
  }

  async put<T>(name: string, value: T, at: number): Promise<void> {
    const keys = await this.#sealingKeys();
    const iv = crypto.getRandomValues(new Uint8Array(IV_BYTES));
    const text = utf8(JSON.stringify({ value, at }));
    const body = await crypto.subtle.encrypt({ name: 'AES-GCM', iv, additionalData: utf8(name) }, keys.body, text);
    await this.#kept.put(await keptName(keys, name), { iv, body } satisfies SealedEntry);
  }

  async get<T>(name: string): Promise<Dated<T> | undefined> {
    try {
      const keys = await this.#sealingKeys();
      const entry = (await this.#kept.get(await keptName(keys, name))) as SealedEntry | undefined;
      if (entry === undefined) return undefined;
      const { iv, body } = entry;
      const opened = await crypto.subtle.decrypt({ name: 'AES-GCM', iv, additionalData: utf8(name) }, keys.body, body);
      return JSON.parse(new TextDecoder().decode(opened)) as Dated<T>;
    } catch {
      return undefined;
    }
  }

  /** From here on it is theirs: what was kept for somebody else, or for nobody knows whom, is forgotten. @param at UTC ms */
  async belongTo(person: string, at: number): Promise<void> {
    if ((await this.get<string>(OWNER))?.value === person) return;
    await this.clear();
    await this.put(OWNER, person, at);
  }

  /** Forgets all of it, and the keys. */
  async clear(): Promise<void> {
    this.#keys = undefined;
    for (const name of await this.#kept.names()) if (name === KEYS || name.startsWith(PREFIX)) await this.#kept.delete(name);
  }

  /** Made once, whoever asks first. */
  #sealingKeys(): Promise<SealingKeys> {
    this.#keys ??= this.#standingKeys();
    return this.#keys;
  }

  async #standingKeys(): Promise<SealingKeys> {
    const standing = (await this.#kept.get(KEYS)) as SealingKeys | undefined;
    if (standing !== undefined) return standing;
    const isExtractable = !this.#defences.browserStorage;
    const body = await crypto.subtle.generateKey({ name: 'AES-GCM', length: 256 }, isExtractable, ['encrypt', 'decrypt']);
    const name = await crypto.subtle.generateKey({ name: 'HMAC', hash: 'SHA-256', length: 256 }, isExtractable, ['sign']);
    await this.#kept.put(KEYS, { body, name } satisfies SealingKeys);
    return { body, name };
  }
}

async function keptName(keys: SealingKeys, name: string): Promise<string> {
  return PREFIX + toBase64url(new Uint8Array(await crypto.subtle.sign('HMAC', keys.name, utf8(name))));
}
