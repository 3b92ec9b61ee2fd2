import { hkdfSync } from 'node:crypto';
import { KMSClient } from '@aws-sdk/client-kms';
import { kmsContract } from '../../contract/kms.ts';
import { ManualClock } from '../../support/memory-platform.ts';
import { freshStage, laneClient } from './support/endpoint.ts';
import { awsKmsUnderTest } from './support/kms-under-test.ts';

/** Keys are made by the service's clock. The test's goes ahead, so that the days it passes have passed for them too. */
const A_MOMENT = 60_000;

kmsContract(
  'AWS KMS, an emulator',
  async () => {
    const client = new KMSClient(laneClient());
    return await awsKmsUnderTest(client, client, freshStage(), new ManualClock(Date.now() + A_MOMENT));
  },
  {
    policies: 'not asked',
    deletion: 'unseen',
    derived: (secret) => Buffer.from(hkdfSync('sha256', secret, Buffer.alloc(0), Buffer.alloc(0), 32)),
  },
);
