import { OperationCounts } from '../../platform/aws/operations.ts';
import { S3Witness } from '../../platform/aws/witness.ts';
import { EmbeddedWitness } from '../../platform/embedded/witness.ts';
import { fakeS3 } from '../aws/services/support/fake-s3.ts';
import { discard, TestClock, temporaryDirectory } from '../contract/support/state.ts';
import { witnessContract } from '../contract/witness.ts';
import { ManualClock } from '../support/memory-platform.ts';

witnessContract('a folder', () => {
  const directory = temporaryDirectory();
  return { witness: new EmbeddedWitness(directory, new TestClock()), close: () => discard(directory) };
});

witnessContract('S3, a fake behind the client', () => {
  const client = fakeS3([], new Map(), undefined, new ManualClock(Date.UTC(2026, 0, 15, 10)));
  return { witness: new S3Witness({ client, bucket: 'witness', operations: new OperationCounts() }), close: () => undefined };
});
