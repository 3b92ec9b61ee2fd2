import { Duration, RemovalPolicy, Stack } from 'aws-cdk-lib';
import { Alias, Key, KeySpec, KeyUsage } from 'aws-cdk-lib/aws-kms';
import type { Construct } from 'constructs';
import type { KmsKey, KeyUsage as Usage } from '../../topology/keys.ts';
import { STORAGE_DOMAINS, type StorageDomain } from '../../topology/storage.ts';
import { StorageKey } from '../constructs/storage-key.ts';
import { keyPolicy } from '../key-policy.ts';
import { generationsOf, isRegenerated, SERVICE_KEYS, TOLD, tell } from '../names.ts';
import { physicalName, type Stage } from '../stage.ts';
import type { StageProps } from '../stage-props.ts';

const SPECS: Readonly<Record<Usage, { readonly keySpec: KeySpec; readonly keyUsage: KeyUsage }>> = {
  'encrypt-decrypt': { keySpec: KeySpec.SYMMETRIC_DEFAULT, keyUsage: KeyUsage.ENCRYPT_DECRYPT },
  'key-agreement': { keySpec: KeySpec.ECC_NIST_P256, keyUsage: KeyUsage.KEY_AGREEMENT },
  'sign-verify': { keySpec: KeySpec.ECC_NIST_P256, keyUsage: KeyUsage.SIGN_VERIFY },
  mac: { keySpec: KeySpec.HMAC_256, keyUsage: KeyUsage.GENERATE_VERIFY_MAC },
};

/**
 * Every key there is, in a stack of their own: what is encrypted comes and goes, keys stay. Those of topology/keys.ts by generation,
 * and one for each storage domain.
 * @source X.1332 9.1, 10.1 (keys generated, agreed, stored, refreshed securely)
 */
export class KeysStack extends Stack {
  constructor(scope: Construct, id: string, { stage, env }: StageProps) {
    super(scope, id, { env, description: 'Joulekeep: keys and who may use them', terminationProtection: stage.retains });
    for (const key of SERVICE_KEYS) this.#serviceKey(stage, key);
    for (const domain of STORAGE_DOMAINS) this.#storageKey(stage, domain);
  }

  #serviceKey(stage: Stage, key: KmsKey): void {
    const { id, usage, rotationDays } = key;
    const generations = generationsOf(stage, key);
    const made = generations.map((generation) => {
      const kmsKey = new Key(this, `${id}-${generation}`, {
        description: `Joulekeep ${stage.name}: ${id}, generation ${generation}`,
        ...SPECS[usage],
        enableKeyRotation: usage === 'encrypt-decrypt',
        ...(usage === 'encrypt-decrypt' ? { rotationPeriod: Duration.days(rotationDays) } : {}),
        policy: keyPolicy(this, stage, key),
        removalPolicy: stage.retains ? RemovalPolicy.RETAIN : RemovalPolicy.DESTROY,
        pendingWindow: Duration.days(stage.retains ? 30 : 7),
      });
      tell(this, stage, TOLD.key(id, generation), kmsKey.keyArn);
      if (isRegenerated(key))
        new Alias(this, `${id}-${generation}-alias`, {
          aliasName: `alias/${physicalName(stage, `${id}-${generation}`)}`,
          targetKey: kmsKey,
        });
      return kmsKey;
    });
    new Alias(this, `${id}-alias`, { aliasName: `alias/${physicalName(stage, id)}`, targetKey: made.at(-1)! });
  }

  #storageKey(stage: Stage, domain: StorageDomain): void {
    const key = new StorageKey(this, `storage-${domain}`, { stage, domain });
    tell(this, stage, TOLD.storageKey(domain), key.keyArn);
  }
}
