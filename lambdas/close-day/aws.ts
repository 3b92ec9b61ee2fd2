import { awsPlatform } from '../../platform/aws/platform.ts';
import { makeCloseDay } from './handler.ts';

export const handler = makeCloseDay(awsPlatform('close-day'));
