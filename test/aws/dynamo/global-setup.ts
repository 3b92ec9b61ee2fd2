import type { TestProject } from 'vitest/node';
import { startDynamoDbLocal } from '../../../tools/lanes/dynamodb-local.ts';

declare module 'vitest' {
  interface ProvidedContext {
    /** Of the server that the run has started. */
    dynamodbEndpoint: string;
  }
}

/** One server for the run. */
export default async function start(project: TestProject): Promise<() => Promise<void>> {
  const server = await startDynamoDbLocal();
  project.provide('dynamodbEndpoint', server.endpoint);
  return server.stop;
}
