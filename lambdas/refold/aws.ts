import { awsPlatform } from '../../platform/aws/platform.ts';
import { makeRefold } from './handler.ts';

export const handler = makeRefold(awsPlatform('project'));
