import { awsPlatform } from '../../platform/aws/platform.ts';
import { AREA_ZONE } from '../../topology/forecasting.ts';
import { makeForecast } from './handler.ts';

export const handler = makeForecast(awsPlatform('forecast'), AREA_ZONE);
