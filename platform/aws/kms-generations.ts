import { DescribeKeyCommand, type KMSClient } from '@aws-sdk/client-kms';
import type { KmsKey } from '../../topology/keys.ts';
import { keyAlias } from '../../topology/names.ts';
import { acceptedUntil } from '../kms/key-generations.ts';
import type { Clock } from '../ports/platform.ts';
import { BoundedCache } from '../store/bounded-cache.ts';
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
  /** Scheduled for deletion: it does nothing any more, and is gone when its wait is over. */
  readonly ending: boolean;
}

/** One generation of a key that has several. */
export type NumberedKey = DescribedKey & { readonly generation: number };

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
  async newest(spec: KmsKey): Promise<NumberedKey | undefined> {
    return (await this.all(spec)).at(-1);
  }

  /** Every generation there is, asked for anew, the oldest first. */
  async all({ id }: KmsKey): Promise<readonly NumberedKey[]> {
    const found: NumberedKey[] = [];
    for (let generation = 1; ; generation++) {
      const key = await this.describe(keyAlias(this.#parts.stage, id, generation));
      if (key === undefined) return found;
      found.push({ ...key, generation });
    }
  }

  /** The key behind an alias; undefined where there is none. */
  async describe(alias: string): Promise<DescribedKey | undefined> {
    this.#parts.operations.count('kms.symmetric');
    try {
      const { KeyMetadata } = await this.#parts.client.send(new DescribeKeyCommand({ KeyId: alias }));
      const { KeyId, CreationDate, Enabled, KeyState } = KeyMetadata!;
      const ending = KeyState === 'PendingDeletion';
      return { keyId: KeyId!, createdAt: CreationDate!.getTime(), enabled: Enabled !== false, ending };
    } catch (error) {
      if (isNamed(error, 'NotFoundException')) return undefined;
      throw kmsServiceError(error);
    }
  }

  #remembered(alias: string): Promise<DescribedKey | undefined> {
    return this.#known.get(alias, () => this.describe(alias));
  }
}
