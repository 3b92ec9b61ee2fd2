import { CreateAliasCommand, CreateKeyCommand } from '@aws-sdk/client-kms';
import { hasGenerations } from '../../../../platform/kms/key-generations.ts';
import { CA_KEYS, KMS_KEYS } from '../../../../topology/keys.ts';
import { keyAlias, storageKeyName } from '../../../../topology/names.ts';
import { STORAGE_DOMAINS } from '../../../../topology/storage.ts';
import type { FakeKms } from './fake-kms.ts';

const USAGE = {
  'encrypt-decrypt': 'ENCRYPT_DECRYPT',
  'key-agreement': 'KEY_AGREEMENT',
  'sign-verify': 'SIGN_VERIFY',
  mac: 'GENERATE_VERIFY_MAC',
} as const;

/** How many keys a stage has: those of the service, of its certification authority, and of its storage. */
export const DEPLOYED_KEYS = KMS_KEYS.length + CA_KEYS.length + STORAGE_DOMAINS.length;

/** Keys and aliases of stage `dev`, as the stack of keys leaves them. */
export async function deployKeys({ client }: FakeKms): Promise<void> {
  const storage = STORAGE_DOMAINS.map((domain) => ({ id: storageKeyName(domain), usage: 'encrypt-decrypt' as const }));
  for (const { id, usage } of [...KMS_KEYS, ...CA_KEYS, ...storage]) {
    const { KeyMetadata } = await client.send(new CreateKeyCommand({ KeyUsage: USAGE[usage], Policy: `policy of ${id}` }));
    const TargetKeyId = KeyMetadata!.KeyId!;
    await client.send(new CreateAliasCommand({ AliasName: keyAlias('dev', id), TargetKeyId }));
    if (hasGenerations({ usage })) await client.send(new CreateAliasCommand({ AliasName: keyAlias('dev', id, 1), TargetKeyId }));
  }
}
