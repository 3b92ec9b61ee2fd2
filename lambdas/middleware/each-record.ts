import { BatchProcessor, EventType, processPartialResponse } from '@aws-lambda-powertools/batch';
import type { Context, SQSBatchResponse, SQSEvent, SQSRecord } from 'aws-lambda';
import { codeOf } from '../../events/errors.ts';
import type { Log } from '../../platform/ports/platform.ts';

/**
 * Runs `work` for every record of the batch, all at once, and gives back only those that failed: the queue delivers
 * them again and, after the last try, sets them aside. The processor keeps state, so each invocation has its own.
 */
export async function eachRecord(
  event: SQSEvent,
  context: Context,
  log: Log,
  work: (record: SQSRecord) => Promise<void>,
): Promise<SQSBatchResponse> {
  const reported = async (record: SQSRecord): Promise<void> => {
    try {
      await work(record);
    } catch (error) {
      log.error('record failed', { code: codeOf(error), requestId: context.awsRequestId });
      throw error;
    }
  };
  const processor = new BatchProcessor(EventType.SQS);
  return processPartialResponse(event, reported, processor, { context, throwOnFullBatchFailure: false });
}
