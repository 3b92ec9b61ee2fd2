import { makeDoorHandler } from '../../platform/aws/doors/door-handler.ts';
import { awsPlatform } from '../../platform/aws/platform.ts';
import { ALL_DEFENCES } from '../../topology/defences.ts';
import { makeUsageApi } from './handler.ts';

export const handler = makeDoorHandler('usage-api', awsPlatform('usage-api'), ALL_DEFENCES, makeUsageApi);
