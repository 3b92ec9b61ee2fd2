import { Duration, Stack } from 'aws-cdk-lib';
import { EventSourceMapping, FilterCriteria, FilterRule, type IFunction, StartingPosition } from 'aws-cdk-lib/aws-lambda';
import { SqsDlq } from 'aws-cdk-lib/aws-lambda-event-sources';
import { Queue } from 'aws-cdk-lib/aws-sqs';
import type { Construct } from 'constructs';
import type { FeedSpec } from '../../topology/feeds.ts';
import type { FunctionSpec } from '../../topology/functions.ts';
import type { QueueSpec } from '../../topology/queues.ts';
import { queueArn } from '../names.ts';
import type { Stage } from '../stage.ts';

/** The service goes no lower. */
const LEAST_CONCURRENCY = 2;

/**
 * Messages of a queue to a function. Never filtered: what a filter doesn't let through is deleted. No more are taken than the function
 * may run at a time, its queues sharing it, so that a message is never received for nothing.
 */
export function receive(
  scope: Construct,
  stage: Stage,
  target: IFunction,
  { reservedConcurrency }: FunctionSpec,
  queue: QueueSpec,
  queues: number,
): void {
  new EventSourceMapping(scope, `receive-${queue.name}`, {
    target,
    eventSourceArn: queueArn(Stack.of(scope), stage, queue.name),
    batchSize: queue.batchSize,
    reportBatchItemFailures: true,
    maxConcurrency: Math.max(LEAST_CONCURRENCY, Math.floor(reservedConcurrency / queues)),
  });
}

/** As many as a mapping can be given. */
const MOST_RETRIES = 10_000;

/**
 * Commits to a function: those of the streams it follows, in their order, from the beginning. Which of them is at fault the function finds out and sets
 * aside itself; what waits for a service that is away is tried until it is too old.
 */
export function follow(scope: Construct, stage: Stage, target: IFunction, feed: FeedSpec, changes: string): void {
  const setAside = Queue.fromQueueArn(scope, `${feed.name}-failures`, queueArn(Stack.of(scope), stage, feed.onFailure));
  new EventSourceMapping(scope, `follow-${feed.name}`, {
    target,
    eventSourceArn: changes,
    startingPosition: StartingPosition.TRIM_HORIZON,
    batchSize: feed.batchSize,
    maxBatchingWindow: Duration.seconds(1),
    parallelizationFactor: feed.parallelization,
    bisectBatchOnError: true,
    retryAttempts: MOST_RETRIES,
    maxRecordAge: Duration.hours(feed.patienceHours),
    reportBatchItemFailures: true,
    onFailure: new SqsDlq(setAside),
    // One pattern of many prefixes: a mapping may have five patterns.
    filters: [
      FilterCriteria.filter({
        eventName: FilterRule.isEqual('INSERT'),
        dynamodb: { Keys: { pk: { S: feed.streams.flatMap((prefix) => FilterRule.beginsWith(prefix)) } } },
      }),
    ],
  });
}
