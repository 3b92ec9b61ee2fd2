import { awsPlatform } from '../../platform/aws/platform.ts';
import { makePriceApi } from './handler.ts';

export const handler = makePriceApi(awsPlatform('price-api'));
