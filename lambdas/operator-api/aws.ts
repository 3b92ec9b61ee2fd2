import { awsPlatform } from '../../platform/aws/platform.ts';
import { makeOperatorApi } from './handler.ts';

export const handler = makeOperatorApi(awsPlatform('operator-api'));
