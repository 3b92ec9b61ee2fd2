import { makeDoorHandler } from '../../platform/aws/doors/door-handler.ts';
import { awsPlatform } from '../../platform/aws/platform.ts';
import { ALL_DEFENCES } from '../../topology/defences.ts';
import { makeAccountApi } from './handler.ts';

export const handler = makeDoorHandler('account-api', awsPlatform('account-api'), ALL_DEFENCES, makeAccountApi);
