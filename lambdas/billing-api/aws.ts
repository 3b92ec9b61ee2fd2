import { makeDoorHandler } from '../../platform/aws/doors/door-handler.ts';
import { awsPlatform } from '../../platform/aws/platform.ts';
import { ALL_DEFENCES } from '../../topology/defences.ts';
import { makeBillingApi } from './handler.ts';

export const handler = makeDoorHandler('billing-api', awsPlatform('billing-api'), ALL_DEFENCES, makeBillingApi);
