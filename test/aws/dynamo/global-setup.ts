import type { TestProject } from 'vitest/node';
import { startDynamoDbLocal } from '../../../tools/lanes/dynamodb-local.ts';

declare module 'vitest' {
  interface ProvidedContext {
    /** Of the server that the run has started. */
    dynamodbEndpoint: string;
  }
}

/** One server for the run. Where something that it needs is missing, the run says so in one line and fails. */
export default async function start(project: TestProject): Promise<() => Promise<void>> {
  const server = await startDynamoDbLocal().catch((error: Error) => {
    process.stderr.write(`test:dynamodb: ${error.message}\n`);
    process.exit(1);
  });
  project.provide('dynamodbEndpoint', server.endpoint);
  return server.stop;
}
