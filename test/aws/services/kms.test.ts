import { createPublicKey, generateKeyPairSync, sign, verify } from 'node:crypto';
import {
  DecryptCommand,
  DeriveSharedSecretCommand,
  DescribeKeyCommand,
  GenerateDataKeyCommand,
  GetPublicKeyCommand,
  KMSClient,
  SignCommand,
} from '@aws-sdk/client-kms';
import { mockClient } from 'aws-sdk-client-mock';
import fc from 'fast-check';
import { beforeEach, describe, expect, it } from 'vitest';
import { AwsKms } from '../../../platform/aws/kms.ts';
import { OperationCounts } from '../../../platform/aws/operations.ts';
import { rawSignature } from '../../../platform/kms/der-signature.ts';
import { kmsContract } from '../../contract/kms.ts';
import { ManualClock } from '../../support/memory-platform.ts';
import { fault } from './support/fake-client.ts';
import { FakeKms } from './support/fake-kms.ts';
import { awsKmsUnderTest } from './support/kms-under-test.ts';
import { derOf, ORDER, signDigest } from './support/sign-digest.ts';

const MINUTE = 60_000;

kmsContract('AWS KMS, a fake behind the client', async () => {
  const clock = new ManualClock(Date.UTC(2026, 0, 15));
  const fake = new FakeKms(clock);
  return await awsKmsUnderTest(fake.client, fake.strangersClient, 'dev', clock);
});

describe('requests to AWS KMS', () => {
  const client = new KMSClient({ region: 'eu-central-1' });
  const mock = mockClient(client);
  let clock: ManualClock;
  let operations: OperationCounts;
  let kms: AwsKms;

  beforeEach(() => {
    mock.reset();
    clock = new ManualClock(Date.UTC(2026, 0, 15));
    operations = new OperationCounts();
    kms = new AwsKms({ client, stage: 'prod', clock, operations });
  });
  const notFound = () => mock.on(DescribeKeyCommand).rejects(fault('NotFoundException'));
  const spki = () => generateKeyPairSync('ec', { namedCurve: 'P-256' }).publicKey.export({ format: 'der', type: 'spki' });

  it('name keys by alias and carry the encryption context', async () => {
    mock.on(GenerateDataKeyCommand).resolves({ Plaintext: Buffer.alloc(32, 1), CiphertextBlob: Buffer.from('wrapped') });
    mock.on(DecryptCommand).resolves({ Plaintext: Buffer.alloc(32, 1) });
    const { wrapped } = await kms.generateDataKey('store-kek', { row: 'a' });
    await kms.decrypt('store-kek', wrapped, { row: 'a' });
    const KeyId = 'alias/joulekeep-prod-store-kek';
    const EncryptionContext = { row: 'a' };
    expect(mock.commandCalls(GenerateDataKeyCommand)[0]!.args[0].input).toEqual({ KeyId, KeySpec: 'AES_256', EncryptionContext });
    expect(mock.commandCalls(DecryptCommand)[0]!.args[0].input).toEqual({
      KeyId,
      CiphertextBlob: Buffer.from('wrapped'),
      EncryptionContext,
    });
    expect(operations.snapshot()).toEqual(new Map([['kms.symmetric', { calls: 2, units: 2 }]]));
  });

  it('a message to sign leaves as its digest, and the answer comes back as r || s', async () => {
    const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    mock.on(SignCommand).callsFake(({ Message }: { Message: Buffer }) => ({ Signature: derOf(...signDigest(privateKey, Message)) }));
    const message = Buffer.alloc(10_000, 7);
    const signature = await kms.sign('checkpoint', message);
    expect(verify('sha256', message, { key: publicKey, dsaEncoding: 'ieee-p1363' }, signature)).toBe(true);
    const { input } = mock.commandCalls(SignCommand)[0]!.args[0];
    expect(input).toMatchObject({ MessageType: 'DIGEST', SigningAlgorithm: 'ECDSA_SHA_256' });
    expect(input.Message!.length).toBe(32);
    expect(operations.snapshot().get('kms.asymmetric')).toEqual({ calls: 1, units: 1 });
  });

  it('a peer key that is no point costs no call', async () => {
    notFound();
    const bad = spki();
    bad[bad.length - 1]! ^= 1;
    await expect(kms.deriveSharedSecret('agreement-1', bad)).rejects.toMatchObject({ code: 'ERR_KMS_VALIDATION' });
    expect(mock.commandCalls(DeriveSharedSecretCommand)).toEqual([]);
  });

  it('a handshake asks whether its generation has a successor four times an hour at most', async () => {
    notFound();
    mock.on(DeriveSharedSecretCommand).resolves({ SharedSecret: Buffer.alloc(32) });
    const peer = spki();
    for (let i = 0; i < 50; i++) await kms.deriveSharedSecret('agreement-1', peer);
    expect(mock.commandCalls(DescribeKeyCommand).map(({ args }) => args[0].input.KeyId)).toEqual(['alias/joulekeep-prod-agreement-2']);
    clock.advance(15 * MINUTE);
    await kms.deriveSharedSecret('agreement-1', peer);
    expect(mock.commandCalls(DescribeKeyCommand).length).toBe(2);
    expect(operations.snapshot().get('kms.asymmetric')).toEqual({ calls: 51, units: 51 });
  });

  it('public keys are kept by age and by uses, and faults are not', async () => {
    mock.on(GetPublicKeyCommand).rejectsOnce(fault('ThrottlingException')).resolves({ PublicKey: spki() });
    await expect(kms.getPublicKey('handshake-1')).rejects.toMatchObject({ code: 'ERR_KMS_THROTTLED', retryable: true });
    const first = await kms.getPublicKey('handshake-1');
    first.fill(0);
    expect(createPublicKey({ key: await kms.getPublicKey('handshake-1'), format: 'der', type: 'spki' }).asymmetricKeyType).toBe('ec');
    expect(mock.commandCalls(GetPublicKeyCommand).length).toBe(2);
    clock.advance(15 * MINUTE);
    await kms.getPublicKey('handshake-1');
    expect(mock.commandCalls(GetPublicKeyCommand).length).toBe(3);
    for (let use = 0; use < 10_000; use++) await kms.getPublicKey('handshake-1');
    expect(mock.commandCalls(GetPublicKeyCommand).length).toBe(4);
  });

  it.each([
    ['NotFoundException', 400, 'ERR_KMS_NOT_FOUND', false],
    ['AccessDeniedException', 400, 'ERR_KMS_ACCESS_DENIED', false],
    ['DisabledException', 400, 'ERR_KMS_DISABLED', false],
    ['KMSInvalidStateException', 400, 'ERR_KMS_INVALID_STATE', false],
    ['InvalidKeyUsageException', 400, 'ERR_KMS_INVALID_KEY_USAGE', false],
    ['InvalidCiphertextException', 400, 'ERR_KMS_INVALID_CIPHERTEXT', false],
    ['IncorrectKeyException', 400, 'ERR_KMS_INCORRECT_KEY', false],
    ['ThrottlingException', 400, 'ERR_KMS_THROTTLED', true],
    ['KMSInternalException', 500, 'ERR_KMS_UNAVAILABLE', true],
    ['KeyUnavailableException', 500, 'ERR_KMS_UNAVAILABLE', true],
    ['ExpiredTokenException', 400, 'ERR_KMS_REFUSED', false],
  ])('%s is ours as %3$s', async (name, status, code, retryable) => {
    mock.on(DecryptCommand).rejects(fault(name, status));
    const refused = kms.decrypt('store-kek', Buffer.from('x'), {});
    await expect(refused).rejects.toMatchObject({ code, retryable });
    await expect(refused).rejects.not.toThrow('said the service');
    expect(operations.snapshot().get('kms.symmetric')).toEqual({ calls: 1, units: 1 });
  });

  it('an unreachable service is worth a retry', async () => {
    mock.on(DecryptCommand).rejects(Object.assign(new Error('connect ECONNREFUSED'), { name: 'Error', code: 'ECONNREFUSED' }));
    await expect(kms.decrypt('store-kek', Buffer.from('x'), {})).rejects.toMatchObject({ code: 'ERR_KMS_UNAVAILABLE', retryable: true });
  });
});

describe('DER signatures', () => {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });

  it('of any message come out as r || s with low s, and verify', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 64 }), (message) => {
        const raw = rawSignature(sign('sha256', message, privateKey));
        expect(BigInt(`0x${raw.toString('hex', 32)}`) <= ORDER >> 1n).toBe(true);
        expect(verify('sha256', message, { key: publicKey, dsaEncoding: 'ieee-p1363' }, raw)).toBe(true);
      }),
    );
  });

  it('of any size of r and s keep their values', () => {
    const scalar = fc.oneof(fc.bigInt(1n, ORDER - 1n), fc.bigInt(1n, 0xffffn));
    fc.assert(
      fc.property(scalar, scalar, (r, s) => {
        const raw = rawSignature(derOf(r, s));
        const low = s > ORDER >> 1n ? ORDER - s : s;
        expect([raw.toString('hex', 0, 32), raw.toString('hex', 32)]).toEqual([r, low].map((n) => n.toString(16).padStart(64, '0')));
      }),
    );
  });

  it('that are cut, longer, padded, negative or of three numbers are refused', () => {
    const whole = derOf(5n, 7n);
    const hex = (text: string) => Buffer.from(text, 'hex');
    const bad = [
      ...Array.from({ length: whole.length }, (_, at) => whole.subarray(0, at)),
      Buffer.concat([whole, Buffer.alloc(1)]),
      hex('30080202000502010700'.slice(0, 20)),
      hex('300702020005020107'),
      hex('3006020185020107'),
      hex('3006020100020200'),
      derOf(1n, 2n, 3n),
      derOf(1n << 256n, 1n),
    ];
    for (const der of bad)
      expect(() => rawSignature(der), der.toString('hex')).toThrow(expect.objectContaining({ code: 'ERR_SIGNATURE_ENCODING' }));
  });
});
