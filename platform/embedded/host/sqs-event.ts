import { createHash } from 'node:crypto';
import type { SQSBatchResponse, SQSEvent, SQSRecord } from 'aws-lambda';
import type { ReceivedMessage } from '../queues.ts';

const REGION = 'embedded';
const ACCOUNT = '000000000000';

/** The event an SQS event source mapping makes of received messages. */
export function sqsEvent(queue: string, messages: readonly ReceivedMessage[]): SQSEvent {
  return { Records: messages.map((message) => sqsRecord(queue, message)) };
}

function sqsRecord(queue: string, message: ReceivedMessage): SQSRecord {
  return {
    messageId: message.messageId,
    receiptHandle: message.receipt,
    body: message.body,
    attributes: {
      ApproximateReceiveCount: String(message.receiveCount),
      SentTimestamp: String(message.sentAt),
      SenderId: ACCOUNT,
      ApproximateFirstReceiveTimestamp: String(message.sentAt),
    },
    messageAttributes: {},
    md5OfBody: createHash('md5').update(message.body).digest('hex'),
    eventSource: 'aws:sqs',
    eventSourceARN: `arn:aws:sqs:${REGION}:${ACCOUNT}:${queue}`,
    awsRegion: REGION,
  };
}

/**
 * Which messages come back, by the rules of `ReportBatchItemFailures`: those the response names; none when it says
 * nothing; all when it names one that isn't in the batch or is empty.
 * @returns receipts
 */
export function failedReceipts(messages: readonly ReceivedMessage[], response: SQSBatchResponse | undefined): ReadonlySet<string> {
  const failures = response?.batchItemFailures ?? [];
  const receiptOf = new Map(messages.map(({ messageId, receipt }) => [messageId, receipt]));
  const receipts = failures.map(({ itemIdentifier }) => receiptOf.get(itemIdentifier));
  return new Set(receipts.includes(undefined) ? receiptOf.values() : (receipts as string[]));
}
