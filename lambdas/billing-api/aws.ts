import { awsPlatform } from '../../platform/aws/platform.ts';
import { makeBillingApi } from './handler.ts';

export const handler = makeBillingApi(awsPlatform('billing-api'));
