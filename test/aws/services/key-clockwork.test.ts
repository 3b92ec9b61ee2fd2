import { generateKeyPairSync, type KeyObject, sign } from 'node:crypto';
import { type KMSClient, ScheduleKeyDeletionCommand } from '@aws-sdk/client-kms';
import { beforeEach, describe, expect, it } from 'vitest';
import { ASSUMED } from '../../../bench/cost/assumptions.ts';
import { makeKeyDuties } from '../../../lambdas/maintenance/key-duties.ts';
import { findKeyring, loadKeyring, signingKey } from '../../../lambdas/shared/keys/manifest.ts';
import { AwsKeyClockwork } from '../../../platform/aws/key-clockwork.ts';
import { AwsKms } from '../../../platform/aws/kms.ts';
import { offlineRoot } from '../../../platform/aws/offline-root.ts';
import { OperationCounts } from '../../../platform/aws/operations.ts';
import { openManifest } from '../../../protocol/manifest.ts';
import { keyAlias } from '../../../topology/names.ts';
import { MemoryWorld } from '../../support/memory-platform.ts';
import { lambdaContext } from '../../support/sqs.ts';
import { DEPLOYED_KEYS, deployKeys } from './support/deployed-keys.ts';
import { FakeKms } from './support/fake-kms.ts';

const DAY = 86_400_000;
let world: MemoryWorld;
let fake: FakeKms;
let clockwork: AwsKeyClockwork;

const partsOn = (client: KMSClient) => ({ client, stage: 'dev', clock: world.clock, operations: new OperationCounts() });
const aliasesOf = (id: string) => [...fake.aliases.keys()].filter((alias) => alias.startsWith(keyAlias('dev', id))).sort();
const keyBehind = (alias: string) => fake.keys.get(fake.aliases.get(alias)!)!;

beforeEach(async () => {
  world = new MemoryWorld({ now: Date.UTC(2026, 0, 15) });
  fake = new FakeKms(world.clock);
  await deployKeys(fake);
  clockwork = new AwsKeyClockwork(partsOn(fake.client));
});

describe('the clockwork of AWS KMS', () => {
  it('does nothing before a rotation is due, and deletes nothing itself', async () => {
    world.clock.advance(364 * DAY);
    const before = new Map(fake.aliases);
    fake.calls.length = 0;
    expect([await clockwork.rotateDue(), await clockwork.purgeDue()]).toEqual([[], []]);
    expect(fake.aliases).toEqual(before);
    expect(new Set(fake.calls)).toEqual(new Set(['DescribeKey']));
    expect(fake.keys.size).toBe(DEPLOYED_KEYS);
  });

  it('makes a new key with the policy of the one before, and leaves symmetric keys to the service', async () => {
    world.clock.advance(365 * DAY);
    expect([...(await clockwork.rotateDue())].sort()).toEqual([
      'agreement',
      'billing-feed',
      'cursor',
      'demand-response',
      'handshake',
      'operator-feed',
      'price',
      'tariff',
      'third-party-feed',
      'token',
      'webhook',
    ]);
    expect(aliasesOf('agreement')).toEqual(['', '-1', '-2'].map((end) => keyAlias('dev', 'agreement') + end));
    const second = keyBehind(keyAlias('dev', 'agreement', 2));
    expect(second).toMatchObject({ usage: 'KEY_AGREEMENT', policy: 'policy of agreement', createdAt: world.clock.now() });
    expect(second.tags).toEqual([{ TagKey: 'joulekeep:key', TagValue: 'joulekeep-dev-agreement' }]);
    expect(keyBehind(keyAlias('dev', 'agreement'))).toBe(second);
    expect(keyBehind(keyAlias('dev', 'agreement', 1)).state).toBe('Enabled');
    expect(await clockwork.newestGeneration('agreement')).toEqual({ id: 'agreement-2', createdAt: world.clock.now() });
    expect(await clockwork.rotateDue()).toEqual([]);
  });

  it('replaces the key of authentication codes, and the old one is pending deletion', async () => {
    const old = keyBehind(keyAlias('dev', 'cursor'));
    world.clock.advance(365 * DAY);
    await clockwork.rotateDue();
    expect(keyBehind(keyAlias('dev', 'cursor'))).toMatchObject({
      usage: 'GENERATE_VERIFY_MAC',
      policy: 'policy of cursor',
      state: 'Enabled',
    });
    expect(old.state).toBe('PendingDeletion');
  });

  it('R9.3-5: never replaces the key of pseudonyms, which people change at the turn of a period', async () => {
    const first = keyBehind(keyAlias('dev', 'pseudonym'));
    world.clock.advance(2 * 3_650 * DAY);
    const rotated = await clockwork.rotateDue();
    expect(rotated).toContain('token');
    expect(rotated).not.toContain('pseudonym');
    expect(keyBehind(keyAlias('dev', 'pseudonym'))).toBe(first);
    expect(first.state).toBe('Enabled');
  });

  it('finishes a rotation that broke off between the aliases', async () => {
    world.clock.advance(365 * DAY);
    const broken = {
      send: async (command: { constructor: { name: string } }) => {
        if (command.constructor.name === 'UpdateAliasCommand') throw new Error('the process ended');
        return fake.client.send(command as never);
      },
    } as unknown as KMSClient;
    await expect(new AwsKeyClockwork(partsOn(broken)).rotateDue()).rejects.toMatchObject({ code: 'ERR_KMS_UNAVAILABLE' });
    const second = keyBehind(keyAlias('dev', 'agreement', 2));
    expect(keyBehind(keyAlias('dev', 'agreement'))).not.toBe(second);
    await clockwork.rotateDue();
    expect(keyBehind(keyAlias('dev', 'agreement'))).toBe(second);
    expect(aliasesOf('agreement').length).toBe(3);
  });

  it.each([
    ['subject-kek', 'a key that wraps others', 'subject-kek'],
    ['storage-register', 'the key that the events lie under', 'storage-register'],
    ['token', 'a key of authentication codes', 'token'],
    ['application', 'a key that people alone change', 'application-1'],
    ['ca-meter', 'the key that signs meters’ certificates', 'ca-meter-1'],
  ])('says that %s is scheduled for deletion, whoever did it: %s', async (id, _, named) => {
    expect(await clockwork.ending()).toEqual([]);
    await fake.client.send(new ScheduleKeyDeletionCommand({ KeyId: keyBehind(keyAlias('dev', id)).id, PendingWindowInDays: 7 }));
    expect(await clockwork.ending()).toEqual([named]);
    world.clock.advance(8 * DAY);
    expect(await clockwork.ending()).toHaveLength(1);
  });

  it('says so of a generation within its overlap, and not of one whose overlap is over', async () => {
    world.clock.advance(365 * DAY);
    await clockwork.rotateDue();
    const first = keyBehind(keyAlias('dev', 'agreement', 1)).id;
    await fake.client.send(new ScheduleKeyDeletionCommand({ KeyId: first, PendingWindowInDays: 30 }));
    // Of codes and tokens the former keys are pending as well, as planned.
    expect(await clockwork.ending()).toEqual(['agreement-1']);
    keyBehind(keyAlias('dev', 'agreement', 1)).deletionAt = Number.POSITIVE_INFINITY;
    world.clock.advance(91 * DAY);
    expect(await clockwork.ending()).toEqual([]);
  });

  it('replaces a key of codes that somebody scheduled for deletion, which is left as it is', async () => {
    const old = keyBehind(keyAlias('dev', 'cursor'));
    await fake.client.send(new ScheduleKeyDeletionCommand({ KeyId: old.id, PendingWindowInDays: 7 }));
    expect(await clockwork.rotateDue()).toEqual(['cursor']);
    expect(old.deletionAt).toBe(world.clock.now() + 7 * DAY);
    expect(await clockwork.ending()).toEqual([]);
  });

  it('a key that is not deployed is named', async () => {
    fake.aliases.clear();
    await expect(clockwork.newestGeneration('agreement')).rejects.toMatchObject({ code: 'ERR_KMS_NOT_FOUND' });
    await expect(clockwork.rotateDue()).rejects.toMatchObject({ code: 'ERR_KMS_NOT_FOUND' });
  });
});

describe('key duties with a root that is offline', () => {
  const root = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const objects = () => world.as('operator-cli').objects;
  const warned = () => world.logged.flatMap(({ fields }) => (fields?.code === 'MANIFEST_UNSIGNED' ? [fields.code] : []));

  beforeEach(() => objects().put('keyring/root', root.publicKey.export({ format: 'der', type: 'spki' })));

  async function run(): Promise<void> {
    const operator = { ...world.as('operator-cli'), kms: new AwsKms(partsOn(fake.client)) };
    const handler = makeKeyDuties(operator, clockwork, offlineRoot(operator.objects));
    await handler({} as never, lambdaContext('key-duties'));
  }

  /** What people do on the machine that has the root. */
  async function signAll(key: KeyObject, encoding: 'der' | 'ieee-p1363' = 'der'): Promise<void> {
    for (const name of await objects().list('keyring/to-sign/')) {
      const bytes = (await objects().get(name))!;
      await objects().put(name.replace('to-sign', 'signed'), sign('sha256', bytes, { key, dsaEncoding: encoding }));
    }
  }

  it('lay the first manifest out to be signed, once, and put it in force when it is', async () => {
    await run();
    world.clock.advance(3_600_000);
    await run();
    expect(await findKeyring(operator())).toBeUndefined();
    // The manifest of meters, and the key list of displays.
    expect((await objects().list('keyring/to-sign/')).length).toBe(2);
    expect(warned().length).toBe(2);
    await signAll(root.privateKey);
    await run();
    const { version, keys, manifest } = await loadKeyring(operator());
    expect([version, ...keys.map(({ kmsKeyId }) => kmsKeyId)]).toEqual([1, 'agreement-1', 'handshake-1']);
    expect(openManifest(manifest, root.publicKey, 0).keys.length).toBe(2);
    await run();
    expect([(await loadKeyring(operator())).version, warned().length]).toEqual([1, 2]);
  });

  it('a run that finds nothing to do costs what the cost page has, and no call of it touches a key', async () => {
    await run();
    await signAll(root.privateKey);
    await run();
    fake.calls.length = 0;
    await run();
    expect(new Set(fake.calls)).toEqual(new Set(['DescribeKey', 'GetPublicKey']));
    expect(fake.calls.length).toBeLessThanOrEqual(ASSUMED.keyDutyCalls);
    expect(fake.calls.length).toBeGreaterThan(0.8 * ASSUMED.keyDutyCalls);
  });

  it('after a rotation meters go on with the old generation until the new manifest is signed', async () => {
    await run();
    await signAll(root.privateKey, 'ieee-p1363');
    await run();
    world.clock.advance(365 * DAY);
    await run();
    const now = world.clock.now();
    expect([(await loadKeyring(operator())).version, signingKey(await loadKeyring(operator()), now).kmsKeyId]).toEqual([1, 'handshake-1']);
    expect(warned().length).toBe(2);
    await signAll(root.privateKey);
    await run();
    expect(signingKey(await loadKeyring(operator()), now).kmsKeyId).toBe('handshake-2');
    expect((await loadKeyring(operator())).version).toBe(2);
  });

  it('what somebody else signed is not put in force, and fails aloud', async () => {
    await run();
    await signAll(generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey);
    await expect(run()).rejects.toMatchObject({ code: 'ERR_MANIFEST_SIGNATURE' });
    expect(await findKeyring(operator())).toBeUndefined();
  });

  const operator = () => world.as('operator-cli');
});
