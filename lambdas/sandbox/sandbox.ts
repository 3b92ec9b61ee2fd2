import type { APIGatewayProxyEvent, APIGatewayProxyResult } from 'aws-lambda';
import type { Clock } from '../../platform/ports/platform.ts';

export function answerSandbox(_clock: Clock, _event: APIGatewayProxyEvent): APIGatewayProxyResult {
  return { statusCode: 404, body: '' };
}
