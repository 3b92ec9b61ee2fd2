import { awsPlatform } from '../../platform/aws/platform.ts';
import { ALL_DEFENCES } from '../../topology/defences.ts';
import { makeBillingTotals } from '../billing-feed/handler.ts';

export const handler = makeBillingTotals(awsPlatform('billing-api'), ALL_DEFENCES);
