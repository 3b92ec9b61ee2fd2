import type { APIGatewayProxyEvent, APIGatewayProxyResult } from 'aws-lambda';
import type { Clock } from '../../platform/ports/platform.ts';
import { answerSandbox } from './sandbox.ts';

/**
 * The sandbox of third parties. It is handed a clock and no platform: there is no way from here to anybody's data.
 * @source X.1332 9.3
 */
export function makeSandbox(clock: Clock): (event: APIGatewayProxyEvent) => Promise<APIGatewayProxyResult> {
  return async (event) => answerSandbox(clock, event);
}
