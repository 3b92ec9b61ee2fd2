import type { KeyUsage, KmsKey } from '../../../topology/keys.ts';
import { acceptedUntil, hasGenerations } from '../../kms/key-generations.ts';
import { kmsError } from '../../kms/kms-errors.ts';
import type { KeyClockwork } from '../../ports/kms.ts';
import type { Clock } from '../../ports/platform.ts';
import type { KeyVault, StoredKey } from './vault.ts';

const DAY_MS = 86_400_000;

export interface KeyDescription {
  readonly id: string;
  readonly usage: KeyUsage;
  readonly state: 'enabled' | 'disabled' | 'pending-deletion';
  readonly createdAt: number;
  /** UTC ms, when pending deletion. */
  readonly deletionAt?: number;
  /** Oldest first. */
  readonly generations: readonly GenerationDescription[];
}

export interface GenerationDescription {
  /** Key id of this very generation, e.g. `agreement-1`. */
  readonly id: string;
  readonly generation: number;
  /** UTC ms. */
  readonly createdAt: number;
  /** UTC ms until which it works beside its successor; absent for the newest, and for symmetric keys, which decrypt for ever. */
  readonly acceptedUntil?: number;
}

/** Key administration, for bootstrap, the command line and the clockwork; no function has it. */
export class KmsAdmin implements KeyClockwork {
  readonly #vault: KeyVault;
  readonly #specs: ReadonlyMap<string, KmsKey>;
  readonly #clock: Clock;

  constructor(vault: KeyVault, specs: ReadonlyMap<string, KmsKey>, clock: Clock) {
    this.#vault = vault;
    this.#specs = specs;
    this.#clock = clock;
  }

  /** Makes a key of the topology. @throws ERR_KMS_NOT_FOUND when the topology has none of this id, ERR_KMS_ALREADY_EXISTS */
  async createKey(id: string): Promise<void> {
    const spec = this.#specOf(id);
    if (this.#vault.find(id) !== undefined) throw kmsError('ERR_KMS_ALREADY_EXISTS');
    this.#vault.create(id, spec.usage, this.#clock.now());
  }

  /** Makes every key of the topology that does not exist. @returns the ids made */
  async createMissing(): Promise<readonly string[]> {
    const missing = [...this.#specs.values()].filter(({ id }) => this.#vault.find(id) === undefined);
    for (const { id, usage } of missing) this.#vault.create(id, usage, this.#clock.now());
    return missing.map(({ id }) => id);
  }

  /** Adds a generation, which is the one used from now on. @returns its number */
  async rotate(id: string): Promise<number> {
    const key = this.live(id);
    if (key.deletionAt !== undefined) throw kmsError('ERR_KMS_INVALID_STATE');
    if (!key.enabled) throw kmsError('ERR_KMS_DISABLED');
    return this.#vault.addGeneration(key, this.#clock.now());
  }

  /**
   * Ends a generation of a signing key before its time; the newest gets a successor first. What it signed can still be looked at.
   * @throws ERR_KMS_NOT_FOUND for a generation that is not there, ERR_KMS_INVALID_KEY_USAGE for a key that signs nothing
   */
  async withdraw(id: string, generation: number): Promise<void> {
    const { usage } = this.#specOf(id);
    if (usage !== 'sign-verify') throw kmsError('ERR_KMS_INVALID_KEY_USAGE');
    this.live(id);
    const generations = this.#vault.generations(id);
    if (!generations.some((known) => known.generation === generation)) throw kmsError('ERR_KMS_NOT_FOUND');
    if (generations.at(-1)!.generation === generation) await this.rotate(id);
    this.#vault.withdraw(id, generation, this.#clock.now());
  }

  /** Rotates what is due by the topology. @returns the ids rotated */
  async rotateDue(): Promise<readonly string[]> {
    const due = [...this.#specs.values()].filter((spec) => this.#rotationDue(spec)).map(({ id }) => id);
    for (const id of due) await this.rotate(id);
    return due;
  }

  /** The key stops working now and is gone for good after the days. @param days 7 to 30 @returns UTC ms of the end */
  async scheduleDeletion(id: string, days: number): Promise<number> {
    if (!Number.isInteger(days) || days < 7 || days > 30) throw kmsError('ERR_KMS_VALIDATION');
    const key = this.live(id);
    if (key.deletionAt !== undefined) throw kmsError('ERR_KMS_INVALID_STATE');
    const at = this.#clock.now() + days * DAY_MS;
    this.#vault.setDeletion(id, at);
    return at;
  }

  /** As in AWS KMS, the key is disabled afterwards. @throws ERR_KMS_INVALID_STATE unless it is pending deletion */
  async cancelDeletion(id: string): Promise<void> {
    const key = this.live(id);
    if (key.deletionAt === undefined) throw kmsError('ERR_KMS_INVALID_STATE');
    this.#vault.setDeletion(id, undefined);
    this.#vault.setEnabled(id, false);
  }

  async setEnabled(id: string, enabled: boolean): Promise<void> {
    const key = this.live(id);
    if (key.deletionAt !== undefined) throw kmsError('ERR_KMS_INVALID_STATE');
    this.#vault.setEnabled(id, enabled);
  }

  /** Removes the keys whose day of deletion has come; a key that is touched after that day is removed anyway. */
  async purgeDue(): Promise<readonly string[]> {
    const due = this.#vault.ids().filter((id) => this.#deletionDue(this.#vault.find(id)));
    for (const id of due) this.#vault.purge(id);
    return due;
  }

  /** A key works no more from the moment it is scheduled, all its generations with it. */
  async ending(): Promise<readonly string[]> {
    return this.#vault.ids().filter((id) => this.#vault.find(id)?.deletionAt !== undefined);
  }

  async describe(id: string): Promise<KeyDescription> {
    const key = this.live(id);
    const spec = this.#specOf(id);
    const state = key.deletionAt !== undefined ? 'pending-deletion' : key.enabled ? 'enabled' : 'disabled';
    const generations = this.#describeGenerations(spec);
    const description = { id, usage: key.usage, state, createdAt: key.createdAt, generations } as const;
    return key.deletionAt === undefined ? description : { ...description, deletionAt: key.deletionAt };
  }

  async newestGeneration(id: string): Promise<GenerationDescription> {
    this.live(id);
    return this.#describeGenerations(this.#specOf(id)).at(-1)!;
  }

  /** The key, unless it is gone. @throws ERR_KMS_NOT_FOUND */
  live(id: string): StoredKey {
    const key = this.#vault.find(id);
    if (key !== undefined && !this.#deletionDue(key)) return key;
    if (key !== undefined) this.#vault.purge(id);
    throw kmsError('ERR_KMS_NOT_FOUND');
  }

  /** Whether a generation may still be used: the newest, and the one before it during the overlap. */
  accepts(spec: KmsKey, generation: number): boolean {
    const found = this.#describeGenerations(spec).find((described) => described.generation === generation);
    return found === undefined || found.acceptedUntil === undefined || this.#clock.now() < found.acceptedUntil;
  }

  #describeGenerations(spec: KmsKey): readonly GenerationDescription[] {
    const generations = this.#vault.generations(spec.id);
    return generations.map(({ generation, createdAt, withdrawnAt }, index) => {
      const described = { id: `${spec.id}-${generation}`, generation, createdAt };
      const later = generations.slice(index + 1).map((successor) => successor.createdAt);
      const until = withdrawnAt ?? (hasGenerations(spec) ? acceptedUntil(spec, later) : undefined);
      return until === undefined ? described : { ...described, acceptedUntil: until };
    });
  }

  #rotationDue(spec: KmsKey): boolean {
    if (spec.changedByPeople === true) return false;
    const key = this.#vault.find(spec.id);
    if (key === undefined || !key.enabled || key.deletionAt !== undefined) return false;
    const newest = this.#vault.generations(spec.id).at(-1);
    return newest !== undefined && this.#clock.now() - newest.createdAt >= spec.rotationDays * DAY_MS;
  }

  #deletionDue(key: StoredKey | undefined): boolean {
    return key?.deletionAt !== undefined && this.#clock.now() >= key.deletionAt;
  }

  #specOf(id: string): KmsKey {
    const spec = this.#specs.get(id);
    if (spec === undefined) throw kmsError('ERR_KMS_NOT_FOUND');
    return spec;
  }
}
