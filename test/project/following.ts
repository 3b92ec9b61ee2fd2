import type { DynamoDBBatchResponse } from 'aws-lambda';
import { makeProject } from '../../lambdas/project/handler.ts';
import type { Arrival } from '../../platform/embedded/event-database.ts';
import { streamEvent } from '../../platform/embedded/host/stream-event.ts';
import type { Platform } from '../../platform/ports/platform.ts';
import { defencesUnderTest } from '../support/defences.ts';
import type { MemoryWorld } from '../support/memory-platform.ts';
import { lambdaContext } from '../support/sqs.ts';

/** Hands arrivals to the function as one batch of the feed. @returns sequence numbers that failed */
export type Follow = (arrivals: readonly Arrival[]) => Promise<readonly string[]>;

/** A worker of the function; a second one has nothing in memory. */
export function follower(platform: Platform): Follow {
  const handler = makeProject(platform, defencesUnderTest());
  return async (arrivals) => failedOf(await handler(streamEvent('test', arrivals), lambdaContext('project')));
}

export function failedOf(response: DynamoDBBatchResponse | undefined): readonly string[] {
  return (response?.batchItemFailures ?? []).map(({ itemIdentifier }) => itemIdentifier);
}

/** Items of tables without their versions, which depend on how commits came in batches. */
export function contents(world: MemoryWorld, tables: readonly string[]): Record<string, string[]> {
  const lines = (name: string) => world.models.dump(name).map(({ key, value }) => `${key.replace('\0', ' ')} ${value}`);
  return Object.fromEntries(tables.map((name) => [name, lines(name)]));
}
