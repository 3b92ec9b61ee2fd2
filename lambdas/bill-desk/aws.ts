import { makeDoorHandler } from '../../platform/aws/doors/door-handler.ts';
import { awsPlatform } from '../../platform/aws/platform.ts';
import { ALL_DEFENCES } from '../../topology/defences.ts';
import { makeBillDesk } from './handler.ts';

export const handler = makeDoorHandler('bill-desk', awsPlatform('billing'), ALL_DEFENCES, makeBillDesk);
