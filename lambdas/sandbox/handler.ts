import type { APIGatewayProxyEvent, APIGatewayProxyResult } from 'aws-lambda';
import { answerSandbox } from './sandbox.ts';

/**
 * The sandbox of third parties. It is handed no platform, not even a clock: there is no way from here to anybody's data.
 * @source X.1332 9.3
 */
export function makeSandbox(): (event: APIGatewayProxyEvent) => Promise<APIGatewayProxyResult> {
  return async (event) => answerSandbox(event);
}
