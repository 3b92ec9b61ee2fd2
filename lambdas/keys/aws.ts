import { awsPlatform } from '../../platform/aws/platform.ts';
import { makeKeys } from './handler.ts';

export const handler = makeKeys(awsPlatform('keys'));
