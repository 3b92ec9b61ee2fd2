import { generateKeyPairSync } from 'node:crypto';
import { CreateAliasCommand, CreateKeyCommand, KMSClient } from '@aws-sdk/client-kms';
import { expect, it } from 'vitest';
import { AwsKeyClockwork } from '../../../platform/aws/key-clockwork.ts';
import { AwsKms } from '../../../platform/aws/kms.ts';
import { OperationCounts } from '../../../platform/aws/operations.ts';
import { KMS_KEYS } from '../../../topology/keys.ts';
import { keyAlias } from '../../../topology/names.ts';
import { ManualClock } from '../../support/memory-platform.ts';
import { freshStage, laneClient } from './support/endpoint.ts';

const DAY = 86_400_000;
const KINDS = {
  agreement: { KeySpec: 'ECC_NIST_P256', KeyUsage: 'KEY_AGREEMENT' },
  cursor: { KeySpec: 'HMAC_256', KeyUsage: 'GENERATE_VERIFY_MAC' },
} as const;

it('the clockwork adds a generation that works beside the one before, and replaces keys of codes', async () => {
  const client = new KMSClient(laneClient());
  const stage = freshStage();
  const clock = new ManualClock(Date.now());
  for (const [id, kind] of Object.entries(KINDS)) {
    const { KeyMetadata } = await client.send(new CreateKeyCommand(kind));
    for (const AliasName of [keyAlias(stage, id), keyAlias(stage, id, 1)])
      await client.send(new CreateAliasCommand({ AliasName, TargetKeyId: KeyMetadata!.KeyId! }));
  }
  const keys = KMS_KEYS.filter(({ id }) => Object.hasOwn(KINDS, id));
  const parts = { client, stage, clock, operations: new OperationCounts(), keys };
  const clockwork = new AwsKeyClockwork(parts);
  // The service made its keys just now; a use of them is therefore not judged by the clock that went a year ahead.
  const kms = new AwsKms({ ...parts, clock: { now: () => Date.now() } });
  const peer = generateKeyPairSync('ec', { namedCurve: 'P-256' }).publicKey.export({ format: 'der', type: 'spki' });
  const [secret, code] = [await kms.deriveSharedSecret('agreement', peer), await kms.generateMac('cursor', Buffer.from('x'))];
  expect(await clockwork.rotateDue()).toEqual([]);
  clock.advance(365 * DAY + 60_000);
  expect([...(await clockwork.rotateDue())].sort()).toEqual(['agreement', 'cursor']);
  expect((await clockwork.newestGeneration('agreement')).id).toBe('agreement-2');
  expect(await kms.deriveSharedSecret('agreement-1', peer)).toEqual(secret);
  expect((await kms.deriveSharedSecret('agreement', peer)).equals(secret)).toBe(false);
  expect(await kms.deriveSharedSecret('agreement', peer)).toEqual(await kms.deriveSharedSecret('agreement-2', peer));
  expect((await kms.generateMac('cursor', Buffer.from('x'))).equals(code)).toBe(false);
});
