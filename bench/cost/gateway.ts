import type { OperationCounts } from '../../platform/aws/operations.ts';

const IOT_UNIT = 5 * 1_024;
const QUEUE_UNIT = 64 * 1_024;

/**
 * A message's way from the gateway to the function, which no adapter sees: the rule and its action, and the queue's send, receive and
 * delete. Basic Ingest: the publish itself is free.
 * @param published bytes that the device sent @param body of the message in the queue
 */
export function countGateway(counts: OperationCounts, published: number, body: string): void {
  counts.count('iot.rule', chunks(published, IOT_UNIT) + chunks(body.length, IOT_UNIT));
  for (const units of [chunks(body.length, QUEUE_UNIT), chunks(body.length, QUEUE_UNIT), 1]) counts.count('sqs.request', units);
}

function chunks(bytes: number, size: number): number {
  return Math.max(1, Math.ceil(bytes / size));
}
