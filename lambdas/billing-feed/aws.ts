import { awsPlatform } from '../../platform/aws/platform.ts';
import { ALL_DEFENCES } from '../../topology/defences.ts';
import { makeBillingFeed } from './handler.ts';

export const handler = makeBillingFeed(awsPlatform('billing-api'), ALL_DEFENCES);
