import { awsPlatform } from '../../platform/aws/platform.ts';
import { makePrices } from './handler.ts';

export const handler = makePrices(awsPlatform('prices'));
