import type { Context, SQSBatchResponse, SQSEvent } from 'aws-lambda';

/** An SQSEvent as the event source mapping makes it. */
export function sqsEvent(queue: string, bodies: readonly string[]): SQSEvent {
  return {
    Records: bodies.map((body, index) => ({
      messageId: `message-${index}`,
      receiptHandle: `receipt-${index}`,
      body,
      attributes: { ApproximateReceiveCount: '1', SentTimestamp: '0', SenderId: 'gateway', ApproximateFirstReceiveTimestamp: '0' },
      messageAttributes: {},
      md5OfBody: '',
      eventSource: 'aws:sqs',
      eventSourceARN: `arn:aws:sqs:eu-central-1:000000000000:${queue}`,
      awsRegion: 'eu-central-1',
    })),
  };
}

/** A Lambda context as far as handlers look at it. */
export function lambdaContext(functionName: string): Context {
  return {
    functionName,
    functionVersion: '$LATEST',
    invokedFunctionArn: `arn:aws:lambda:eu-central-1:000000000000:function:${functionName}`,
    awsRequestId: '00000000-0000-4000-8000-000000000000',
    memoryLimitInMB: '512',
    logGroupName: functionName,
    logStreamName: 'test',
    callbackWaitsForEmptyEventLoop: false,
    getRemainingTimeInMillis: () => 30_000,
    done: () => undefined,
    fail: () => undefined,
    succeed: () => undefined,
  };
}

/** Message ids a batch handler gave back for another try. */
export function failedIds(response: SQSBatchResponse | undefined): string[] {
  return (response?.batchItemFailures ?? []).map((failure) => failure.itemIdentifier);
}
