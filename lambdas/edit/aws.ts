import { makeDoorHandler } from '../../platform/aws/doors/door-handler.ts';
import { awsPlatform } from '../../platform/aws/platform.ts';
import { ALL_DEFENCES } from '../../topology/defences.ts';
import { makeEdit } from './handler.ts';

export const handler = makeDoorHandler('edit', awsPlatform('editing'), ALL_DEFENCES, makeEdit);
