import { DescribeKeyCommand, type KMSClient } from '@aws-sdk/client-kms';
import type { KmsKey } from '../../topology/keys.ts';
import { keyAlias } from '../../topology/names.ts';
import type { Clock } from '../ports/platform.ts';
import { BoundedCache } from '../store/bounded-cache.ts';
import { acceptedUntil } from '../store/key-generations.ts';
import type { OperationCounts } from './operations.ts';
import { isNamed, kmsServiceError } from './service-errors.ts';

/** How long it is believed that a key has no successor yet. */
const KNOWN_MS = 15 * 60_000;

export interface DescribedKey {
  /** Id of the key behind the alias. */
  readonly keyId: string;
  /** UTC ms. */
  readonly createdAt: number;
  /** People disable a key that is in strange hands. */
  readonly enabled: boolean;
}

export interface KmsParts {
  readonly client: KMSClient;
  readonly stage: string;
  readonly clock: Clock;
  readonly operations: OperationCounts;
}

/** Generations of keys: at the service each is a key of its own, under an alias that ends in its number. */
export class KmsGenerations {
  readonly #parts: KmsParts;
  readonly #known: BoundedCache<DescribedKey | undefined>;

  constructor(parts: KmsParts) {
    this.#parts = parts;
    this.#known = new BoundedCache(parts.clock, { ageMs: KNOWN_MS, uses: Number.POSITIVE_INFINITY, capacity: 256 });
  }

  /** Whether a generation of an asymmetric key may still be used: the newest, and the one before it during the overlap. */
  async accepts(spec: KmsKey, generation: number): Promise<boolean> {
    const successor = await this.#remembered(keyAlias(this.#parts.stage, spec.id, generation + 1));
    if (successor === undefined) return true;
    const second = await this.#remembered(keyAlias(this.#parts.stage, spec.id, generation + 2));
    const until = acceptedUntil(
      spec,
      [successor, second].flatMap((key) => (key === undefined ? [] : [key.createdAt])),
    );
    return until === undefined || this.#parts.clock.now() < until;
  }

  /** The newest generation there is, asked for anew; undefined when there is none. */
  async newest({ id }: KmsKey): Promise<(DescribedKey & { readonly generation: number }) | undefined> {
    let newest: (DescribedKey & { readonly generation: number }) | undefined;
    for (let generation = 1; ; generation++) {
      const found = await this.describe(keyAlias(this.#parts.stage, id, generation));
      if (found === undefined) return newest;
      newest = { ...found, generation };
    }
  }

  /** The key behind an alias; undefined where there is none. */
  async describe(alias: string): Promise<DescribedKey | undefined> {
    this.#parts.operations.count('kms.symmetric');
    try {
      const { KeyMetadata } = await this.#parts.client.send(new DescribeKeyCommand({ KeyId: alias }));
      return { keyId: KeyMetadata!.KeyId!, createdAt: KeyMetadata!.CreationDate!.getTime(), enabled: KeyMetadata!.Enabled !== false };
    } catch (error) {
      if (isNamed(error, 'NotFoundException')) return undefined;
      throw kmsServiceError(error);
    }
  }

  #remembered(alias: string): Promise<DescribedKey | undefined> {
    return this.#known.get(alias, () => this.describe(alias));
  }
}
