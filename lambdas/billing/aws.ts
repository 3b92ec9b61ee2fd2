import { awsPlatform } from '../../platform/aws/platform.ts';
import { makeBilling } from './handler.ts';

export const handler = makeBilling(awsPlatform('billing'));
