import { SQSClient } from '@aws-sdk/client-sqs';
import { queuesContract } from '../../contract/queues.ts';
import { CONTRACT_QUEUES } from '../../contract/support/queue-specs.ts';
import { freshStage, laneClient } from './support/endpoint.ts';
import { SqsConsumer } from './support/sqs-consumer.ts';

queuesContract(
  'SQS, an emulator',
  async () => {
    const queues = await SqsConsumer.create(new SQSClient(laneClient()), freshStage(), CONTRACT_QUEUES);
    return { queues, close: () => queues.remove() };
  },
  { wakes: 'nobody', receipts: 'never void', visibility: 'of what is in flight', redriven: 'counted on' },
);
