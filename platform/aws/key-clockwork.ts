import {
  CreateAliasCommand,
  CreateKeyCommand,
  type CreateKeyCommandInput,
  GetKeyPolicyCommand,
  ScheduleKeyDeletionCommand,
  UpdateAliasCommand,
} from '@aws-sdk/client-kms';
import { CA_KEYS, type KeyUsage, KMS_KEYS, type KmsKey } from '../../topology/keys.ts';
import { KEY_TAG, keyAlias, resourceName, storageKeyName } from '../../topology/names.ts';
import { STORAGE_DOMAINS } from '../../topology/storage.ts';
import { hasGenerations } from '../kms/key-generations.ts';
import { kmsError } from '../kms/kms-errors.ts';
import type { KeyClockwork } from '../ports/kms.ts';
import { type DescribedKey, KmsGenerations, type KmsParts } from './kms-generations.ts';
import { kmsServiceError } from './service-errors.ts';

const DAY_MS = 86_400_000;
/** A replaced key of authentication codes; the longest the service waits. */
const DELETED_AFTER_DAYS = 30;

type MadeHere = Exclude<KeyUsage, 'encrypt-decrypt'>;

const KIND_OF: Readonly<Record<MadeHere, Pick<CreateKeyCommandInput, 'KeySpec' | 'KeyUsage'>>> = {
  'key-agreement': { KeySpec: 'ECC_NIST_P256', KeyUsage: 'KEY_AGREEMENT' },
  'sign-verify': { KeySpec: 'ECC_NIST_P256', KeyUsage: 'SIGN_VERIFY' },
  mac: { KeySpec: 'HMAC_256', KeyUsage: 'GENERATE_VERIFY_MAC' },
};

/**
 * What the clock demands of the key service where the service does not do it by itself: symmetric keys it rotates, and deletes
 * what is due. A new generation of an asymmetric key is a new key with the policy of the one before; its numbered alias makes
 * it exist, the plain alias makes it the one in use. A run that broke off between the two is finished by the next.
 */
export class AwsKeyClockwork implements KeyClockwork {
  readonly #parts: KmsParts;
  readonly #specs: readonly KmsKey[];
  readonly #generations: KmsGenerations;

  /** @param keys default: topology/keys.ts */
  constructor(parts: KmsParts & { readonly keys?: readonly KmsKey[] }) {
    this.#parts = parts;
    this.#specs = parts.keys ?? KMS_KEYS;
    this.#generations = new KmsGenerations(parts);
  }

  async rotateDue(): Promise<readonly string[]> {
    const rotated: string[] = [];
    for (const spec of this.#specs.filter(({ changedByPeople }) => changedByPeople !== true)) {
      if (hasGenerations(spec) && (await this.#addGenerationWhenDue(spec))) rotated.push(spec.id);
      if (spec.usage === 'mac' && (await this.#replaceWhenDue(spec))) rotated.push(spec.id);
    }
    return rotated;
  }

  /** The service deletes what is due by itself. */
  async purgeDue(): Promise<readonly string[]> {
    return [];
  }

  /** By every alias there is: what somebody scheduled at a console, or in another tool, counts the same. A key that was replaced here has none. */
  async ending(): Promise<readonly string[]> {
    const found: string[] = [];
    for (const spec of [...this.#specs, ...CA_KEYS]) found.push(...(await this.#endingOf(spec)));
    for (const domain of STORAGE_DOMAINS) if (await this.#isEnding(storageKeyName(domain))) found.push(storageKeyName(domain));
    return found;
  }

  async newestGeneration(id: string): Promise<{ readonly id: string; readonly createdAt: number }> {
    const spec = this.#specs.find((candidate) => candidate.id === id);
    const newest = spec && (await this.#generations.newest(spec));
    if (newest === undefined) throw kmsError('ERR_KMS_NOT_FOUND');
    return { id: `${id}-${newest.generation}`, createdAt: newest.createdAt };
  }

  /** Generations that may still be used; of a key without generations the key itself. */
  async #endingOf(spec: KmsKey): Promise<readonly string[]> {
    if (!hasGenerations(spec)) return (await this.#isEnding(spec.id)) ? [spec.id] : [];
    const all = await this.#generations.all(spec);
    const found = all.length === 0 ? [spec.id] : [];
    for (const { generation, ending } of all)
      if (ending && (await this.#generations.accepts(spec, generation))) found.push(`${spec.id}-${generation}`);
    return found;
  }

  async #isEnding(name: string): Promise<boolean> {
    return (await this.#generations.describe(keyAlias(this.#parts.stage, name)))?.ending ?? true;
  }

  async #addGenerationWhenDue(spec: KmsKey): Promise<boolean> {
    const { stage } = this.#parts;
    const newest = await this.#generations.newest(spec);
    if (newest === undefined) throw kmsError('ERR_KMS_NOT_FOUND');
    const due = this.#isDue(spec, newest);
    let { keyId } = newest;
    if (due) {
      keyId = await this.#makeLike(spec, newest.keyId);
      await this.#send(new CreateAliasCommand({ AliasName: keyAlias(stage, spec.id, newest.generation + 1), TargetKeyId: keyId }));
    }
    const inUse = await this.#generations.describe(keyAlias(stage, spec.id));
    if (inUse?.keyId !== keyId) await this.#send(new UpdateAliasCommand({ AliasName: keyAlias(stage, spec.id), TargetKeyId: keyId }));
    return due;
  }

  /** Nobody keeps what such a key made: the old one ends. */
  async #replaceWhenDue(spec: KmsKey): Promise<boolean> {
    const alias = keyAlias(this.#parts.stage, spec.id);
    const current = await this.#generations.describe(alias);
    if (current === undefined) throw kmsError('ERR_KMS_NOT_FOUND');
    if (!this.#isDue(spec, current)) return false;
    const keyId = await this.#makeLike(spec, current.keyId);
    await this.#send(new UpdateAliasCommand({ AliasName: alias, TargetKeyId: keyId }));
    if (!current.ending)
      await this.#send(new ScheduleKeyDeletionCommand({ KeyId: current.keyId, PendingWindowInDays: DELETED_AFTER_DAYS }));
    return true;
  }

  /** A key that was disabled signs nothing any more, so its successor can't wait. */
  #isDue({ rotationDays }: KmsKey, { createdAt, enabled }: DescribedKey): boolean {
    return !enabled || this.#parts.clock.now() - createdAt >= rotationDays * DAY_MS;
  }

  /** A new key that the same people may use for the same. @returns its id */
  async #makeLike({ id, usage }: KmsKey, keyId: string): Promise<string> {
    const { Policy } = await this.#send(new GetKeyPolicyCommand({ KeyId: keyId, PolicyName: 'default' }));
    const Tags = [{ TagKey: KEY_TAG, TagValue: resourceName(this.#parts.stage, id) }];
    const { KeyMetadata } = await this.#send(new CreateKeyCommand({ ...KIND_OF[usage as MadeHere], Policy, Tags, Description: id }));
    return KeyMetadata!.KeyId!;
  }

  readonly #send: KmsParts['client']['send'] = async (command: never): Promise<never> => {
    this.#parts.operations.count('kms.symmetric');
    try {
      return (await this.#parts.client.send(command)) as never;
    } catch (error) {
      throw kmsServiceError(error);
    }
  };
}
