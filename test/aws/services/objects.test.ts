import { createHash } from 'node:crypto';
import { GetObjectCommand, ListObjectsV2Command, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { mockClient } from 'aws-sdk-client-mock';
import { beforeEach, describe, expect, it } from 'vitest';
import { S3Objects } from '../../../platform/aws/objects.ts';
import { OperationCounts } from '../../../platform/aws/operations.ts';
import { objectAgeContract, objectStoreContract } from '../../contract/objects.ts';
import { ManualClock } from '../../support/memory-platform.ts';
import { fault } from './support/fake-client.ts';
import { fakeS3 } from './support/fake-s3.ts';

const faked = async () => {
  const clock = new ManualClock(Date.UTC(2026, 0, 15, 10));
  const client = fakeS3([], new Map(), undefined, clock);
  return { objects: new S3Objects({ client, bucket: 'b', operations: new OperationCounts() }), clock, close: async () => {} };
};
objectStoreContract('S3, a fake behind the client', faked);
objectAgeContract('S3, a fake behind the client', faked);

describe('requests to S3', () => {
  const client = new S3Client({ region: 'eu-central-1' });
  const mock = mockClient(client);
  const body = Buffer.from('what lies under its hash');
  const hash = createHash('sha256').update(body);
  const hex = hash.copy().digest('hex');
  const base64 = hash.digest('base64');
  let operations: OperationCounts;
  let objects: S3Objects;

  beforeEach(() => {
    mock.reset();
    operations = new OperationCounts();
    objects = new S3Objects({ client, bucket: 'bucket', operations });
  });
  const put = () => mock.commandCalls(PutObjectCommand).map(({ args }) => args[0].input);

  it('a body carries its hash, and under its hash it is written once', async () => {
    mock.on(PutObjectCommand).resolves({});
    await objects.put('keyring/current', body);
    await objects.put(`archive/${hex}`, body);
    const common = { Bucket: 'bucket', Body: body, ChecksumSHA256: base64 };
    expect(put()).toEqual([
      { ...common, Key: 'keyring/current' },
      { ...common, Key: `archive/${hex}`, IfNoneMatch: '*' },
    ]);
  });

  it('what lies there under its hash is what was to be put; under another key that is a fault', async () => {
    mock.on(PutObjectCommand).rejects(fault('PreconditionFailed', 412));
    await objects.put(`archive/${hex}`, body);
    await expect(objects.put('keyring/current', body)).rejects.toMatchObject({ code: 'ERR_S3_REFUSED', retryable: false });
    await expect(objects.put(`archive/${hex}`, Buffer.from('another'))).rejects.toMatchObject({ code: 'ERR_S3_REFUSED' });
  });

  it('a list is read to the end of its pages, each counted', async () => {
    mock
      .on(ListObjectsV2Command)
      .resolvesOnce({ Contents: [{ Key: 'a/1' }, { Key: 'a/2' }], NextContinuationToken: 'more' })
      .resolvesOnce({ NextContinuationToken: 'still' })
      .resolvesOnce({ Contents: [{ Key: 'a/3' }] });
    expect(await objects.list('a/')).toEqual(['a/1', 'a/2', 'a/3']);
    const tokens = mock.commandCalls(ListObjectsV2Command).map(({ args }) => args[0].input.ContinuationToken);
    expect(tokens).toEqual([undefined, 'more', 'still']);
    expect(operations.snapshot()).toEqual(new Map([['s3.put', { calls: 3, units: 3 }]]));
  });

  it('an absent object is undefined, every other fault is one', async () => {
    mock.on(GetObjectCommand).rejectsOnce(fault('NoSuchKey', 404)).rejectsOnce(fault('NoSuchBucket', 404)).rejects(fault('SlowDown', 503));
    expect(await objects.get('a')).toBeUndefined();
    await expect(objects.get('a')).rejects.toMatchObject({ code: 'ERR_S3_REFUSED' });
    await expect(objects.get('a')).rejects.toMatchObject({ code: 'ERR_S3_THROTTLED', retryable: true });
    expect(operations.snapshot().get('s3.get')).toEqual({ calls: 3, units: 3 });
  });
});
