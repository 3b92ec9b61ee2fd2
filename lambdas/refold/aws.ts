import { awsPlatform } from '../../platform/aws/platform.ts';
import { makeRefold } from '../project/handler.ts';

export const handler = makeRefold(awsPlatform('project'));
