import { makeDoorHandler } from '../../platform/aws/doors/door-handler.ts';
import { awsPlatform } from '../../platform/aws/platform.ts';
import { ALL_DEFENCES } from '../../topology/defences.ts';
import { makePriceApi } from './handler.ts';

export const handler = makeDoorHandler('price-api', awsPlatform('price-api'), ALL_DEFENCES, makePriceApi);
