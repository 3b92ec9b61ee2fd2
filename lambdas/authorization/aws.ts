import { makeDoorHandler } from '../../platform/aws/doors/door-handler.ts';
import { awsPlatform } from '../../platform/aws/platform.ts';
import { ALL_DEFENCES } from '../../topology/defences.ts';
import { makeAuthorization } from './handler.ts';

export const handler = makeDoorHandler('authorization', awsPlatform('authorization'), ALL_DEFENCES, makeAuthorization);
