import type { APIGatewayProxyEvent, APIGatewayProxyResult } from 'aws-lambda';
import type { Platform } from '../../platform/ports/platform.ts';
import type { Defences } from '../../topology/defences.ts';
import type { Doorsteps } from '../http/deployed-doors.ts';

export function makeThirdPartyApi(_platform: Platform, _defences: Defences, _doors: () => Doorsteps) {
  return async (_event: APIGatewayProxyEvent): Promise<APIGatewayProxyResult> => ({ statusCode: 404, body: '' });
}
