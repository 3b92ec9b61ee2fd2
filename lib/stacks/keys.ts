import { Duration, RemovalPolicy, Stack, Tags } from 'aws-cdk-lib';
import { Alias, Key, KeySpec, KeyUsage } from 'aws-cdk-lib/aws-kms';
import type { Construct } from 'constructs';
import type { KmsKey, KeyUsage as Usage } from '../../topology/keys.ts';
import { KEY_TAG } from '../../topology/names.ts';
import { STORAGE_DOMAINS, type StorageDomain } from '../../topology/storage.ts';
import { StorageKey } from '../constructs/storage-key.ts';
import { keyPolicy } from '../key-policy.ts';
import { CLOCKED_KEYS, isNumbered, isSucceeded, SERVICE_KEYS, TOLD, tell } from '../names.ts';
import { physicalName, type Stage } from '../stage.ts';
import type { StageProps } from '../stage-props.ts';

const SPECS: Readonly<Record<Usage, { readonly keySpec: KeySpec; readonly keyUsage: KeyUsage }>> = {
  'encrypt-decrypt': { keySpec: KeySpec.SYMMETRIC_DEFAULT, keyUsage: KeyUsage.ENCRYPT_DECRYPT },
  'key-agreement': { keySpec: KeySpec.ECC_NIST_P256, keyUsage: KeyUsage.KEY_AGREEMENT },
  'sign-verify': { keySpec: KeySpec.ECC_NIST_P256, keyUsage: KeyUsage.SIGN_VERIFY },
  mac: { keySpec: KeySpec.HMAC_256, keyUsage: KeyUsage.GENERATE_VERIFY_MAC },
};

/**
 * Every key there is, in a stack of their own: what is encrypted comes and goes, keys stay. Those of topology/keys.ts,
 * and one for each storage domain.
 * @source X.1332 9.1, 10.1 (keys generated, agreed, stored, refreshed securely)
 */
export class KeysStack extends Stack {
  constructor(scope: Construct, id: string, { stage, env }: StageProps) {
    super(scope, id, { env, description: 'Joulekeep: keys and who may use them', terminationProtection: stage.retains });
    for (const key of SERVICE_KEYS) this.#serviceKey(stage, key);
    for (const domain of STORAGE_DOMAINS) this.#storageKey(stage, domain);
  }

  /** The first generation; of keys that have successors the clock makes the others, under aliases that count on. */
  #serviceKey(stage: Stage, key: KmsKey): void {
    const { id, usage, rotationDays } = key;
    const kmsKey = new Key(this, id, {
      description: `Joulekeep ${stage.name}: ${id}`,
      ...SPECS[usage],
      ...(isSucceeded(key) ? {} : { enableKeyRotation: true, rotationPeriod: Duration.days(rotationDays) }),
      policy: keyPolicy(this, stage, key),
      removalPolicy: stage.retains ? RemovalPolicy.RETAIN : RemovalPolicy.DESTROY,
      pendingWindow: Duration.days(stage.retains ? 30 : 7),
    });
    this.#alias(stage, id, kmsKey);
    if (isNumbered(key)) this.#alias(stage, `${id}-1`, kmsKey);
    if (CLOCKED_KEYS.includes(key)) Tags.of(kmsKey).add(KEY_TAG, physicalName(stage, id));
    if (!isSucceeded(key)) tell(this, stage, TOLD.key(id), kmsKey.keyArn);
  }

  #alias(stage: Stage, name: string, targetKey: Key): void {
    new Alias(this, `${name}-alias`, { aliasName: `alias/${physicalName(stage, name)}`, targetKey });
  }

  #storageKey(stage: Stage, domain: StorageDomain): void {
    const key = new StorageKey(this, `storage-${domain}`, { stage, domain });
    tell(this, stage, TOLD.storageKey(domain), key.keyArn);
  }
}
