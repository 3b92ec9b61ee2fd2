import { awsPlatform } from '../../platform/aws/platform.ts';
import { makeBillRuns } from '../billing/handler.ts';

export const handler = makeBillRuns(awsPlatform('billing'));
