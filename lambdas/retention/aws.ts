import { awsPlatform } from '../../platform/aws/platform.ts';
import { makeRetention } from './handler.ts';

export const handler = makeRetention(awsPlatform('archive'));
