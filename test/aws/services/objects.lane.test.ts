import { CreateBucketCommand, S3Client } from '@aws-sdk/client-s3';
import { S3Objects } from '../../../platform/aws/objects.ts';
import { OperationCounts } from '../../../platform/aws/operations.ts';
import { objectStoreContract } from '../../contract/objects.ts';
import { freshStage, laneClient } from './support/endpoint.ts';

objectStoreContract('S3, an emulator', async () => {
  const client = new S3Client({ ...laneClient(), forcePathStyle: true });
  const bucket = `joulekeep-${freshStage()}`;
  const CreateBucketConfiguration = { LocationConstraint: 'eu-central-1' } as const;
  await client.send(new CreateBucketCommand({ Bucket: bucket, CreateBucketConfiguration }));
  return {
    objects: new S3Objects({ client, bucket, operations: new OperationCounts() }),
    clock: Date,
    close: async () => client.destroy(),
  };
});
