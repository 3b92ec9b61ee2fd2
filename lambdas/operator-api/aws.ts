import { makeDoorHandler } from '../../platform/aws/doors/door-handler.ts';
import { awsPlatform } from '../../platform/aws/platform.ts';
import { ALL_DEFENCES } from '../../topology/defences.ts';
import { makeOperatorApi } from './handler.ts';

export const handler = makeDoorHandler('operator-api', awsPlatform('operator-api'), ALL_DEFENCES, makeOperatorApi);
