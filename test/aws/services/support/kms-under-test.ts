import {
  CancelKeyDeletionCommand,
  CreateAliasCommand,
  CreateKeyCommand,
  type CreateKeyCommandInput,
  DisableKeyCommand,
  EnableKeyCommand,
  type KMSClient,
  RotateKeyOnDemandCommand,
  ScheduleKeyDeletionCommand,
  UpdateAliasCommand,
} from '@aws-sdk/client-kms';
import { AwsKms } from '../../../../platform/aws/kms.ts';
import { OperationCounts } from '../../../../platform/aws/operations.ts';
import { kmsServiceError } from '../../../../platform/aws/service-errors.ts';
import { hasGenerations } from '../../../../platform/kms/key-generations.ts';
import type { KeyUsage } from '../../../../topology/keys.ts';
import { keyAlias } from '../../../../topology/names.ts';
import { CONTRACT_KEYS, type KmsUnderTest } from '../../../contract/kms.ts';
import type { ManualClock } from '../../../support/memory-platform.ts';

const KIND: Readonly<Record<KeyUsage, CreateKeyCommandInput>> = {
  'encrypt-decrypt': { KeySpec: 'SYMMETRIC_DEFAULT', KeyUsage: 'ENCRYPT_DECRYPT' },
  'key-agreement': { KeySpec: 'ECC_NIST_P256', KeyUsage: 'KEY_AGREEMENT' },
  'sign-verify': { KeySpec: 'ECC_NIST_P256', KeyUsage: 'SIGN_VERIFY' },
  mac: { KeySpec: 'HMAC_256', KeyUsage: 'GENERATE_VERIFY_MAC' },
};

/** The adapter with the contract's keys, made through the very service that is behind the client. @param stage a name of its own for each test */
export async function awsKmsUnderTest(client: KMSClient, stranger: KMSClient, stage: string, clock: ManualClock): Promise<KmsUnderTest> {
  const ids = new Map<string, string[]>();
  const make = async (id: string) => {
    const spec = CONTRACT_KEYS.find((key) => key.id === id)!;
    const { KeyMetadata } = await client.send(new CreateKeyCommand(KIND[spec.usage]));
    const TargetKeyId = KeyMetadata!.KeyId!;
    const made = [...(ids.get(id) ?? []), TargetKeyId];
    ids.set(id, made);
    if (hasGenerations(spec)) await client.send(new CreateAliasCommand({ AliasName: keyAlias(stage, id, made.length), TargetKeyId }));
    const AliasName = keyAlias(stage, id);
    await client.send(
      made.length === 1 ? new CreateAliasCommand({ AliasName, TargetKeyId }) : new UpdateAliasCommand({ AliasName, TargetKeyId }),
    );
  };
  for (const { id } of CONTRACT_KEYS) await make(id);
  const administer = async (call: Promise<unknown>) => {
    await call.catch((error: unknown) => Promise.reject(kmsServiceError(error)));
  };
  const keyId = (id: string) => ({ KeyId: ids.get(id)!.at(-1)! });
  const adapter = (over: KMSClient) => new AwsKms({ client: over, stage, clock, operations: new OperationCounts(), keys: CONTRACT_KEYS });
  return {
    kms: adapter(client),
    stranger: adapter(stranger),
    rotate: (id) => (id === 'kek' ? administer(client.send(new RotateKeyOnDemandCommand(keyId(id)))) : make(id)),
    setEnabled: (id, on) => administer(on ? client.send(new EnableKeyCommand(keyId(id))) : client.send(new DisableKeyCommand(keyId(id)))),
    scheduleDeletion: (id, days) => administer(client.send(new ScheduleKeyDeletionCommand({ ...keyId(id), PendingWindowInDays: days }))),
    cancelDeletion: (id) => administer(client.send(new CancelKeyDeletionCommand(keyId(id)))),
    passDays: (days) => clock.advance(days * 86_400_000),
    close: async () => {},
  };
}
